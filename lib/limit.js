'use strict';

// What callers hold: a limit, its lanes, and functions with a limit of their own.

const {createTaskStart} = require('./call.js');
const {checkBoolean, checkMillis, checkObject} = require('./checks.js');
const {BOTH} = require('./gate.js');
const {createKeyed} = require('./keyed.js');
const {Lane, askedOf} = require('./lane.js');
const {ONLINE, OFFLINE} = require('./native.js');
const {readOptions} = require('./options.js');
const {openGate} = require('./open.js');
const {Task} = require('./task.js');

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

	pauseFor(duration) {
		checkMillis('duration', duration, 0);
		gateOf(this).pauseFor(duration);
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

/** What has a slot of a limit and waits for, or runs in, one of the limit over it. */
class CallAbove extends Task {
	/** The slot that it has is given back, so it can't stay pending whatever the limit over it is made to do. */
	drop(reason = AbortSignal.abort().reason) {
		super.drop(reason);
	}
}

/** Has what runs in a lane of a limit take a slot of that lane of another one, too, as long as it runs. */
const createTotal = ({gate}) => {
	const starts = BOTH.map(lane => createTaskStart(gate, askedOf(lane)));
	return (lane, call) => {
		const run = () => {
			if (call.isStopped) {
				throw AbortSignal.abort().reason; // nobody is told any more
			}

			return call.run();
		};
		const above = new CallAbove(gate, {queueTimeout: call.queueTimeout}, run, []);
		call.waitsAbove?.(above); // what can't be given up has no such method
		try {
			return starts[lane](above);
		} catch (error) {
			throw gate.refusalOf(error);
		}
	};
};

/** A limit of which every call takes a slot of another one, too, in its own lane, while it runs. */
const pLimitUnder = (given, total) => {
	const limit = pLimit(given);
	if (total !== undefined) {
		gateOf(limit).total = createTotal(Lane.of(total));
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
