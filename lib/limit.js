'use strict';

// What callers hold: a limit, its lanes, and functions with a limit of their own.

const {createTotal} = require('./above.js');
const {checkBoolean, checkMillis, checkObject} = require('./checks.js');
const {BOTH} = require('./gate.js');
const {createKeyed} = require('./keyed.js');
const {Lane, askedOf} = require('./lane.js');
const {ONLINE, OFFLINE} = require('./native.js');
const {readOptions} = require('./options.js');
const {openGate} = require('./open.js');

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
		gateOf(this).pause();
	}

	resume() {
		gateOf(this).resume();
	}

	pauseFor(milliseconds) {
		checkMillis('milliseconds', milliseconds, 0);
		gateOf(this).pauseFor(milliseconds);
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

		gate.resume({onlyHeld: true});
		await this.onIdle();
	}

	stats() {
		return gateOf(this).stats();
	}

	[Symbol.asyncDispose]() {
		return this.drain();
	}
}

/** A limit of which every call takes a slot of another one, too, in its own lane, while it runs. */
const pLimitUnder = (given, total) => {
	const limit = pLimit(given);
	if (total !== undefined) {
		gateOf(limit).total = createTotal(gateOf(total));
	}

	return limit;
};

const pLimit = given => {
	const settings = readOptions(given);
	const gate = openGate(settings);
	return new Limit(gate, gate.settings ?? settings); // who joins a limit has it as it is
};

const limitFunction = (fn, options) => {
	const limit = pLimit(options);
	const limited = (...args) => limit(fn, ...args);
	return Object.defineProperty(limited, 'clearQueue', {value: limit.clearQueue});
};

pLimit.keyed = createKeyed(pLimit, pLimitUnder);

module.exports = {Limit, pLimit, limitFunction};
