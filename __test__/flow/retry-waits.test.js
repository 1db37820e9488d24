'use strict';

// How long a retry waits, and what happens meanwhile. The clock is set by hand.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {later, outcomeOf, turns, waysToCall} = require('./helpers.js');

describe('retry', () => {
	/** Times of the attempts, each of which fails. */
	const attempts = async (retry, passes) => {
		const limit = pLimit(1);
		const began = clock.now;
		const times = [];
		const call = later(
			limit.with({retry})(async () => {
				times.push(clock.now - began);
				throw new Error('again');
			}),
		);
		await turns(2);
		for (let i = 0; i < passes; i++) {
			await clock.pass(10);
			await turns(2);
		}

		return {times, outcome: await outcomeOf(call)};
	};

	test('waits as p-retry does: minTimeout, times factor, up to maxTimeout', async () => {
		const retry = {retries: 4, minTimeout: 100, factor: 3, maxTimeout: 500};
		const {times, outcome} = await attempts(retry, 200);
		assert.deepEqual(times, [0, 100, 400, 900, 1400]);
		assert.deepEqual(outcome, {rejected: 'Error'});
	});

	test('a number is `retries`; the first retry waits a second, and each next one twice as long', async () => {
		assert.deepEqual((await attempts(3, 800)).times, [0, 1000, 3000, 7000]);
	});

	test('a wait of 0 stays 0 after any number of retries', async () => {
		const retry = {retries: 4, minTimeout: 0, factor: 1e200};
		const {times, outcome} = await attempts(retry, 5);
		assert.equal(times.length, 5);
		assert.deepEqual(outcome, {rejected: 'Error'});
	});

	test('waits no longer than a timer of Node can', async () => {
		const retry = {retries: 2, minTimeout: 1, factor: 1e200};
		const limit = pLimit(1);
		const call = later(limit.with({retry})(() => Promise.reject(new Error('again'))));
		await turns();
		for (let i = 0; i < 2; i++) {
			await clock.pass(2 ** 31);
			await turns();
		}

		assert.deepEqual(await outcomeOf(call), {rejected: 'Error'});
	});

	test('`retryAfter` in a drain: the drain waits for the end of the pause, then all queued calls run', async () => {
		const limit = pLimit(1);
		const order = [];
		const lane = limit.with({retry: {minTimeout: 0, retryAfter: () => 500}});
		const retried = lane(async () => {
			order.push('attempt');
			if (order.length === 1) {
				throw new Error('429');
			}
		});
		const queued = limit(() => order.push('queued'));
		await turns();
		const drained = limit.drain();
		await clock.pass(499);
		assert.equal(await outcomeOf(drained), 'pending');
		assert.deepEqual(order, ['attempt']);
		await clock.pass(1);
		await Promise.all([retried, queued, drained]);
		assert.deepEqual(order, ['attempt', 'attempt', 'queued']);
	});

	test('`retryAfter`, then `resume`: other calls go on, and the call that has to wait still waits', async () => {
		const limit = pLimit(2);
		let calls = 0;
		const retried = limit.with({retry: {minTimeout: 0, retryAfter: () => 500}})(async () => {
			calls++;
			if (calls === 1) {
				throw new Error('429');
			}

			return 'retried';
		});
		await turns();
		assert.equal(limit.isPaused, true);
		const other = limit(() => 'other');
		limit.resume();
		assert.equal(await other, 'other');
		await clock.pass(499);
		assert.equal(await outcomeOf(retried), 'pending');
		await clock.pass(1);
		assert.equal(await retried, 'retried');
	});
});

describe('a drain({queued: false}) ends the retries also if it begins', () => {
	const makes = {
		'a limit': () => pLimit(1),
		'a named limit': () => pLimit({concurrency: 1, name: `retry-waits ${names++}`}),
		'a key with a total': () => pLimit.keyed({concurrency: 1, total: 1})('key'),
		'a chain': () => pLimit(1).chain(pLimit(1)),
	};
	let names = 0;

	for (const [kind, make] of Object.entries(makes)) {
		for (const [way, start] of Object.entries(waysToCall)) {
			test(`in the function itself: ${way} of ${kind}`, async () => {
				const limit = make();
				let attempts = 0;
				const fn = () => {
					attempts++;
					limit.drain({queued: false});
					throw new Error('first');
				};
				await assert.rejects(start(limit.with({retry: 3}), fn), /^Error: first$/);
				assert.deepEqual([attempts, limit.activeCount], [1, 0]);
			});
		}

		test(`in \`onFailedAttempt\`: ${kind}`, async () => {
			const limit = make();
			let attempts = 0;
			const onFailedAttempt = () => {
				limit.drain({queued: false});
			};
			const call = limit.with({retry: {onFailedAttempt}})(() => {
				attempts++;
				throw new Error('first');
			});
			await assert.rejects(call, /^Error: first$/);
			assert.equal(attempts, 1);
		});
	}

	for (const way of ['call', 'run', 'map']) {
		test(`when the call has its slot, and before its function is called: ${way}`, async () => {
			const limit = pLimit(1);
			let attempts = 0;
			const call = later(
				waysToCall[way](limit.with({retry: 3}), async () => {
					attempts++;
					throw new Error('first');
				}),
			);
			const {isIdle} = await limit.drain({queued: false});
			await assert.rejects(call, /^Error: first$/);
			assert.deepEqual([attempts, isIdle], [1, true]);
		});
	}
});
