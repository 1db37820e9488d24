'use strict';

// The public API: a limit, its lanes, and limited functions.

const {INT32_MAX, checkMillis, checkObject, checkWhole} = require('../common/checks.js');
const {asyncDispose} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {BOTH} = require('../gate/gate.js');
const {OptionNames} = require('../common/option-names.js');
const {Lane, requestOf} = require('./lane.js');
const {ONLINE, OFFLINE} = require('../gate/native.js');
const {readOptions} = require('../options/limit-options.js');
const {INSPECT} = require('../observe/shown.js');
const {openGate} = require('../gate/open-gate.js');

const chainNames = new OptionNames(['weight', 'cost']);

const gateOf = limit => Lane.internalsOf(limit).gate;

const noOptions = {};

/** What calls of most limits request. */
const plain = requestOf(ONLINE);

/** Returns a lane of a limit, which is made at its first use. */
const laneOf = (limit, lane) => {
	const internals = Lane.internalsOf(limit);
	internals.lanes ??= [];
	internals.lanes[lane] ??= new Lane({
		...internals,
		request: requestOf(lane, undefined, internals.request.next),
		countedLanes: [lane],
	});
	return internals.lanes[lane];
};

class Limit extends Lane {
	/** `next` is the link behind the gate, in a chain. */
	constructor(gate, settings, next) {
		const request = next === undefined ? plain : requestOf(ONLINE, undefined, next);
		super({gate, request, options: noOptions, countedLanes: BOTH, settings, lanes: undefined});
		gate.limit ??= this;
	}

	get [INSPECT]() {
		const internals = Lane.internalsOf(this);
		return internals === undefined ? undefined : require('./inspect.js').inspectLimit(internals);
	}

	get online() {
		return laneOf(this, ONLINE);
	}

	get offline() {
		return laneOf(this, OFFLINE);
	}

	chain(limit, given = noOptions) {
		if (!(limit instanceof Limit)) {
			throw invalid('limit', 'a limit of this package', limit);
		}

		checkObject('options', given);
		const own = chainNames.read(given);
		if (own.weight !== undefined) {
			checkWhole('weight', own.weight, 1, INT32_MAX);
			gateOf(limit).checkWeight(ONLINE, own.weight);
		}

		if (own.cost !== undefined) {
			checkWhole('cost', own.cost, 0, INT32_MAX);
		}

		const {gate, request, settings} = Lane.internalsOf(this);
		const {Link, append} = require('./chain.js');
		const added = new Link(gateOf(limit), 'chain', own, Lane.internalsOf(limit).request.next);
		return new Limit(gate, settings, append(gate, request.next, added, limit));
	}

	get isPaused() {
		return gateOf(this).isPaused;
	}

	/** Has no effect on a drained limit, as `pauseFor`: the pause would outlast the drain. */
	pause() {
		const gate = gateOf(this);
		if (!gate.isClosed) {
			gate.pause();
		}
	}

	resume() {
		gateOf(this).resume();
	}

	pauseFor(milliseconds) {
		checkMillis('milliseconds', milliseconds, 0);
		const gate = gateOf(this);
		if (!gate.isClosed) {
			gate.pauseFor(milliseconds);
		}
	}

	/** Aborted when a drain gives up. */
	get signal() {
		return gateOf(this).shutdown.signal;
	}

	async drain(options = {}) {
		const {drain, readDrainOptions} = require('./drain.js'); // most programs end without
		return drain(gateOf(this), readDrainOptions(options));
	}

	stats() {
		return gateOf(this).stats();
	}

	snapshot() {
		return gateOf(this).snapshot();
	}

	async [asyncDispose]() {
		await this.drain();
	}
}

/** Makes a limit from settings that were read. Its running calls also hold a slot of `total`, in the same lane. */
const createUnderTotal = (settings, total) => {
	const gate = openGate(settings);
	if (total === undefined) {
		return new Limit(gate, settings);
	}

	const {Link, append} = require('./chain.js');
	return new Limit(gate, settings, append(gate, undefined, new Link(gateOf(total), 'total', noOptions, undefined)));
};

const open = given => {
	const settings = readOptions(given);
	const gate = openGate(settings);
	return {gate, settings: gate.settings ?? settings}; // a limit that is joined keeps its settings
};

const pLimit = given => {
	const {gate, settings} = open(given);
	return new Limit(gate, settings);
};

const limitFunction = (fn, options) => {
	const limit = pLimit(options);
	const limited = (...args) => limit(fn, ...args);
	return Object.defineProperty(limited, 'clearQueue', {value: limit.clearQueue});
};

pLimit.keyed = given => require('./keyed.js').createKeyed(pLimit, createUnderTotal, given);

module.exports = {Limit, chainNames, pLimit, limitFunction};
