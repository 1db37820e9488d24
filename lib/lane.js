'use strict';

// A lane: a function that queues calls, with p-limit's properties of its own and all else by its prototype.

const {createMap, createSettle} = require('./batch.js');
const {createCall} = require('./call.js');
const {checkFunction, checkWhole} = require('./checks.js');
const {invalid} = require('./errors.js');
const {active, pending} = require('./native.js');
const {createOnce} = require('./once.js');
const {checkConcurrency, readStreamOptions, readTaskOptions} = require('./options.js');
const {Streaming} = require('./stream.js');

/** What is behind each lane. */
const inside = new WeakMap();

/** What is made when it is asked for, once. */
const lazily = (own, name, create) => {
	own[name] ??= create(own.gate, own.asked, own.options);
	return own[name];
};

/** Resolves when a condition holds of what is behind a lane. */
const until = (lane, holds) => {
	const own = inside.get(lane);
	return own.gate.promises.until(() => holds(own));
};

const lanePrototype = Object.create(Function.prototype);

const define = (prototype, methods) => {
	for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
		Object.defineProperty(prototype, name, {...descriptor, enumerable: false});
	}

	for (const symbol of Object.getOwnPropertySymbols(methods)) {
		Object.defineProperty(prototype, symbol, {value: methods[symbol], configurable: true, writable: true});
	}
};

define(lanePrototype, {
	with(given) {
		const {gate, asked, options, settings} = inside.get(this);
		const {lane, priority, weight, ...rest} = readTaskOptions(given, {...options, ...asked});
		return createLane(gate, askedOf(gate, lane, priority, weight), rest, [lane], settings);
	},

	settle(iterable, mapper, options) {
		return lazily(inside.get(this), 'settle', createSettle)(iterable, mapper, options);
	},

	once(key, fn, ...args) {
		if (typeof fn !== 'function') {
			return Promise.reject(invalid('fn', 'a function', fn));
		}

		return lazily(inside.get(this), 'once', createOnce)(key, fn, ...args);
	},

	stream(source, mapper, given = {}) {
		if (typeof (source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator]) !== 'function') {
			throw invalid('source', 'iterable or async iterable', source);
		}

		checkFunction('mapper', mapper);
		const {gate, asked, options} = inside.get(this);
		return new Streaming(gate, asked, source, mapper, readStreamOptions(given, options));
	},

	transform(mapper, given = {}) {
		checkFunction('mapper', mapper);
		const {gate, asked, options} = inside.get(this);
		const own = readStreamOptions(given, options);
		// Loaded by who asks for a stream.
		const {Duplex} = require('node:stream');
		return Duplex.from(source => new Streaming(gate, asked, source, mapper, own));
	},

	async ready() {
		const {gate, asked} = inside.get(this);
		if (gate.isClosed) {
			throw gate.closed();
		}

		await gate.promises.ready(asked.lane);
	},

	async onSizeLessThan(size) {
		checkWhole('size', size, 1);
		await until(this, ({gate, spokenOf}) => gate.count(pending, spokenOf) < size);
	},

	async onEmpty() {
		await until(this, ({gate, spokenOf}) => gate.count(pending, spokenOf) === 0);
	},

	async onIdle() {
		await until(this, ({gate, spokenOf}) => gate.count(pending, spokenOf) + gate.count(active, spokenOf) === 0);
	},
});

/** What a call asks for. The plain way is not open where calls have to be known by their slot. */
const askedOf = (gate, lane, priority = 0, weight = 1) => ({
	lane,
	priority,
	weight,
	isPlain: priority === 0 && weight === 1 && gate.nested === undefined,
});

/** The properties of a p-limit that speaks of the lanes named. All are non-enumerable and stay as they are. */
const propertiesOf = (gate, asked, options, spokenOf, {rejectOnClear}) => ({
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
		value() {
			gate.clear(spokenOf, rejectOnClear ? AbortSignal.abort().reason : undefined);
		},
	},
	map: {
		value: createMap(gate, asked, options),
	},
});

/** A lane of a limit; `more` are properties besides. */
const createLane = (gate, asked, options, spokenOf, settings, {prototype = lanePrototype, more} = {}) => {
	const call = createCall(gate, asked, options);
	const properties = propertiesOf(gate, asked, options, spokenOf, settings);
	Object.assign(properties, more);
	// One by one: `Object.defineProperties` takes half as long again, and that is most of what a limit costs.
	for (const name of Object.keys(properties)) {
		Object.defineProperty(call, name, properties[name]);
	}

	inside.set(call, {gate, asked, options, spokenOf, settings});
	return Object.setPrototypeOf(call, prototype);
};

module.exports = {askedOf, createLane, define, gateOf: lane => inside.get(lane).gate, lanePrototype};
