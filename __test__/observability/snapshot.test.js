'use strict';

// `snapshot()` and the difference of two. That durations are in the right buckets is tested in Rust, on a clock that
// stands still; here, that they arrive, add up and subtract.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setTimeout: sleep} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {hold} = require('../shared/helpers.js');
const {bucketBounds, intervalBetween, Pool} = pLimit;

const total = buckets => buckets.reduce((sum, {count}) => sum + count, 0);

const viaJson = value => JSON.parse(JSON.stringify(value));

describe('bounds', () => {
	test('are ten a decade, with the round numbers among them', () => {
		const bounds = bucketBounds();
		assert.equal(bounds.length, 101);
		assert.deepEqual(bounds.slice(0, 11), [0.01, 0.0125, 0.016, 0.02, 0.025, 0.0315, 0.04, 0.05, 0.063, 0.08, 0.1]);
		assert.equal(bounds.at(-1), 100_000_000);
		for (const round of [0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]) {
			assert.ok(bounds.includes(round), `${round}`);
		}
	});

	test('are a copy', () => {
		bucketBounds()[0] = 'changed';
		assert.equal(bucketBounds()[0], 0.01);
	});
});

describe('a snapshot', () => {
	test('of a new limit has all numbers of its stats, and empty histograms', () => {
		const limit = pLimit(3);
		const {time, ...snapshot} = limit.snapshot();
		const {online, offline, ...rest} = limit.stats();
		const empty = {count: 0, sum: 0, buckets: []};
		const lane = stats => ({...stats, wait: empty, run: empty});
		assert.deepEqual(snapshot, {...rest, online: lane(online), offline: lane(offline)});
		assert.ok(Math.abs(time - Date.now()) < 60_000);
	});

	test('has a name, a rate and the waits for it', async () => {
		const limit = pLimit({name: 'snapshot of a rate', concurrency: 4, rate: {limit: 1, interval: 20}});
		await Promise.all([limit(() => {}), limit(() => {})]);
		const {name, rate, online} = limit.snapshot();
		assert.equal(name, 'snapshot of a rate');
		assert.equal(rate.limit, 1);
		assert.equal(online.rateWait.count, 1);
		assert.equal(total(online.rateWait.buckets), 1);
		assert.ok(online.rateWait.sum > 5, `${online.rateWait.sum}`);
	});

	test('counts every call, also those that are not timed', async () => {
		const limit = pLimit(10);
		await Promise.all(Array.from({length: 10_000}, () => limit(async () => {})));
		await limit.map(Array.from({length: 10_000}), async () => {});
		await Promise.all(Array.from({length: 1000}, () => limit.offline(async () => {})));
		const {online, offline} = limit.snapshot();
		for (const [lane, calls] of [
			[online, 20_000],
			[offline, 1000],
		]) {
			for (const {count, sum, buckets} of [lane.wait, lane.run]) {
				assert.equal(count, calls);
				assert.equal(total(buckets), calls);
				assert.ok(sum > 0);
			}
		}

		assert.equal(limit.stats().online.wait.count, 20_000);
		assert.equal(limit.stats().online.run.count, 20_000);
	});

	test('is in ascending buckets, whose sum is near that of the durations', async () => {
		const limit = pLimit(1);
		await Promise.all([limit(() => sleep(30)), limit(() => sleep(2)), limit(() => sleep(2))]);
		const {run} = limit.snapshot().online;
		assert.equal(run.count, 3);
		assert.ok(run.sum >= 30 && run.sum < 30_000, `${run.sum}`);
		const bounds = run.buckets.map(({upTo}) => upTo);
		assert.deepEqual(bounds, bounds.toSorted?.((a, b) => a - b) ?? bounds);
		assert.ok(bounds.every(bound => bucketBounds().includes(bound)));
		assert.ok(bounds.at(-1) >= 25);
	});

	test('is plain data', () => {
		const snapshot = pLimit(2).snapshot();
		assert.deepEqual(viaJson(snapshot), structuredClone(snapshot));
		assert.ok(!Object.keys(snapshot).includes('since'));
	});
});

describe('an interval', () => {
	const fail = async () => {
		throw new Error('no');
	};

	test('has what came in between alone', async () => {
		const limit = pLimit({concurrency: 2, reserve: 0});
		await Promise.all(Array.from({length: 100}, () => limit(() => sleep(1))));
		const before = limit.snapshot();
		await Promise.all([limit(() => sleep(40)), limit(() => sleep(40)), limit.offline(fail).catch(() => {})]);
		const interval = limit.snapshot().since(before);
		const {online, offline} = interval;
		assert.deepEqual([online.granted, online.settled, online.rejected], [2, 2, 0]);
		assert.deepEqual([offline.granted, offline.settled, offline.rejected], [1, 1, 1]);
		assert.equal(online.run.count, 2);
		assert.equal(total(online.run.buckets), 2);
		assert.ok(online.run.p50 >= 31.5, `${online.run.p50}: those of a millisecond were before`);
		assert.ok(online.run.mean >= 38, `${online.run.mean}`);
		assert.ok(online.run.p50 <= online.run.p90 && online.run.p90 <= online.run.p99);
		assert.equal(offline.wait.count, 1);
		assert.ok(offline.wait.p50 >= 31.5, `${offline.wait.p50}`);
		assert.ok(interval.duration >= 38 && interval.to - interval.from === interval.duration);
		assert.equal(interval.concurrency, 2);
		assert.equal('time' in interval, false);
	});

	test('of nothing is all zero', async () => {
		const limit = pLimit(2);
		await limit(() => sleep(3));
		const before = limit.snapshot();
		const {wait, run, granted} = limit.snapshot().since(before).online;
		const empty = {count: 0, sum: 0, mean: 0, p50: 0, p90: 0, p99: 0, buckets: []};
		assert.deepEqual([wait, run, granted], [empty, empty, 0]);
	});

	test('has all counters as differences and all gauges of its end', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 1, rejectOnClear: true});
		const refuse = () => Promise.allSettled([limit(() => sleep(1)), limit(() => {}), limit(() => {})]);
		await refuse();
		const before = limit.snapshot();
		await refuse();
		limit(() => new Promise(() => {}));
		const waiting = limit(() => {}).catch(() => {});
		const {online} = limit.snapshot().since(before);
		assert.equal(online.refused, 1);
		assert.deepEqual([online.active, online.pending], [1, 1]);
		limit.clearQueue();
		await waiting;
		assert.equal(limit.snapshot().since(before).online.cleared, 1);
	});

	test('takes snapshots of JSON on both sides', async () => {
		const limit = pLimit(Number.POSITIVE_INFINITY);
		const first = viaJson(limit.snapshot());
		await limit.map([1, 2, 3], () => sleep(1));
		const second = limit.snapshot();
		const interval = second.since(first);
		assert.equal(interval.online.settled, 3);
		assert.equal(interval.concurrency, Number.POSITIVE_INFINITY);
		assert.deepEqual(intervalBetween(first, viaJson(second)), {...interval, concurrency: null});
	});

	test('adds up with the one before it', async () => {
		const limit = pLimit(3);
		const snapshots = [limit.snapshot()];
		for (let round = 0; round < 5; round++) {
			await Promise.all(Array.from({length: 500}, () => limit(async () => {})));
			await limit(() => sleep(1));
			snapshots.push(limit.snapshot());
		}

		const whole = snapshots.at(-1).since(snapshots[0]).online;
		for (const name of ['wait', 'run']) {
			const parts = snapshots.slice(1).map((snapshot, index) => snapshot.since(snapshots[index]).online[name]);
			assert.deepEqual(
				parts.map(({count}) => count),
				[501, 501, 501, 501, 501],
			);
			assert.equal(
				parts.reduce((sum, {buckets}) => sum + total(buckets), 0),
				total(whole[name].buckets),
			);
		}
	});

	test('of an adaptive limit has its counters as differences', async () => {
		const limit = pLimit({concurrency: {min: 1, max: 4}});
		await limit(() => sleep(1));
		const before = limit.snapshot();
		await limit(() => sleep(1));
		const {samples} = limit.snapshot().since(before).adaptive;
		assert.equal(samples, limit.stats().adaptive.samples - before.adaptive.samples);
	});

	test('refuses what can not be an earlier snapshot', async () => {
		const limit = pLimit(1);
		const first = limit.snapshot();
		await limit(() => {});
		const second = limit.snapshot();
		const other = pLimit({name: 'another limit', concurrency: 1}).snapshot();
		const pool = new Pool();
		const busy = pLimit(2);
		const held = [hold(busy), hold(busy)];
		const busier = busy.snapshot();
		for (const earlier of [
			undefined,
			null,
			5,
			{},
			{...first, online: {}},
			other,
			{...second, time: second.time + 60_000},
			pool.snapshot(),
			busier,
		]) {
			assert.throws(() => second.since(earlier), {code: 'ERR_INVALID_ARG', message: /`earlier`/});
		}

		assert.throws(() => first.since(second), {code: 'ERR_INVALID_ARG', message: /`earlier`/});
		assert.throws(() => intervalBetween(first, {}), {code: 'ERR_INVALID_ARG', message: /`later`/});
		for (const {free} of held) {
			free();
		}
	});
});

describe('a pool', () => {
	test('has snapshots and intervals', async () => {
		const pool = new Pool({filename: require.resolve('../pool/fixtures/work.js'), maxThreads: 1});
		try {
			const before = pool.snapshot();
			assert.deepEqual(before.online.wait, {count: 0, sum: 0, buckets: []});
			await pool.map([1, 2, 3], {name: 'echo'});
			const after = pool.snapshot();
			const {online, threads} = after.since(viaJson(before));
			assert.equal(threads, 1);
			assert.equal(online.settled, 3);
			assert.equal(online.run.count, 3);
			assert.equal(total(online.wait.buckets), 3);
		} finally {
			await pool.destroy();
		}
	});
});
