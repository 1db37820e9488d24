'use strict';

// The bound of a rate: of what starts in any interval, wherever one begins to count.

const assert = require('node:assert/strict');

/** `starts` are `{at, cost}`, in milliseconds. */
const assertWithinRate = (starts, {limit, interval, burst}) => {
	const atOnce = Math.max(burst, ...starts.map(({cost}) => cost));
	for (const {at: from} of starts) {
		const within = starts.filter(({at}) => at >= from && at < from + interval);
		const cost = within.reduce((sum, start) => sum + start.cost, 0);
		assert.ok(cost <= limit + atOnce, `${cost} from ${from} on`);
	}
};

module.exports = {assertWithinRate};
