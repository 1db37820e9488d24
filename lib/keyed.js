'use strict';

// `pLimit.keyed`: a limit for each key, made when it is asked for and dropped when it has had nothing to do for a while.

const {checkMillis, checkObject} = require('./checks.js');
const {invalid, named} = require('./errors.js');

/** Milliseconds. */
const DEFAULT_IDLE_TIMEOUT = 60_000;

/** A limit, and whether it was asked for since somebody looked. */
class Entry {
	isUsed = true;

	constructor(limit) {
		this.limit = limit;
		/** It goes to the collector when it is dropped; until then who still has it is not given another one beside it. */
		this.ref = new WeakRef(limit);
	}

	/** Whether there is no difference between this limit and a new one. */
	get isIdle() {
		const {activeCount, pendingCount, isPaused} = this.limit;
		if (activeCount + pendingCount > 0 || isPaused) {
			return false;
		}

		const {rate} = this.limit.stats();
		return rate === undefined || rate.available >= rate.burst;
	}
}

class Keyed {
	#create;
	#idleTimeout;
	#entries = new Map();
	#kept = 0;
	#timer = undefined;

	#collected = new FinalizationRegistry(key => {
		if (this.#entries.get(key)?.ref.deref() === undefined) {
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

	limitOf(key) {
		const entry = this.#entries.get(key);
		if (entry?.limit !== undefined) {
			entry.isUsed = true;
			return entry.limit;
		}

		const known = entry?.ref.deref();
		const limit = known ?? this.#create();
		if (known === undefined) {
			this.#collected.register(limit, key);
		}

		this.#entries.set(key, new Entry(limit));
		this.#kept++;
		this.#timer ??= this.#sweepLater();

		return limit;
	}

	/** Drops those that were not asked for since the last time, and are idle. */
	#sweep() {
		for (const entry of this.#entries.values()) {
			if (entry.limit === undefined) {
				continue;
			}

			if (entry.isUsed || !entry.isIdle) {
				entry.isUsed = false;
			} else {
				entry.limit = undefined;
				this.#kept--;
			}
		}

		this.#timer = this.#kept === 0 ? undefined : this.#sweepLater();
	}

	/** Never where that is asked for: Node can't wait that long, and would drop them after some weeks. */
	#sweepLater() {
		const timeout = this.#idleTimeout;
		return timeout === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#sweep(), timeout).unref();
	}
}

const createTotalOf = (pLimit, given) => {
	// The types let a limit pass, as it has a `concurrency`, too.
	if (typeof given === 'function') {
		throw invalid(
			'total',
			'a concurrency, or the options of a limit; one that is there is joined by its `name`',
			given,
		);
	}

	try {
		return pLimit(given);
	} catch (error) {
		throw named(error, 'total', given);
	}
};

/** `pLimit.keyed`, given what makes a limit of options, the second with a limit over it. */
const createKeyed =
	(pLimit, pLimitUnder) =>
	(given = {}) => {
		checkObject('options', given);
		const {total: ofTotal, idleTimeout = DEFAULT_IDLE_TIMEOUT, ...options} = given;
		if (options.name !== undefined) {
			throw invalid('name', 'left out: every key has a limit of its own', options.name);
		}

		if (idleTimeout !== Number.POSITIVE_INFINITY) {
			checkMillis('idleTimeout', idleTimeout, 1);
		}

		pLimit(options); // what can't be used is refused now
		const total = ofTotal === undefined ? undefined : createTotalOf(pLimit, ofTotal);
		const keyed = new Keyed(() => pLimitUnder(options, total), idleTimeout);
		const limits = key => keyed.limitOf(key);
		Object.defineProperty(limits, 'size', {get: () => keyed.size});
		return Object.defineProperty(limits, 'total', {value: total});
	};

module.exports = {createKeyed};
