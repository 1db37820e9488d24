'use strict';

// What callers hold: a limit, its lanes, and functions with a limit of their own.

const {createMap} = require('./batch.js');
const {createCall} = require('./call.js');
const {Gate, BOTH} = require('./gate.js');
const {ONLINE, OFFLINE, active, pending} = require('./native.js');
const {checkConcurrency, readOptions} = require('./options.js');

/** The properties of a p-limit that speaks of the lanes named. All are non-enumerable and stay as they are. */
const propertiesOf = (gate, lane, spokenOf, {rejectOnClear}) => ({
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
		value: createMap(gate, lane),
	},
});

const createLane = (gate, lane, properties) => {
	const call = createCall(gate, lane);
	// One by one: `Object.defineProperties` takes half as long again, and that is most of what a limit costs.
	for (const name of Object.keys(properties)) {
		Object.defineProperty(call, name, properties[name]);
	}

	return call;
};

const pLimit = given => {
	const options = readOptions(given);
	const gate = new Gate(options);
	const lanes = [];
	const laneOf = lane => {
		lanes[lane] ??= createLane(gate, lane, propertiesOf(gate, lane, [lane], options));
		return lanes[lane];
	};

	const properties = propertiesOf(gate, ONLINE, BOTH, options);
	properties.online = {get: () => laneOf(ONLINE)};
	properties.offline = {get: () => laneOf(OFFLINE)};
	properties.stats = {value: () => gate.stats()};
	return createLane(gate, ONLINE, properties);
};

const limitFunction = (fn, options) => {
	const limit = pLimit(options);
	const limited = (...args) => limit(fn, ...args);
	return Object.defineProperty(limited, 'clearQueue', {value: limit.clearQueue});
};

module.exports = {pLimit, limitFunction};
