'use strict';

// What callers hold: a limit, its lanes, and functions with a limit of their own.

const {createMap} = require('./batch.js');
const {createCall} = require('./call.js');
const {Gate} = require('./gate.js');
const {ONLINE, OFFLINE, active, pending} = require('./native.js');
const {checkConcurrency, readOptions} = require('./options.js');

/** The properties of a p-limit, speaking of the lanes named. */
const propertiesOf = (gate, lane, spokenOf, rejectOnClear) => {
	const total = count => {
		let units = 0;
		for (const each of spokenOf) {
			units += count(gate.handle, each);
		}

		return units;
	};

	return {
		activeCount: {
			get: () => total(active),
		},
		pendingCount: {
			get: () => total(pending),
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
	};
};

const BOTH = [ONLINE, OFFLINE];

const pLimit = given => {
	const {rejectOnClear, ...options} = readOptions(given);
	const gate = new Gate(options);
	const lanes = [];
	const laneOf = lane => {
		lanes[lane] ??= Object.defineProperties(
			createCall(gate, lane),
			propertiesOf(gate, lane, [lane], rejectOnClear),
		);
		return lanes[lane];
	};

	return Object.defineProperties(createCall(gate, ONLINE), {
		...propertiesOf(gate, ONLINE, BOTH, rejectOnClear),
		online: {
			get: () => laneOf(ONLINE),
		},
		offline: {
			get: () => laneOf(OFFLINE),
		},
		stats: {
			value: () => gate.stats(),
		},
	});
};

const limitFunction = (fn, options) => {
	const limit = pLimit(options);
	const limited = (...args) => limit(fn, ...args);
	return Object.defineProperty(limited, 'clearQueue', {value: limit.clearQueue});
};

module.exports = {pLimit, limitFunction};
