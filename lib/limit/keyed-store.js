'use strict';

// The limits by key: each is made at its first request, and dropped when it was idle for a while.

const {LANE_COUNTERS} = require('../common/lane-counters.js');
const {waiting} = require('../common/time.js');
const {startTimer, stopTimer} = require('../common/timers.js');
const {BOTH} = require('../gate/gate.js');
const {Lane, claimedGate} = require('./lane.js');

/** The sum of counts of many limits, by lane. */
class Counts {
	online = Object.fromEntries(LANE_COUNTERS.map(count => [count, 0]));
	offline = {...this.online};

	/** Adds what `stats` or another sum has. */
	add(counts) {
		for (const lane of ['online', 'offline']) {
			for (const [count, sum] of Object.entries(this[lane])) {
				this[lane][count] = sum + (counts[lane][count] ?? 0);
			}
		}

		return this;
	}
}

/** A limit, and whether it was requested since the last sweep. */
class Entry {
	isUsed = true;

	/** In place of `limit` once that was dropped: while a caller or a call still holds it, its key gets no second one. */
	ref = undefined;

	/** What a limit had counted when it was dropped, or when it was counted since. */
	counts = undefined;

	constructor(limit) {
		this.limit = limit;
	}

	drop(stats) {
		this.ref = new WeakRef(this.limit);
		this.limit = undefined;
		this.counts = new Counts().add(stats);
	}

	/** What the limit has counted and has now; `undefined` if it is gone. */
	stats() {
		const stats = this.held?.stats();
		if (stats !== undefined && this.limit === undefined) {
			this.counts = new Counts().add(stats); // sums do not fall when it is gone
		}

		return stats;
	}

	/** The limit, if anything still holds it. */
	get held() {
		return this.limit ?? this.ref.deref();
	}

	/** The numbers of the limit if a new one would behave the same; `undefined` otherwise. */
	get idleStats() {
		const {activeCount, pendingCount, isPaused} = this.limit;
		if (activeCount + pendingCount > 0 || isPaused) {
			return undefined;
		}

		const stats = this.limit.stats();
		const {rate, rates, online, offline} = stats;
		if (online.pauseEndsIn + offline.pauseEndsIn > 0) {
			return undefined;
		}

		const quotas = rate === undefined ? Object.values(rates ?? {}) : [rate];
		return quotas.every(({available, burst}) => available >= burst) ? stats : undefined;
	}
}

/** Stops the sweeps of keyed limits that nobody can ask for any more. The timer would keep them, and their module. */
const sweepsFinalizer = new FinalizationRegistry(store => {
	store.stop();
});

class KeyedStore {
	#create;
	#idleTimeout;
	#entries = new Map();
	#kept = 0;
	#timer = undefined;

	/** What the limits had counted that are gone. */
	#gone = new Counts();

	#collected = new FinalizationRegistry(key => {
		const entry = this.#entries.get(key);
		if (entry !== undefined && entry.held === undefined) {
			this.#forget(key, entry);
		}
	});

	/** `create(key)` makes a limit. It may run code of the user. */
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

	has(key) {
		return this.#entries.get(key)?.limit !== undefined;
	}

	/** All limits that are kept, and those that were dropped and that a caller or a call still holds. */
	all() {
		return [...this.#entries.values()].map(({held}) => held).filter(limit => limit !== undefined);
	}

	limitOf(key) {
		const entry = this.#entries.get(key);
		if (entry?.limit !== undefined) {
			entry.isUsed = true;
			return entry.limit;
		}

		const limit = entry?.held ?? this.#create(key);
		const current = this.#entries.get(key);
		if (current?.limit !== undefined) {
			return current.limit; // code of the user has asked for it
		}

		if (current !== undefined && current.held === undefined) {
			this.#forget(key, current);
		}

		this.#entries.set(key, new Entry(limit));
		this.#kept++;
		this.#timer ??= this.#sweepLater();

		return limit;
	}

	/** Drops the limit of a key now, whether or not it is idle. Returns whether it was kept. */
	delete(key) {
		if (!this.has(key)) {
			return false;
		}

		const entry = this.#entries.get(key);
		claimedGate(Lane.internalsOf(entry.limit)); // its calls hold it from now on
		this.#drop(key, entry, entry.limit.stats());
		return true;
	}

	/** What all limits have counted, also those that are gone, and what they have now. */
	counts() {
		const counts = new Counts().add(this.#gone);
		const now = {online: {active: 0, pending: 0}, offline: {active: 0, pending: 0}, abandoned: 0};
		for (const entry of this.#entries.values()) {
			const stats = entry.stats();
			counts.add(stats ?? entry.counts);
			if (stats !== undefined) {
				now.abandoned += stats.abandoned;
				for (const lane of ['online', 'offline']) {
					now[lane].active += stats[lane].active;
					now[lane].pending += stats[lane].pending;
				}
			}
		}

		const {abandoned} = now;
		return {online: {...now.online, ...counts.online}, offline: {...now.offline, ...counts.offline}, abandoned};
	}

	/** Counts `active` and `pending` units of all limits; `units(native)` says which. */
	count(units) {
		let total = 0;
		for (const limit of this.all()) {
			const {gate} = Lane.internalsOf(limit);
			total += units(gate.native).reduce((sum, of) => sum + gate.count(of, BOTH), 0);
		}

		return total;
	}

	#drop(key, entry, stats) {
		this.#collected.register(entry.limit, key);
		entry.drop(stats);
		this.#kept--;
	}

	#forget(key, {counts}) {
		this.#entries.delete(key);
		this.#gone.add(counts);
	}

	/** Drops the limits that are idle and were not requested since the last sweep. */
	#sweep() {
		for (const [key, entry] of this.#entries) {
			if (entry.limit === undefined) {
				continue;
			}

			const stats = entry.isUsed ? undefined : entry.idleStats;
			if (stats === undefined) {
				entry.isUsed = false;
			} else {
				this.#drop(key, entry, stats);
			}
		}

		waiting.delete(this);
		this.#timer = this.#kept === 0 ? undefined : this.#sweepLater();
	}

	/** Ends the sweeps. */
	stop() {
		stopTimer(this.#timer);
		waiting.delete(this);
	}

	/** Begins the time until the next sweep again. */
	clockReplaced() {
		stopTimer(this.#timer);
		this.#timer = this.#sweepLater();
	}

	/** Ends the sweeps when nobody has `limits` any more. */
	stopWith(limits) {
		sweepsFinalizer.register(limits, this);
	}

	/** Schedules a sweep. None with `Infinity`: the longest timer of Node would drop limits after some weeks. */
	#sweepLater() {
		const timeout = this.#idleTimeout;
		if (timeout === Number.POSITIVE_INFINITY) {
			return undefined;
		}

		waiting.add(this);
		return startTimer(() => this.#sweep(), timeout).unref();
	}
}

module.exports = {KeyedStore};
