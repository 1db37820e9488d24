'use strict';

// A limit with a rate, on a clock that is set by hand. Load it before the package.

const {clock, pLimit} = require('../hand.js');

const INTERVAL = 1000;

/** A limit with a rate, and what notes when and under what name calls start. */
const rated = (rate, options = {}) => {
	const limit = pLimit({concurrency: Number.POSITIVE_INFINITY, rate: {interval: INTERVAL, ...rate}, ...options});
	const began = clock.now;
	const starts = [];
	const note = name => {
		starts.push([name, clock.now - began]);
		return name;
	};
	return {limit, starts, note, times: () => starts.map(([, at]) => at)};
};

const calls = (lane, number, note, name) => Promise.all(Array.from({length: number}, () => lane(note, name)));

module.exports = {INTERVAL, calls, rated};
