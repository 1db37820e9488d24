'use strict';

// What callers hold: a limit, its lanes, and functions with a limit of their own.

const {checkBoolean, checkMillis, checkObject} = require('./checks.js');
const {Gate, BOTH} = require('./gate.js');
const {askedOf, createLane, define, gateOf, lanePrototype} = require('./lane.js');
const {ONLINE, OFFLINE} = require('./native.js');
const {readOptions} = require('./options.js');

const limitPrototype = Object.create(lanePrototype);

define(limitPrototype, {
	get isPaused() {
		return gateOf(this).pause.isPaused;
	},

	pause() {
		gateOf(this).pause.begin();
	},

	resume() {
		gateOf(this).pause.end();
	},

	pauseFor(duration) {
		checkMillis('duration', duration, 0);
		gateOf(this).pause.beginFor(duration);
	},

	async drain(options = {}) {
		checkObject('options', options);
		const {queued = true} = options;
		checkBoolean('queued', queued);
		const gate = gateOf(this);
		gate.close();
		if (!queued) {
			gate.clear(BOTH, gate.closed());
		}

		gate.pause.end({onlyHeld: true});
		await this.onIdle();
	},

	[Symbol.asyncDispose]() {
		return this.drain();
	},
});

const noOptions = {};

const pLimit = given => {
	const settings = readOptions(given);
	const gate = new Gate(settings);
	const lanes = [];
	const laneOf = lane => {
		lanes[lane] ??= createLane(gate, askedOf(gate, lane), noOptions, [lane], settings);
		return lanes[lane];
	};

	return createLane(gate, askedOf(gate, ONLINE), noOptions, BOTH, settings, {
		prototype: limitPrototype,
		more: {
			online: {get: () => laneOf(ONLINE)},
			offline: {get: () => laneOf(OFFLINE)},
			stats: {value: () => gate.stats()},
		},
	});
};

const limitFunction = (fn, options) => {
	const limit = pLimit(options);
	const limited = (...args) => limit(fn, ...args);
	return Object.defineProperty(limited, 'clearQueue', {value: limit.clearQueue});
};

module.exports = {pLimit, limitFunction};
