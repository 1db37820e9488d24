'use strict';

// The buckets that are exported: a part of those that p-lanes counts in, which are about a hundred.

const {invalid} = require('../common/errors.js');
const {bucketBounds} = require('../observe/snapshot.js');

/** In seconds: 0.0001, 0.0002, 0.0005 and so on, up to 100. */
const DEFAULT_BUCKETS = [
	0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100,
];

/** Converts without an error in the last digit: 0.0315, not 0.031500000000000004. */
const toSeconds = milliseconds => Number((milliseconds / 1000).toPrecision(12));

/** Reads upper bounds, in seconds. Returns `{seconds, milliseconds}` of each. */
const readBuckets = (given = DEFAULT_BUCKETS) => {
	const known = new Map(bucketBounds().map(milliseconds => [toSeconds(milliseconds), milliseconds]));
	if (!Array.isArray(given) || given.length === 0) {
		throw invalid('buckets', 'an array of upper bounds in seconds', given);
	}

	return given.map((seconds, index) => {
		if (!known.has(seconds)) {
			const nearest = [...known.keys()].sort((a, b) => Math.abs(a - seconds) - Math.abs(b - seconds))[0];
			const advice = typeof seconds === 'number' ? `; the nearest is ${nearest}` : '';
			throw invalid(`buckets[${index}]`, `one of the bounds of \`bucketBounds()\`, in seconds${advice}`, seconds);
		}

		if (index > 0 && seconds <= given[index - 1]) {
			throw invalid(`buckets[${index}]`, `above the bound before it (${given[index - 1]})`, seconds);
		}

		return {seconds, milliseconds: known.get(seconds)};
	});
};

/** Returns how many events took at most as long as each bound. */
const cumulativeCounts = (histogram, bounds) => {
	let index = 0;
	let total = 0;
	return bounds.map(({milliseconds}) => {
		while (index < histogram.buckets.length && histogram.buckets[index].upTo <= milliseconds) {
			total += histogram.buckets[index].count;
			index++;
		}

		return total;
	});
};

module.exports = {DEFAULT_BUCKETS, cumulativeCounts, readBuckets};
