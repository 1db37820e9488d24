'use strict';

// One sample of all limits and pools that are shown: plain data, the same for the page and for the terminal. What happened is that
// since the sample before. A sample goes through JSON, so `slots` is null where `concurrency` is `Infinity`.

const process = require('node:process');
const {LANE_NAMES} = require('../common/checks.js');
const {textOfKey} = require('./sources.js');

/** How many keys of keyed limits are shown: those with the most calls. */
const MOST_KEYS = 5;

const orNull = number => (Number.isFinite(number) ? number : null);

/** No call was measured. */
const NONE = {count: 0, p50: 0, p99: 0};

const durationsOf = ({count, p50, p99}) => ({count, p50, p99});

/** What a lane does now, and what it has done since an earlier snapshot. The first sample has none. */
const laneSample = ({active, pending, oldest, pauseEndsIn = 0}, interval, seconds) => ({
	active,
	pending,
	started: interval === undefined ? 0 : interval.granted / seconds,
	failed: interval === undefined ? 0 : interval.rejected / seconds,
	wait: interval === undefined ? NONE : durationsOf(interval.wait),
	run: interval === undefined ? NONE : durationsOf(interval.run),
	oldest,
	pauseEndsIn,
});

const lanesSample = (snapshot, before) => {
	const interval = before === undefined ? undefined : snapshot.since(before);
	const seconds = Math.max(interval?.duration ?? 0, 1) / 1000;
	return Object.fromEntries(LANE_NAMES.map(name => [name, laneSample(snapshot[name], interval?.[name], seconds)]));
};

const limitSample = (name, limit, snapshot, before) => {
	const {concurrency, reserve, rate, rates, adaptive} = snapshot;
	return {
		kind: 'limit',
		name,
		slots: orNull(concurrency),
		isPaused: limit.isPaused,
		reserve,
		rate,
		rates,
		adaptive,
		...lanesSample(snapshot, before),
	};
};

const poolSample = (name, pool, snapshot, before) => {
	const {threads, utilization} = snapshot;
	// The threads of the reserve come on top of `maxThreads`.
	const slots = Math.max(pool.maxThreads, threads);
	return {kind: 'pool', name, slots, threads, utilization, ...lanesSample(snapshot, before)};
};

/** There may be many keys, so only what costs little is read. */
const keyedSample = (name, limits) => {
	const keys = [];
	let [active, pending] = [0, 0];
	for (const [key, limit] of limits.entries()) {
		const counts = {key, active: limit.activeCount, pending: limit.pendingCount};
		active += counts.active;
		pending += counts.pending;
		if (counts.active + counts.pending > 0) {
			keys.push(counts);
		}
	}

	keys.sort((a, b) => b.active + b.pending - a.active - a.pending);
	const busiest = keys.slice(0, MOST_KEYS).map(({key, ...counts}) => ({key: textOfKey(key), ...counts}));
	return {kind: 'keyed', name, keys: limits.size, active, pending, busiest};
};

/** Takes samples. Each tells what happened since the one before, so each view has a sampler. */
class Sampler {
	#sources;
	/** By source: the snapshot of the last sample. */
	#before = new Map();

	constructor(sources) {
		this.#sources = sources;
	}

	take() {
		const {limits, keyed, pools} = this.#sources;
		return {
			time: Date.now(),
			process: {pid: process.pid, node: process.version, uptime: process.uptime()},
			blocks: [
				...limits.map(([name, limit]) => limitSample(name, limit, ...this.#snapshots(limit))),
				...keyed.map(([name, limits]) => keyedSample(name, limits)),
				...pools.map(([name, pool]) => poolSample(name, pool, ...this.#snapshots(pool))),
			],
		};
	}

	/** Returns a snapshot, and the one before. */
	#snapshots(source) {
		const before = this.#before.get(source);
		const snapshot = source.snapshot();
		this.#before.set(source, snapshot);
		return [snapshot, before];
	}
}

module.exports = {Sampler};
