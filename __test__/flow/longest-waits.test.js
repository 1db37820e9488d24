'use strict';

// The longest time that a timer of Node can wait, as a deadline, as a retry's wait and as a pause. The clock is set by hand.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {busy, later, outcomeOf, turns} = require('./helpers.js');

describe('the longest that Node can wait', () => {
	const LONGEST = 2 ** 31 - 1;

	for (const [what, fail] of [
		['queueTimeout', limit => limit.with({queueTimeout: LONGEST})(() => {})],
		['timeout', limit => limit.with({timeout: LONGEST, priority: 1})(() => new Promise(() => {}))],
	]) {
		test(`is a ${what} like any other, also from a part of a millisecond on`, async () => {
			const {limit, free} = busy({concurrency: what === 'timeout' ? 2 : 1});
			clock.now += 0.25;
			const call = later(fail(limit));
			await turns();
			await clock.pass(LONGEST - 1);
			assert.equal(await outcomeOf(call), 'pending');
			await clock.pass(2);
			assert.match((await outcomeOf(call)).rejected, /TIMEOUT$/);
			free();
		});
	}

	test('is a wait before a retry, and a pause that an error asks for', async () => {
		for (const retry of [
			{minTimeout: LONGEST},
			{retryAfter: () => Number.POSITIVE_INFINITY, maxRetryAfter: Number.POSITIVE_INFINITY},
		]) {
			const limit = pLimit(2);
			let attempts = 0;
			const call = limit.with({retry})(() => {
				if (++attempts < 2) {
					throw new Error('not yet');
				}

				return 'ran';
			});
			clock.now += 0.25;
			await turns();
			await clock.pass(LONGEST - 1);
			assert.equal(await outcomeOf(call), 'pending');
			await clock.pass(3);
			assert.equal(await call, 'ran');
		}
	});

	test('is a pause; calls come meanwhile and make it no shorter', async () => {
		const limit = pLimit(2);
		clock.now += 0.25;
		limit.pauseFor(LONGEST);
		const first = limit(() => 'first');
		await clock.pass(0.5);
		limit.pauseFor(LONGEST);
		const second = limit(() => 'second');
		await clock.pass(LONGEST - 1);
		assert.equal(await outcomeOf(first), 'pending');
		await clock.pass(2);
		assert.deepEqual(await Promise.all([first, second]), ['first', 'second']);
	});
});
