'use strict';

// A lane: a function that queues calls, with p-limit's properties of its own and all else by its class.

const {createMap, createSettle} = require('./map/map.js');
const {createCall} = require('./call.js');
const {HIGHEST, checkFunction, checkWhole} = require('./checks.js');
const {invalid} = require('./errors.js');
const {active, pending} = require('./native.js');
const {createOnce} = require('./once.js');
const {checkConcurrency, readRate, readStreamOptions, readTaskOptions} = require('./options.js');
const {Streaming} = require('./stream/stream.js');

/**
 * A base whose instance is the function that it is given: so the class can put private fields on it. (A class that
 * extends `Function` would have to compile one first.)
 */
function Callable(call) {
	return Object.setPrototypeOf(call, new.target.prototype);
}

Callable.prototype = Object.create(Function.prototype);

/** In place of a cost. */
const BY_WEIGHT = -1;

/** What a call asks for. */
const askedOf = (lane, {priority = 0, weight = 1, cost = BY_WEIGHT} = {}) => ({
	lane,
	priority,
	weight,
	cost,
	isPlain: priority === 0 && weight === 1 && cost === BY_WEIGHT,
});

/**
 * What p-limit gives its own: non-enumerable, and as they are for good. They are functions of the gate and not of `this`,
 * so that they work detached and through a proxy, too.
 */
const propertiesOf = ({gate, asked, options, spokenOf, settings}) => ({
	activeCount: {
		get: () => gate.count(active, spokenOf),
	},
	pendingCount: {
		get: () => gate.count(pending, spokenOf),
	},
	concurrency: {
		get: () => gate.concurrency,
		set(concurrency) {
			checkConcurrency(concurrency);
			gate.concurrency = concurrency;
		},
	},
	clearQueue: {
		// It may be somebody's listener, and get anything.
		value(options) {
			const reason = settings.rejectOnClear ? AbortSignal.abort().reason : undefined;
			gate.clear(spokenOf, reason, options?.everywhere === true);
		},
	},
	map: {
		value: createMap(gate, asked, options),
	},
});

class Lane extends Callable {
	/** The only private field: each is a property more to put on a function. */
	#own;

	/** `spokenOf` are the lanes that it counts and clears. */
	constructor(own) {
		super(createCall(own.gate, own.asked, own.options));
		this.#own = own;
		const properties = propertiesOf(own);
		// One by one: `Object.defineProperties` takes half as long again, and that is most of what a limit costs.
		for (const name of Object.keys(properties)) {
			Object.defineProperty(this, name, properties[name]);
		}
	}

	/** What is behind a lane. */
	static of(lane) {
		return lane.#own;
	}

	with(given) {
		const {gate, asked, options, settings} = this.#own;
		const {lane, priority, weight, cost, isPlain, ...rest} = readTaskOptions(given, {...options, ...asked});
		const asking = askedOf(lane, {priority, weight, cost});
		return new Lane({gate, asked: asking, options: rest, spokenOf: [lane], settings});
	}

	/** Of the whole limit, as the concurrency is. */
	get rate() {
		return this.#own.gate.rate;
	}

	set rate(rate) {
		this.#own.gate.rate = readRate(rate);
	}

	charge(cost) {
		checkWhole('cost', cost, -HIGHEST, HIGHEST);
		this.#own.gate.charge(cost);
	}

	settle(iterable, mapper, options) {
		return this.#made('settle', createSettle)(iterable, mapper, options);
	}

	once(key, fn, ...args) {
		if (typeof fn !== 'function') {
			return Promise.reject(invalid('fn', 'a function', fn));
		}

		return this.#made('once', createOnce)(key, fn, ...args);
	}

	stream(source, mapper, given = {}) {
		if (typeof (source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator]) !== 'function') {
			throw invalid('source', 'iterable or async iterable', source);
		}

		checkFunction('mapper', mapper);
		const {gate, asked, options} = this.#own;
		return new Streaming(gate, asked, options, source, mapper, readStreamOptions(given, options));
	}

	transform(mapper, given = {}) {
		checkFunction('mapper', mapper);
		const {gate, asked, options} = this.#own;
		const own = readStreamOptions(given, options);
		// Loaded by who asks for a stream.
		const {Duplex} = require('node:stream');
		return Duplex.from(source => new Streaming(gate, asked, options, source, mapper, own));
	}

	async ready() {
		const {gate, asked} = this.#own;
		await gate.promises.ready(asked);
	}

	async onSizeLessThan(size) {
		checkWhole('size', size, 1);
		await this.#until(() => this.pendingCount < size);
	}

	async onEmpty() {
		await this.#until(() => this.pendingCount === 0);
	}

	async onIdle() {
		await this.#until(() => this.pendingCount + this.activeCount === 0);
	}

	/** What is made when it is first asked for. */
	#made(name, create) {
		const own = this.#own;
		own[name] ??= create(own.gate, own.asked, own.options);
		return own[name];
	}

	#until(holds) {
		return this.#own.gate.promises.until(holds);
	}
}

module.exports = {Lane, askedOf};
