'use strict';

// `limit.stats()`. That the durations are right is tested in Rust, on a clock that stands still; here, that they
// arrive, in milliseconds, in the right lane.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setTimeout: sleep} = require('node:timers/promises');
const pLimit = require('p-lanes');

const none = {count: 0, p50: 0, p90: 0, p99: 0, max: 0};

describe('stats', () => {
	test('of a new limit', () => {
		const calls = {active: 0, pending: 0, granted: 0, settled: 0, rejected: 0};
		const given = {refused: 0, cleared: 0, dropped: 0, aborted: 0, queueTimeouts: 0, timeouts: 0, retries: 0};
		const counts = {...calls, ...given};
		const lane = {...counts, wait: none, run: none, pauseEndsIn: 0};
		const reserve = {slots: 0, reason: 'no offline work', wait: 5, load: 0, peakedness: 0};
		assert.deepEqual(pLimit(3).stats(), {concurrency: 3, online: lane, offline: lane, reserve, abandoned: 0});
		const {slots, reason, wait} = pLimit({concurrency: 3, reserve: 2}).stats().reserve;
		assert.deepEqual([slots, reason, wait], [2, 'fixed', undefined]);
		assert.equal(pLimit(Number.POSITIVE_INFINITY).stats().concurrency, Number.POSITIVE_INFINITY);
	});

	test('counts per lane', async () => {
		const limit = pLimit({concurrency: 2, reserve: 0});
		const fail = async () => {
			throw new Error('no');
		};
		await Promise.allSettled([
			limit(() => 1),
			limit(fail),
			limit.map([1, 2], () => 2),
			limit.offline.map([1, 2, 3], fail),
		]);
		await sleep(1);
		const {online, offline} = limit.stats();
		assert.deepEqual([online.granted, online.settled, online.rejected], [4, 4, 1]);
		assert.deepEqual([offline.granted, offline.settled, offline.rejected], [3, 3, 3]);

		limit(() => new Promise(() => {}));
		limit(() => new Promise(() => {}));
		limit.offline.map([1, 2, 3, 4], fail);
		assert.deepEqual([limit.stats().online.active, limit.stats().offline.pending], [2, 4]);
		limit.offline.clearQueue();
		assert.deepEqual([limit.stats().offline.pending, limit.stats().offline.granted], [0, 3]);
	});

	test('throws are rejections too', async () => {
		const limit = pLimit(1);
		await assert.rejects(
			limit(() => {
				throw new Error('sync');
			}),
		);
		await assert.rejects(
			limit.map([1], () => {
				throw new Error('sync');
			}),
		);
		assert.equal(limit.stats().online.rejected, 2);
	});

	test('waiting and running times in milliseconds', async () => {
		const limit = pLimit(1);
		await Promise.all([limit(() => sleep(30)), limit.offline(() => sleep(10))]);
		const {online, offline} = limit.stats();
		assert.equal(online.wait.count, 1);
		assert.equal(online.wait.max, 0);
		// Timers may fire up to a millisecond early, and any time late.
		assert.ok(online.run.p50 >= 28 && online.run.max < 30_000, `run ${online.run.p50}`);
		assert.ok(offline.wait.p50 >= 28 && offline.wait.p99 <= offline.wait.max, `wait ${offline.wait.p50}`);
		assert.ok(offline.run.p50 >= 9, `run ${offline.run.p50}`);
	});

	test('a burst is sampled, and its samples stand for all', async () => {
		const limit = pLimit(10);
		await Promise.all(Array.from({length: 10_000}, () => limit(async () => {})));
		await limit.map(Array.from({length: 10_000}), async () => {});
		const {wait, run} = limit.stats().online;
		for (const {count} of [wait, run]) {
			// A sample stands for 64 at the most, so that many may be missing or too many at each end of the burst.
			assert.ok(Math.abs(count - 20_000) < 100, `${count}`);
		}
	});
});
