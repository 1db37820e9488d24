'use strict';

// When which call starts under a rate, on a clock that is set by hand.

const {clock, pass, passBusy} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const fc = require('fast-check');
const {assertWithinRate} = require('./bound.js');
const {deferred, turns} = require('../flow/helpers.js');
const {INTERVAL, calls, rated} = require('./rated.js');

describe('spacing', () => {
	test('with a burst of 1 calls start evenly, the first at once', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 5, note);
		await turns();
		assert.deepEqual(times(), [0]);
		await pass(limit, 99);
		assert.deepEqual(times(), [0]);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 4]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 100]);
		for (let i = 0; i < 3; i++) {
			await pass(limit, 100);
		}

		await all;
		assert.deepEqual(times(), [0, 100, 200, 300, 400]);
	});

	test('a late start does not let the next call start earlier', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 3, note);
		await turns();
		await passBusy(limit, 950);
		assert.deepEqual(times(), [0, 950]);
		await pass(limit, 99);
		assert.deepEqual(times(), [0, 950]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 950, 1050]);
		await all;
	});

	test('with a burst, saved tokens let that many calls start at once, and no more', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 3});
		const all = calls(limit, 9, note);
		await turns();
		assert.deepEqual(times(), [0, 0, 0]);
		await pass(limit, 100);
		assert.deepEqual(times(), [0, 0, 0, 100]);
		await passBusy(limit, 900);
		assert.deepEqual(times(), [0, 0, 0, 100, 1000, 1000, 1000]);
		await passBusy(limit, 200);
		await all;
		assert.deepEqual(times().slice(7), [1200, 1200]);
	});

	test('the border of an interval changes nothing: only saved tokens can be used', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 10});
		await pass(limit, 999);
		const all = calls(limit, 22, note);
		await turns();
		assert.equal(times().length, 10);
		await pass(limit, 1);
		assert.equal(times().length, 10);
		await pass(limit, 998);
		assert.equal(times().length, 19);
		await pass(limit, 300);
		await all;
		assert.equal(times().length, 22);
	});

	test('calls need slots, too, whatever tokens there are', async () => {
		const {limit} = rated({limit: 10, burst: 10}, {concurrency: 2});
		const {promise, resolve} = deferred();
		const all = calls(limit, 4, () => promise);
		await pass(limit, INTERVAL);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [2, 2]);
		resolve();
		await all;
		assert.equal(limit.stats().online.granted, 4);
	});

	test('in no interval do more calls start than the limit and a burst', async () => {
		const options = fc.record({
			limit: fc.integer({min: 1, max: 8}),
			burst: fc.integer({min: 1, max: 8}),
			concurrency: fc.integer({min: 4, max: 20}),
			steps: fc.array(
				fc.record({
					wait: fc.integer({min: 0, max: 400}),
					calls: fc.integer({min: 0, max: 6}),
					cost: fc.integer({min: 0, max: 4}),
					lane: fc.constantFrom('online', 'offline'),
				}),
				{minLength: 1, maxLength: 15},
			),
		});
		await fc.assert(
			fc.asyncProperty(options, async ({limit: most, burst, concurrency, steps}) => {
				const {limit} = rated({limit: most, burst}, {concurrency});
				const starts = [];
				const all = [];
				for (const {wait, calls: number, cost, lane} of steps) {
					await pass(limit, wait);
					for (let call = 0; call < number; call++) {
						all.push(limit.with({cost, lane})(() => starts.push({at: clock.now, cost})));
					}
				}

				while (limit.pendingCount > 0) {
					await pass(limit, 50);
				}

				await Promise.all(all);
				assert.equal(starts.length, all.length);
				assertWithinRate(starts, {limit: most, interval: INTERVAL, burst});
			}),
			{numRuns: 30},
		);
	});
});

describe('cost', () => {
	test('is the weight if it is not given', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 4}, {concurrency: 8});
		const all = [calls(limit.with({weight: 2}), 3, note), calls(limit.with({weight: 3, cost: 1}), 1, note)];
		await turns();
		assert.deepEqual(times(), [0, 0]);
		await pass(limit, 199);
		assert.equal(times().length, 2);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 0, 200]);
		await pass(limit, 100);
		assert.deepEqual(times(), [0, 0, 200, 300]);
		await Promise.all(all);
	});

	test('0 is free, but the call waits for its turn', async () => {
		const {limit, note, starts} = rated({limit: 10});
		const free = limit.with({cost: 0});
		await calls(limit, 1, note, 'first');
		await calls(free, 3, note, 'free');
		const all = [calls(limit, 1, note, 'second'), calls(free, 2, note, 'behind it')];
		await pass(limit, 99);
		assert.equal(starts.length, 4);
		await pass(limit, 1);
		await Promise.all(all);
		assert.deepEqual(starts.slice(4), [
			['second', 100],
			['behind it', 100],
			['behind it', 100],
		]);
	});

	test('above the burst starts from a full bucket, and leaves a debt', async () => {
		const {limit, note, starts} = rated({limit: 10, burst: 2});
		await calls(limit, 1, note, 'first');
		const all = [limit.with({cost: 5})(note, 'costly'), calls(limit, 1, note, 'next')];
		await pass(limit, 99);
		assert.equal(starts.length, 1);
		await pass(limit, 1);
		assert.deepEqual(starts.at(-1), ['costly', 100]);
		assert.equal(limit.stats().rate.available, -3);
		await pass(limit, 399);
		assert.equal(starts.length, 2);
		await pass(limit, 1);
		await Promise.all(all);
		assert.deepEqual(starts.at(-1), ['next', 500]);
	});
});

describe('lanes', () => {
	test('online is first when tokens are scarce', async () => {
		const {limit, note, starts} = rated({limit: 10}, {offlineShare: 0});
		const all = [calls(limit.offline, 3, note, 'offline'), calls(limit, 2, note, 'online')];
		for (let i = 0; i < 5; i++) {
			await pass(limit, 100);
		}

		await Promise.all(all);
		assert.deepEqual(
			starts.map(([name]) => name),
			['offline', 'online', 'online', 'offline', 'offline'],
		);
	});

	test('offline has its share of the tokens', async () => {
		const {limit, note, starts} = rated({limit: 10}, {offlineShare: 1 / 4});
		const all = [calls(limit, 9, note, 'online'), calls(limit.offline, 3, note, 'offline')];
		for (let i = 0; i < 12; i++) {
			await pass(limit, 100);
		}

		await Promise.all(all);
		const [first, second] = [starts.slice(0, 5), starts.slice(5, 9)];
		assert.ok(first.some(([name]) => name === 'offline'));
		assert.ok(second.some(([name]) => name === 'offline'));
	});

	test('a lane that has tokens but no free slot lets the other lane use the tokens', async () => {
		const {limit, note, starts} = rated({limit: 10, burst: 3}, {concurrency: 2, reserve: 1});
		const {promise, resolve} = deferred();
		const busy = limit.offline(() => promise);
		const waits = limit.offline(note, 'offline');
		assert.equal(await limit(note, 'online'), 'online');
		assert.equal(limit.offline.pendingCount, 1);
		resolve();
		await Promise.all([busy, waits]);
		assert.deepEqual(starts, [
			['online', 0],
			['offline', 0],
		]);
	});
});
