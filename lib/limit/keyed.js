'use strict';

// `pLimit.keyed`: a limit for each key. It is made at its first request, and dropped when it was idle for a while.

const {checkMillis, checkObject} = require('../common/checks.js');
const {invalid, withOptionPath} = require('../common/errors.js');
const {startTimer, stopTimer} = require('../common/timers.js');
const {OptionNames} = require('../common/option-names.js');
const {INSPECT} = require('../observe/shown.js');
const {limitNames, readOptions} = require('../options/limit-options.js');

/** `name` has a refusal of its own. */
const keyedNames = new OptionNames([...limitNames, 'total', 'idleTimeout']);

/** Milliseconds. */
const DEFAULT_IDLE_TIMEOUT = 60_000;

/** A limit, and whether it was requested since the last sweep. */
class Entry {
	isUsed = true;

	/** In place of `limit` once that was dropped: while a caller still holds it, its key gets no second one. */
	ref = undefined;

	constructor(limit) {
		this.limit = limit;
	}

	drop() {
		this.ref = new WeakRef(this.limit);
		this.limit = undefined;
	}

	/** Whether a new limit would behave the same. */
	get isIdle() {
		const {activeCount, pendingCount, isPaused} = this.limit;
		if (activeCount + pendingCount > 0 || isPaused) {
			return false;
		}

		const {rate, online, offline} = this.limit.stats();
		if (online.pauseEndsIn + offline.pauseEndsIn > 0) {
			return false;
		}

		return rate === undefined || rate.available >= rate.burst;
	}
}

/** Stops the sweeps of keyed limits that nobody can ask for any more. The timer would keep them, and their module. */
const sweepsFinalizer = new FinalizationRegistry(keyed => {
	keyed.stop();
});

class Keyed {
	#create;
	#idleTimeout;
	#entries = new Map();
	#kept = 0;
	#timer = undefined;

	#collected = new FinalizationRegistry(key => {
		const entry = this.#entries.get(key);
		if (entry?.ref !== undefined && entry.ref.deref() === undefined) {
			this.#entries.delete(key);
		}
	});

	constructor(create, idleTimeout) {
		this.#create = create;
		this.#idleTimeout = idleTimeout;
	}

	get size() {
		return this.#kept;
	}

	/** Gives the limits that are kept, by key. They count as idle all the same. */
	*entries() {
		for (const [key, {limit}] of this.#entries) {
			if (limit !== undefined) {
				yield [key, limit];
			}
		}
	}

	limitOf(key) {
		const entry = this.#entries.get(key);
		if (entry?.limit !== undefined) {
			entry.isUsed = true;
			return entry.limit;
		}

		const limit = entry?.ref?.deref() ?? this.#create();
		this.#entries.set(key, new Entry(limit));
		this.#kept++;
		this.#timer ??= this.#sweepLater();

		return limit;
	}

	/** Drops the limits that are idle and were not requested since the last sweep. */
	#sweep() {
		for (const [key, entry] of this.#entries) {
			if (entry.limit === undefined) {
				continue;
			}

			if (entry.isUsed || !entry.isIdle) {
				entry.isUsed = false;
			} else {
				this.#collected.register(entry.limit, key);
				entry.drop();
				this.#kept--;
			}
		}

		this.#timer = this.#kept === 0 ? undefined : this.#sweepLater();
	}

	/** Ends the sweeps. */
	stop() {
		stopTimer(this.#timer);
	}

	/** Schedules a sweep. None with `Infinity`: the longest timer of Node would drop limits after some weeks. */
	#sweepLater() {
		const timeout = this.#idleTimeout;
		return timeout === Number.POSITIVE_INFINITY ? undefined : startTimer(() => this.#sweep(), timeout).unref();
	}
}

/** Adds the `nested` of the keys: who waits for inner calls lends its slot of the total, too. */
const withNested = (given, nested) => {
	if (nested === undefined) {
		return given;
	}

	const options = typeof given === 'object' && given !== null ? limitNames.copy(given) : {concurrency: given};
	// The threads that join a named limit agree on its options.
	return options.name === undefined ? {...options, nested: options.nested ?? nested} : options;
};

const createTotalOf = (pLimit, given, nested) => {
	// The types accept a limit, because it has a `concurrency`.
	if (typeof given === 'function') {
		throw invalid(
			'total',
			'a concurrency, or the options of a limit; one that is there is joined by its `name`',
			given,
		);
	}

	if (typeof given === 'object' && given !== null) {
		limitNames.check(given, 'total.');
	}

	try {
		return pLimit(withNested(given, nested));
	} catch (error) {
		throw withOptionPath(error, 'total', given);
	}
};

/** `pLimit.keyed`. `createUnderTotal` makes a limit from settings and defaults, under a total limit. */
const createKeyed = (pLimit, {createUnderTotal, readDefaults}, given = {}) => {
	checkObject('options', given);
	keyedNames.check(given);
	// `null` stays, because p-limit refuses it for its own options.
	const {total: totalOptions, idleTimeout: givenTimeout, ...options} = keyedNames.copy(given);
	const idleTimeout = givenTimeout ?? DEFAULT_IDLE_TIMEOUT;
	if ((options.name ?? undefined) !== undefined) {
		throw invalid('name', 'left out: every key has a limit of its own', options.name);
	}

	if (idleTimeout !== Number.POSITIVE_INFINITY) {
		checkMillis('idleTimeout', idleTimeout, 1);
	}

	pLimit(options); // refuses bad options now
	const total =
		(totalOptions ?? undefined) === undefined
			? undefined
			: createTotalOf(pLimit, totalOptions, options.nested ?? undefined);
	const settings = readOptions(options); // one for all keys
	const defaults = readDefaults(options);
	const create = () => createUnderTotal(settings, defaults, total);
	if (defaults !== undefined) {
		create(); // refuses a weight that the total can't hold now
	}

	const keyed = new Keyed(create, idleTimeout);
	const limits = key => keyed.limitOf(key);
	sweepsFinalizer.register(limits, keyed);
	Object.defineProperty(limits, 'size', {get: () => keyed.size});
	Object.defineProperty(limits, 'entries', {value: () => keyed.entries()});
	Object.defineProperty(limits, INSPECT, {
		value: (...args) => require('./inspect.js').inspectKeyed(keyed, total)(...args),
	});
	return Object.defineProperty(limits, 'total', {value: total});
};

module.exports = {createKeyed, keyedNames};
