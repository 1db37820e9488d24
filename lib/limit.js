'use strict';

// What callers hold: a limit, its lanes, and functions with a limit of their own.

const {checkBoolean, checkMillis, checkObject} = require('./checks.js');
const {Gate, createOwn, BOTH} = require('./gate.js');
const {Lane, askedOf} = require('./lane.js');
const {ONLINE, OFFLINE} = require('./native.js');
const {NestedGate} = require('./nested.js');
const {readOptions} = require('./options.js');
const {openShared} = require('./shared.js');

const gateOf = limit => Lane.of(limit).gate;

const noOptions = {};

/** A lane of a limit, made when it is first asked for. */
const laneOf = (limit, lane) => {
	const own = Lane.of(limit);
	own.lanes ??= [];
	own.lanes[lane] ??= new Lane({...own, asked: askedOf(lane), spokenOf: [lane]});
	return own.lanes[lane];
};

class Limit extends Lane {
	constructor(gate, settings) {
		super({gate, asked: askedOf(ONLINE), options: noOptions, spokenOf: BOTH, settings, lanes: undefined});
	}

	get online() {
		return laneOf(this, ONLINE);
	}

	get offline() {
		return laneOf(this, OFFLINE);
	}

	get isPaused() {
		return gateOf(this).isPaused;
	}

	pause() {
		gateOf(this).pause.begin();
	}

	resume() {
		gateOf(this).pause.end();
	}

	pauseFor(duration) {
		checkMillis('duration', duration, 0);
		gateOf(this).pause.beginFor(duration);
	}

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
	}

	stats() {
		return gateOf(this).stats();
	}

	[Symbol.asyncDispose]() {
		return this.drain();
	}
}

const createGate = settings => {
	if (settings.name !== undefined) {
		return openShared(settings);
	}

	const handle = createOwn(settings);
	return settings.nested === undefined ? new Gate(settings, handle) : new NestedGate(settings, handle);
};

const pLimit = given => {
	const settings = readOptions(given);
	const gate = createGate(settings);
	return new Limit(gate, gate.settings ?? settings); // who joins a limit has it as it is
};

const limitFunction = (fn, options) => {
	const limit = pLimit(options);
	const limited = (...args) => limit(fn, ...args);
	return Object.defineProperty(limited, 'clearQueue', {value: limit.clearQueue});
};

module.exports = {pLimit, limitFunction};
