'use strict';

// One sample of all limits and pools that are shown: plain data, the same for the page and for the terminal. It goes through JSON,
// so `concurrency` is null where it is `Infinity`.

const process = require('node:process');
const {now} = require('../common/environment.js');
const {LANE_NAMES} = require('../common/checks.js');

/** How many keys of a keyed limit are shown: those with the most calls. */
const MOST_KEYS = 5;

const orNull = number => (Number.isFinite(number) ? number : null);

/** Adds what happened in a second since the sample before. */
const laneSample = (lane, before, seconds) => {
	const perSecond = name => (before === undefined ? 0 : Math.max(lane[name] - before[name], 0) / seconds);
	const {active, pending, wait, run, oldest, pauseEndsIn = 0} = lane;
	return {
		active,
		pending,
		started: perSecond('granted'),
		failed: perSecond('rejected'),
		wait,
		run,
		oldest,
		pauseEndsIn,
	};
};

const lanesSample = (stats, before, seconds) => {
	const lanes = {};
	for (const name of LANE_NAMES) {
		lanes[name] = laneSample(stats[name], before?.[name], seconds);
	}

	return lanes;
};

const limitSample = (name, limit, stats, before, seconds) => ({
	kind: 'limit',
	name,
	slots: orNull(stats.concurrency),
	isPaused: limit.isPaused,
	reserve: stats.reserve,
	rate: stats.rate,
	adaptive: stats.adaptive,
	...lanesSample(stats, before, seconds),
});

const poolSample = (name, pool, stats, before, seconds) => ({
	kind: 'pool',
	name,
	slots: pool.maxThreads,
	threads: stats.threads,
	utilization: stats.utilization,
	...lanesSample(stats, before, seconds),
});

/** Takes samples. What happened in a second is counted from one sample to the next, so each view has a sampler. */
class Sampler {
	#sources;
	/** The statistics of the last sample, by source. */
	#before = new Map();
	#at = undefined;

	constructor(sources) {
		this.#sources = sources;
	}

	take() {
		const at = now();
		const seconds = this.#at === undefined ? 1 : Math.max(at - this.#at, 1) / 1000;
		const stats = new Map();
		const sampled = (sources, toSample) =>
			sources.map(([name, source]) => {
				const read = source.stats();
				stats.set(source, read);
				return toSample(name, source, read, this.#before.get(source), seconds);
			});

		const blocks = [...sampled(this.#sources.limits, limitSample), ...sampled(this.#sources.pools, poolSample)];
		this.#before = stats;
		this.#at = at;
		return {time: Date.now(), process: {pid: process.pid, node: process.version, uptime: process.uptime()}, blocks};
	}
}

module.exports = {Sampler};
