'use strict';

// A lane: a function that queues calls. p-limit's properties are its own; all others come from its class.

const {createMaps} = require('../map/map.js');
const {createCall} = require('../call/call.js');
const {INT32_MAX, checkFunction, checkObject, checkWhole} = require('../common/checks.js');
const {abortError} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {lengthOf, readAsyncIterable} = require('../common/iterators.js');
const {COST_IS_WEIGHT, active, pending} = require('../gate/native.js');
const {INSPECT} = require('../observe/shown.js');
const {holdNames, readStreamOptions, readTaskOptions} = require('../options/call-options.js');
const {checkConcurrency} = require('../options/limit-options.js');
const {readCost, readRate} = require('../options/rate-options.js');

/**
 * A base class whose instance is the given function, so subclasses can put private fields on it. A class that extends
 * `Function` would have to compile a function first.
 */
function Callable(call) {
	return Object.setPrototypeOf(call, new.target.prototype);
}

Callable.prototype = Object.create(Function.prototype);

/** Loaded at its first use: most programs do without. */
let runHeld;

/** Loads the class of streams at the first stream: most limits have none. */
const streamClass = () => require('../stream/stream.js').ResultStream;

/** `map` and `settle` of an async iterable, with options that were read. */
const mapAsync = (internals, iterable, mapper, options) => {
	const {mapStream} = require('../stream/async-map.js');
	const begin = readAsyncIterable(iterable, 'iterable', 'iterable, async iterable or array-like');
	const {request, options: bound} = internals;
	const gate = claimedGate(internals);
	const ResultStream = streamClass();
	return mapStream(options, bound.signal, given => new ResultStream(gate, request, bound, begin, mapper, given));
};

const {createMap, createSettle} = createMaps(mapAsync);

const isPlainObject = value =>
	typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const clearNames = new OptionNames(['everywhere']);

const asDefault = {};

/**
 * Returns what a call requests from the gate. In a chain of limits, `next` is the link behind the gate, and `asked` is
 * what the call asks of those limits that it asks nothing else of; see `chain.js`. `costs` are those of the quotas of the
 * gate, if `cost` names some.
 */
const requestOf = (lane, options = asDefault, next = undefined, asked = options) => {
	const {priority = 0, weight = 1, cost = COST_IS_WEIGHT, costs, label, holds = false} = options;
	return {
		lane,
		priority,
		weight,
		cost,
		costs,
		label,
		isPlain: priority === 0 && weight === 1 && cost === COST_IS_WEIGHT,
		holds,
		next,
		asked,
	};
};

/**
 * Returns the gate, which knows its limit from now on: messages and `inspect` name it. Not before, because a gate that does
 * would keep a limit that is made for one batch until the next full collection.
 */
const claimedGate = ({gate, limit}) => {
	gate.limit ??= limit;
	return gate;
};

/**
 * Under which a lane has its internals. Not a private field: through a proxy, methods and getters have the proxy as `this`.
 */
const INTERNALS = Symbol('p-lanes.internals');

/** The accessors that p-limit defines, too: non-enumerable and not configurable. */
const accessors = Object.entries({
	activeCount: {
		get() {
			const {gate, countedLanes} = this[INTERNALS];
			return gate.count(active, countedLanes);
		},
	},
	pendingCount: {
		get() {
			const {gate, countedLanes} = this[INTERNALS];
			return gate.count(pending, countedLanes);
		},
	},
	concurrency: {
		get() {
			return this[INTERNALS].gate.concurrency;
		},
		set(concurrency) {
			checkConcurrency(concurrency);
			claimedGate(this[INTERNALS]).concurrency = concurrency;
		},
	},
});

/** Loads what is known of quotas by name: most limits have none. */
const quotasOf = () => require('../gate/quotas.js');

/** Reads options on top of the bound ones. */
const readBound = ({request, options}, given) => readTaskOptions(given, {...options, ...request});

/** Returns the request and the options of calls with options of `readBound`. */
const bindTo = ({gate, request: bound}, read) => {
	const {lane, priority, weight, cost, costs: _, isPlain, holds, next, asked, ...options} = read;
	if (weight !== bound.weight || lane !== bound.lane) {
		gate.checkWeight(lane, weight);
		bound.next?.checkWeight(lane, weight);
	}

	const costs = typeof cost === 'object' ? quotasOf().costsOf(gate, cost, bound.next) : undefined;
	return {request: requestOf(lane, {priority, weight, cost, costs, label: options.label}, bound.next), options};
};

/** Adds options to the bound ones. Returns the request and the options of calls. */
const bind = (internals, given) => bindTo(internals, readBound(internals, given));

/** Returns the method under `name`, which is made at its first use. */
const lazily = (internals, name, create) => {
	internals[name] ??= create(claimedGate(internals), internals.request, internals.options, internals);
	return internals[name];
};

/** Returns a function of `call/hold.js`, which is made at its first use unless it has its own options. */
const holding = (internals, create, given) => {
	if (given === undefined) {
		return lazily(internals, create, require('../call/hold.js')[create]);
	}

	checkObject('options', given);
	holdNames.check(given);
	const {request, options} = bind(internals, given);
	return require('../call/hold.js')[create](claimedGate(internals), request, options);
};

const untilFewer = ({gate, countedLanes}, below, orRun) => gate.conditions.untilFewer(below, countedLanes, orRun);

/** Creates `clearQueue`, which also works detached. */
const createClearQueue =
	({gate, countedLanes, settings}) =>
	// As an event listener it may get any argument, so only a misspelled option is refused.
	options => {
		if (isPlainObject(options)) {
			clearNames.checkNear(options);
		}

		const reason = settings.rejectOnClear ? abortError() : undefined;
		gate.clear(countedLanes, reason, options?.everywhere === true);
	};

/**
 * p-limit's properties are a lane's own. The accessors are the same functions for all lanes, so that all lanes have one
 * hidden class. With functions of its own, each lane would get its own, which keeps the lane until the next full
 * collection.
 */
class Lane extends Callable {
	/** `internals.countedLanes`: the lanes that it counts and clears. */
	constructor(internals) {
		const {gate, request, options} = internals;
		super(createCall(gate, request, options, internals));
		// Not enumerable, as p-limit's properties; configurable, so that a membrane may give another value for it.
		Object.defineProperty(this, INTERNALS, {value: internals, configurable: true});
		internals.limit ??= this; // a lane has that of its limit
		for (const [name, accessor] of accessors) {
			Object.defineProperty(this, name, accessor);
		}

		Object.defineProperty(this, 'clearQueue', {value: createClearQueue(internals)});
		Object.defineProperty(this, 'map', {value: createMap(gate, request, options, internals)});
	}

	/** Returns the internals of a lane. */
	static internalsOf(lane) {
		return lane[INTERNALS];
	}

	/** A getter, because Node reads it of the lane itself where a proxy of the lane is shown. */
	get [INSPECT]() {
		const internals = this[INTERNALS];
		return internals === undefined ? undefined : require('./inspect.js').inspectLane(internals);
	}

	with(given) {
		const {limit, settings} = this[INTERNALS];
		const gate = claimedGate(this[INTERNALS]);
		const bound = bind(this[INTERNALS], given);
		return new Lane({gate, ...bound, countedLanes: [bound.request.lane], settings, limit});
	}

	/** Queues a call whose function gets a context. Returns its handle. */
	run(fn, given) {
		const gate = claimedGate(this[INTERNALS]);
		runHeld ??= require('../call/handle.js').runHeld;
		return runHeld(this[INTERNALS], gate, fn, given, bindTo);
	}

	/** Waits for slots, which the caller holds until it releases them. */
	async acquire(given) {
		return holding(this[INTERNALS], 'createAcquire', given)();
	}

	/** Takes such slots if they are free. */
	tryAcquire(given) {
		return holding(this[INTERNALS], 'createTryAcquire', given)();
	}

	/** The rate of the whole limit, like `concurrency`. */
	get rate() {
		return this[INTERNALS].gate.rate;
	}

	set rate(rate) {
		claimedGate(this[INTERNALS]).rate = readRate(rate);
	}

	charge(cost) {
		const {gate} = this[INTERNALS];
		gate.charge(readCost(cost, -INT32_MAX));
	}

	observe(response, options) {
		const {observeForLimit} = require('../responses/observe.js');
		return observeForLimit(claimedGate(this[INTERNALS]), response, options);
	}

	settle(iterable, mapper, options) {
		return lazily(this[INTERNALS], 'settle', createSettle)(iterable, mapper, options);
	}

	once(key, fn, ...args) {
		if (typeof fn !== 'function') {
			return Promise.reject(invalid('fn', 'a function', fn));
		}

		return lazily(this[INTERNALS], 'once', require('../call/once.js').createOnce)(key, fn, ...args);
	}

	stream(source, mapper, given = {}) {
		const begin = readAsyncIterable(source, 'source', 'iterable or async iterable');
		checkFunction('mapper', mapper);
		const {request, options} = this[INTERNALS];
		const gate = claimedGate(this[INTERNALS]);
		const ResultStream = streamClass();
		const streamOptions = {...readStreamOptions(given, options), total: lengthOf(source)};
		return new ResultStream(gate, request, options, begin, mapper, streamOptions);
	}

	transform(mapper, given = {}) {
		checkFunction('mapper', mapper);
		const {request, options} = this[INTERNALS];
		const gate = claimedGate(this[INTERNALS]);
		const streamOptions = readStreamOptions(given, options);
		const ResultStream = streamClass();
		const {Duplex} = require('node:stream');
		const {Written} = require('../stream/written.js');
		return Duplex.from(source => {
			const begin = readAsyncIterable(new Written(source), 'source', 'iterable or async iterable');
			return new ResultStream(gate, request, options, begin, mapper, streamOptions);
		});
	}

	async ready() {
		const {gate, request} = this[INTERNALS];
		await gate.conditions.ready(gate.located(request));
	}

	async onSizeLessThan(size) {
		checkWhole('size', size, 1);
		await untilFewer(this[INTERNALS], size);
	}

	async onEmpty() {
		await untilFewer(this[INTERNALS], 1);
	}

	async onIdle() {
		await untilFewer(this[INTERNALS], 1, true);
	}
}

module.exports = {COST_IS_WEIGHT, Callable, Lane, bind, bindTo, claimedGate, clearNames, readBound, requestOf};
