'use strict';

// The public API: a limit, its lanes, and limited functions.

const {INT32_MAX, checkMillis, checkObject, checkWhole} = require('../common/checks.js');
const {asyncDispose} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {BOTH} = require('../gate/gate.js');
const {OptionNames} = require('../common/option-names.js');
const {COST_IS_WEIGHT, Lane, bind, bindTo, claimedGate, readBound, requestOf} = require('./lane.js');
const {ONLINE, OFFLINE} = require('../gate/native.js');
const {pickDefaults, readOptions} = require('../options/limit-options.js');
const {readCost} = require('../options/rate-options.js');
const {INSPECT} = require('../observe/shown.js');
const {openGate} = require('../gate/open-gate.js');

const chainNames = new OptionNames(['weight', 'cost']);

const gateOf = limit => claimedGate(Lane.internalsOf(limit));

const noOptions = {};

/** Loaded at the first use: most programs change none. */
const tuning = () => require('./settings.js');

/** What calls of most limits request, and their options. */
const unbound = {request: requestOf(ONLINE), options: noOptions};

/** Returns what calls with the options of a request ask for in another lane, or of another link behind the gate. */
const moved = ({priority, weight, cost, costs, label}, lane, next) =>
	requestOf(lane, {priority, weight, cost, costs, label}, next);

/** Returns a lane of a limit, which is made at its first use. */
const laneOf = (limit, lane) => {
	const internals = Lane.internalsOf(limit);
	const {gate, request, options, settings, limit: named} = internals; // not its methods, which have its lane
	internals.lanes ??= [];
	internals.lanes[lane] ??= new Lane({
		gate,
		request: moved(request, lane, request.next),
		options,
		countedLanes: [lane],
		settings,
		lanes: undefined,
		limit: named,
	});
	return internals.lanes[lane];
};

/** Returns what calls ask of a limit that a chain puts behind another one: what is given, or else bound to that limit. */
const ownOf = ({isPlain, weight, cost}, given = noOptions) =>
	isPlain
		? given
		: {...(weight === 1 ? undefined : {weight}), ...(cost === COST_IS_WEIGHT ? undefined : {cost}), ...given};

class Limit extends Lane {
	/** `bound`: the request and the options of its calls. `limit`: that of which this is one with more options bound. */
	constructor(gate, settings, {request, options}, limit) {
		super({gate, request, options, countedLanes: BOTH, settings, lanes: undefined, limit});
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

	/** The same limit, with options bound to its calls. */
	with(given) {
		const internals = Lane.internalsOf(this);
		const gate = claimedGate(internals);
		return new Limit(gate, internals.settings, bind(internals, given), internals.limit);
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
			own.cost = readCost(own.cost);
			if (typeof own.cost === 'object') {
				require('../gate/quotas.js').costsOf(gateOf(limit), own.cost); // refuses what it does not have
			}
		}

		const {request, options, settings} = Lane.internalsOf(this);
		const gate = gateOf(this);
		const behind = Lane.internalsOf(limit).request;
		const {Link, append} = require('./chain.js');
		const added = new Link(gateOf(limit), 'chain', ownOf(behind, own), behind.next);
		const next = append(gate, request.next, added, limit);
		return new Limit(gate, settings, {request: moved(request, request.lane, next), options});
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

	get maxQueue() {
		return tuning().maxQueueOf(gateOf(this));
	}

	set maxQueue(maxQueue) {
		tuning().setMaxQueue(gateOf(this), maxQueue);
	}

	get reserve() {
		return tuning().reserveOf(gateOf(this));
	}

	set reserve(reserve) {
		tuning().setReserve(gateOf(this), reserve);
	}

	get offlineShare() {
		return tuning().offlineShareOf(gateOf(this));
	}

	set offlineShare(share) {
		tuning().setOfflineShare(gateOf(this), share);
	}

	/** Returns the handle of a call by `run` that waits or runs. */
	call(id) {
		return gateOf(this).handles.get(id);
	}

	setPriority(id, priority) {
		checkWhole('priority', priority, -INT32_MAX, INT32_MAX);
		const handle = this.call(id);
		return handle !== undefined && require('../call/handle.js').moveCall(handle, {priority});
	}

	/** Lists what runs and waits. */
	calls(filter) {
		return require('./listing.js').listCalls(gateOf(this), filter);
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

/** A gate that was opened can't be used. */
const leave = gate => {
	if (gate.origin.name !== undefined) {
		gate.leave();
	}
};

/** Reads the options of calls among those of a limit; `undefined` if there are none. */
const readDefaults = given => {
	const defaults = pickDefaults(given);
	return defaults === undefined ? undefined : readBound(unbound, defaults);
};

/** Returns what calls of a new limit are bound to. `next` is the link behind the gate, in a chain. */
const boundOf = (gate, defaults, next) => {
	const bound = next === undefined ? unbound : {request: requestOf(ONLINE, undefined, next), options: noOptions};
	return defaults === undefined ? bound : bindTo({gate, request: bound.request}, defaults);
};

/** The same for a gate that was opened for it. If its calls can't have such defaults, no name stays taken. */
const boundIn = (gate, defaults) => {
	try {
		return boundOf(gate, defaults);
	} catch (error) {
		leave(gate);
		throw error;
	}
};

/**
 * Makes a limit from settings and defaults that were read. Its running calls also hold a slot of `total`, in the same
 * lane. `flow`: whose calls they are there.
 */
const createUnderTotal = (settings, defaults, total, flow) => {
	const gate = openGate(settings);
	if (total === undefined) {
		return new Limit(gate, settings, boundOf(gate, defaults));
	}

	const {Link, append} = require('./chain.js');
	const {request} = Lane.internalsOf(total);
	const link = new Link(gateOf(total), 'total', ownOf(request), request.next, flow);
	return new Limit(gate, settings, boundOf(gate, defaults, append(gate, undefined, link)));
};

const pLimit = given => {
	const settings = readOptions(given);
	const defaults = readDefaults(given);
	const gate = openGate(settings);
	// A limit that is joined keeps its settings. The defaults are this caller's.
	return new Limit(gate, gate.settings ?? settings, boundIn(gate, defaults));
};

const limitFunction = (fn, options) => {
	const limit = pLimit(options);
	const limited = (...args) => limit(fn, ...args);
	return Object.defineProperty(limited, 'clearQueue', {value: limit.clearQueue});
};

pLimit.keyed = given =>
	require('./keyed.js').createKeyed({pLimit, Limit, createUnderTotal, leave, readDefaults}, given);

module.exports = {Limit, chainNames, pLimit, limitFunction};
