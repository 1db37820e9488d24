'use strict';

// Snapshots: all numbers of a limit or pool at one moment, as plain data. The difference of two snapshots tells what
// happened between them.

const {bucketBounds} = require('../binding/binding.js');
const {LANE_COUNTERS} = require('../common/lane-counters.js');
const {timeOfDay} = require('../common/time.js');
const {invalid} = require('../common/errors.js');

const LANES = ['online', 'offline'];

const ADAPTIVE_COUNTERS = ['samples', 'overloads', 'raises', 'reductions'];

const HISTOGRAMS = ['wait', 'run', 'rateWait'];

let bounds;

/** Returns the upper bounds of the buckets of all histograms, in milliseconds. */
const boundsOf = () => {
	bounds ??= Object.freeze([...bucketBounds()]);
	return bounds;
};

/** Converts a histogram of Rust. Buckets without events are left out. */
const histogramOf = ({count, sum, counts}) => ({
	count,
	sum,
	buckets: boundsOf()
		.map((upTo, index) => ({upTo, count: counts[index]}))
		.filter(bucket => bucket.count > 0),
});

const withHistograms = (stats, histograms) => {
	const lane = {...stats};
	for (const name of HISTOGRAMS) {
		if (histograms[name] !== undefined) {
			lane[name] = histogramOf(histograms[name]);
		}
	}

	return lane;
};

/** Returns a snapshot with the numbers of `stats` and the histograms of both lanes. */
const snapshotOf = (stats, [online, offline], name) => {
	const snapshot = {
		...(name === undefined ? undefined : {name}),
		time: timeOfDay(),
		...stats,
		online: withHistograms(stats.online, online),
		offline: withHistograms(stats.offline, offline),
	};
	// Not enumerable: a snapshot is data, which can be cloned, compared and written as JSON.
	return Object.defineProperty(snapshot, 'since', {
		value: earlier => intervalBetween(earlier, snapshot),
	});
};

/** Returns the duration of which the given part of the events is no longer. It is estimated inside of a bucket. */
const quantile = (buckets, count, part) => {
	const rank = part * count;
	let before = 0;
	for (const {upTo, count: inside} of buckets) {
		if (before + inside >= rank) {
			const index = boundsOf().indexOf(upTo);
			const from = index > 0 ? boundsOf()[index - 1] : 0;
			return from + ((upTo - from) * (rank - before)) / inside;
		}

		before += inside;
	}

	return 0;
};

/** Returns what a histogram counts that an earlier one does not. */
const histogramBetween = (earlier, later) => {
	const before = new Map(earlier.buckets.map(({upTo, count}) => [upTo, count]));
	const buckets = later.buckets
		.map(({upTo, count}) => ({upTo, count: count - (before.get(upTo) ?? 0)}))
		.filter(bucket => bucket.count > 0);
	const count = later.count - earlier.count;
	const sum = Math.max(0, later.sum - earlier.sum); // not -0.000...1
	return {
		count,
		sum,
		mean: count === 0 ? 0 : sum / count,
		p50: quantile(buckets, count, 0.5),
		p90: quantile(buckets, count, 0.9),
		p99: quantile(buckets, count, 0.99),
		buckets,
	};
};

/** Returns a copy of the later numbers, in which those that only grow are differences. */
const differences = (names, earlier, later) => {
	const result = {...later};
	for (const name of names) {
		if (later[name] !== undefined) {
			result[name] = Math.max(0, later[name] - earlier[name]);
		}
	}

	return result;
};

const laneBetween = (earlier, later) => {
	const lane = differences(LANE_COUNTERS, earlier, later);
	for (const name of HISTOGRAMS) {
		if (later[name] !== undefined) {
			lane[name] = histogramBetween(earlier[name], later[name]);
		}
	}

	return lane;
};

const isLane = lane =>
	typeof lane?.settled === 'number' && Array.isArray(lane.wait?.buckets) && Array.isArray(lane.run?.buckets);

const isSnapshot = given => typeof given?.time === 'number' && LANES.every(name => isLane(given[name]));

const isLaneBefore = (earlier, later) =>
	earlier.settled <= later.settled && earlier.wait.count <= later.wait.count && earlier.run.count <= later.run.count;

/** Whether one snapshot can be an earlier one of what the other one is of. */
const isBefore = (earlier, later) =>
	earlier.time <= later.time &&
	earlier.name === later.name &&
	typeof earlier.threads === typeof later.threads && // only pools have threads
	LANES.every(lane => isLaneBefore(earlier[lane], later[lane]));

/** Returns what happened between two snapshots of one limit or pool. Either may come from JSON. */
const intervalBetween = (earlier, later) => {
	if (!isSnapshot(later)) {
		throw invalid('later', 'a snapshot of a limit or pool', later);
	}

	if (!isSnapshot(earlier) || !isBefore(earlier, later)) {
		throw invalid('earlier', 'an earlier snapshot of the same limit or pool, in the same process', earlier);
	}

	const {time: to, ...gauges} = later;
	const interval = {
		...gauges,
		from: earlier.time,
		to,
		duration: to - earlier.time,
		online: laneBetween(earlier.online, later.online),
		offline: laneBetween(earlier.offline, later.offline),
	};
	if (later.adaptive !== undefined && earlier.adaptive !== undefined) {
		interval.adaptive = differences(ADAPTIVE_COUNTERS, earlier.adaptive, later.adaptive);
	}

	return interval;
};

/** `bucketBounds` of the package. */
const copyOfBounds = () => [...boundsOf()];

module.exports = {bucketBounds: copyOfBounds, intervalBetween, snapshotOf};
