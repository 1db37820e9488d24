'use strict';

// What specs of `onProgress` share.

const assert = require('node:assert/strict');

/** Collects what a call tells. */
const collect = () => {
	const told = [];
	return {told, options: {onProgress: progress => told.push(progress), progressInterval: 1}};
};

/** Checks that the numbers only grow, and what the last ones are. */
const assertTold = (told, {done, failed = 0, total = done}) => {
	assert.ok(told.length > 0);
	for (const [index, now] of told.entries()) {
		const before = told[index - 1] ?? {done: 0, failed: 0};
		assert.ok(now.done >= before.done && now.failed >= before.failed && now.failed <= now.done);
		assert.ok(now.total === undefined || now.total === total);
		assert.ok(now.rate >= 0);
		assert.ok(now.eta === undefined || now.eta >= 0);
	}

	const {rate, ...last} = told.at(-1);
	assert.deepEqual(last, {done, failed, total, eta: 0});
	assert.ok(rate > 0);
};

/** The options of a call whose function throws once so many items are done. */
const failing = done => ({
	onProgress(progress) {
		if (progress.done >= done) {
			throw new Error('of the function');
		}
	},
	progressInterval: 0,
});

module.exports = {assertTold, collect, failing};
