'use strict';

// When what may start, on a clock that is set by hand.

const {clock, pLimit, pass, passPaused} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const fc = require('fast-check');
const {assertWithinRate} = require('./bound.js');
const {deferred, outcomeOf, turns} = require('../flow/helpers.js');

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

describe('spacing', () => {
	test('with a burst of 1 they start evenly, the first at once', async () => {
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

	test('a start that comes late is not made up for', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 3, note);
		await turns();
		await pass(limit, 950);
		assert.deepEqual(times(), [0, 950]);
		await pass(limit, 99);
		assert.deepEqual(times(), [0, 950]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 950, 1050]);
		await all;
	});

	test('with a burst so much is, and no more', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 3});
		const all = calls(limit, 9, note);
		await turns();
		assert.deepEqual(times(), [0, 0, 0]);
		await pass(limit, 100);
		assert.deepEqual(times(), [0, 0, 0, 100]);
		await pass(limit, 900);
		assert.deepEqual(times(), [0, 0, 0, 100, 1000, 1000, 1000]);
		await pass(limit, 200);
		await all;
		assert.deepEqual(times().slice(7), [1200, 1200]);
	});

	test('a border of an interval is nothing special: what was saved up in one is all there is', async () => {
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

	test('the slots count as well: whatever tokens there are', async () => {
		const {limit} = rated({limit: 10, burst: 10}, {concurrency: 2});
		const {promise, resolve} = deferred();
		const all = calls(limit, 4, () => promise);
		await pass(limit, INTERVAL);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [2, 2]);
		resolve();
		await all;
		assert.equal(limit.stats().online.granted, 4);
	});

	test('in no interval whatsoever more than the limit and a burst', async () => {
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
	test('is the weight where it is not given', async () => {
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

	test('0 is free, and waits for its turn all the same', async () => {
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

	test('above the burst starts from a full bucket, and is made up for', async () => {
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

	test('offline has its share of them', async () => {
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

	test('who lacks slots lets the other lane have the tokens', async () => {
		const {limit, note, starts} = rated({limit: 10, burst: 3}, {concurrency: 2});
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

describe('what leaves the queue takes no tokens', () => {
	test('cleared', async () => {
		const {limit, note, starts} = rated({limit: 10}, {rejectOnClear: true});
		await limit(note, 'first');
		const dropped = Promise.allSettled([limit(note, 'dropped'), limit.offline.map([1, 2], note)]);
		assert.equal(limit.pendingCount, 3);
		limit.clearQueue();
		assert.deepEqual(
			(await dropped).map(({reason}) => reason.name),
			['AbortError', 'AbortError'],
		);
		const next = limit(note, 'next');
		await pass(limit, 100);
		await next;
		assert.deepEqual(starts, [
			['first', 0],
			['next', 100],
		]);
	});

	test('aborted', async () => {
		const {limit, note, starts} = rated({limit: 10});
		const controller = new AbortController();
		await limit(note, 'first');
		const aborted = limit.with({signal: controller.signal})(note, 'aborted');
		const next = limit(note, 'next');
		controller.abort('enough');
		await assert.rejects(aborted, error => error === 'enough');
		await pass(limit, 100);
		await next;
		assert.deepEqual(starts.at(-1), ['next', 100]);
	});

	test('waited for too long, for the rate alone', async () => {
		const {limit, note, starts} = rated({limit: 10});
		await limit(note, 'first');
		const late = limit.with({queueTimeout: 50})(note, 'late');
		const refused = assert.rejects(late, {code: 'ERR_QUEUE_TIMEOUT'});
		const next = limit(note, 'next');
		await pass(limit, 50);
		await refused;
		await pass(limit, 50);
		await next;
		assert.deepEqual(starts.at(-1), ['next', 100]);
	});
});

describe('beside it', () => {
	test('a pause stops starts, and tokens come meanwhile, no more than a burst', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 2});
		await calls(limit, 2, note);
		limit.pauseFor(500);
		const all = calls(limit, 4, note);
		await passPaused(limit, 499);
		assert.deepEqual(times(), [0, 0]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 0, 500, 500]);
		await pass(limit, 200);
		await all;
		assert.deepEqual(times(), [0, 0, 500, 500, 700, 700]);
	});

	test('a pause that is shorter than the wait for a token changes nothing', async () => {
		const {limit, note, times} = rated({limit: 10});
		await calls(limit, 1, note);
		limit.pauseFor(30);
		const all = calls(limit, 1, note);
		await passPaused(limit, 30);
		await pass(limit, 69);
		assert.deepEqual(times(), [0]);
		await pass(limit, 1);
		await all;
		assert.deepEqual(times(), [0, 100]);
	});

	test('`retryAfter` pauses all; the retry itself takes no token', async () => {
		const {limit, note, starts} = rated({limit: 10, burst: 2});
		let attempts = 0;
		const retried = limit.with({retry: {minTimeout: 0, retryAfter: () => 250}})(() => {
			note(`attempt ${++attempts}`);
			if (attempts === 1) {
				throw new Error('429');
			}
		});
		await turns();
		assert.equal(limit.isPaused, true);
		const others = calls(limit, 3, note, 'other');
		await passPaused(limit, 249);
		assert.equal(starts.length, 1);
		await pass(limit, 1);
		await retried;
		await pass(limit, 100);
		await others;
		assert.deepEqual(
			[...starts].sort(([a], [b]) => (a < b ? -1 : 1)),
			[
				['attempt 1', 0],
				['attempt 2', 250],
				['other', 250],
				['other', 250],
				['other', 350],
			],
		);
	});

	test('a map keeps to it, item by item', async () => {
		const {limit, note, starts} = rated({limit: 10, burst: 2}, {concurrency: 3});
		const results = limit.map(['a', 'b', 'c', 'd'], note);
		await turns();
		assert.deepEqual(limit.pendingCount, 2);
		await pass(limit, 100);
		await pass(limit, 100);
		assert.deepEqual(await results, ['a', 'b', 'c', 'd']);
		assert.deepEqual(starts, [
			['a', 0],
			['b', 0],
			['c', 100],
			['d', 200],
		]);
	});

	test('so does a stream', async () => {
		const {limit, note, starts} = rated({limit: 10}, {concurrency: 2});
		const results = [];
		const read = (async () => {
			for await (const result of limit.stream(['a', 'b', 'c'], note)) {
				results.push(result);
			}
		})();
		await turns();
		assert.deepEqual(results, ['a']);
		await pass(limit, 100);
		await pass(limit, 100);
		await read;
		assert.deepEqual(results, ['a', 'b', 'c']);
		assert.deepEqual(starts, [
			['a', 0],
			['b', 100],
			['c', 200],
		]);
	});

	test('a drain runs what is queued, at the rate', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 2, note);
		const drained = limit.drain();
		await turns();
		assert.equal(await outcomeOf(drained), 'pending');
		await pass(limit, 100);
		await Promise.all([all, drained]);
		assert.deepEqual(times(), [0, 100]);
	});

	test('more slots are no more tokens', async () => {
		const {limit, note, times} = rated({limit: 10}, {concurrency: 1});
		const all = calls(limit, 2, note);
		limit.concurrency = 100;
		await turns();
		assert.deepEqual(times(), [0]);
		await pass(limit, 100);
		await all;
	});
});

describe('a rate that is changed', () => {
	test('holds from then on, for what waits, too', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 5, note);
		await turns();
		await pass(limit, 50);
		limit.rate = {limit: 1, interval: INTERVAL}; // half of a token is missing
		await pass(limit, 499);
		assert.deepEqual(times(), [0]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 550]);
		limit.rate = {limit: 100, interval: INTERVAL};
		for (let i = 0; i < 3; i++) {
			await pass(limit, 10);
		}

		await all;
		assert.deepEqual(times(), [0, 550, 560, 570, 580]);
	});

	test('is no fresh burst, neither a greater one nor the same again', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 2});
		const all = calls(limit, 5, note);
		for (const burst of [5, 2, 5]) {
			await turns();
			limit.rate = {limit: 10, interval: INTERVAL, burst};
		}

		assert.deepEqual(times(), [0, 0]);
		for (let i = 0; i < 3; i++) {
			await pass(limit, 100);
		}

		await all;
		assert.deepEqual(times(), [0, 0, 100, 200, 300]);
		await pass(limit, 1000);
		assert.equal(limit.stats().rate.available, 5);
	});

	test('with a smaller burst is made up for by nothing', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 20});
		const all = calls(limit, 21, note);
		await turns();
		limit.rate = {limit: 1, interval: INTERVAL};
		await pass(limit, 1000);
		await all;
		assert.deepEqual(times().slice(19), [0, 1000]);
	});

	test('changes nothing of a pause', async () => {
		const {limit, note, times} = rated({limit: 10});
		limit.pause();
		const all = calls(limit, 2, note);
		limit.rate = {limit: 1000, interval: INTERVAL};
		await turns();
		assert.deepEqual(times(), []);
		limit.resume();
		await pass(limit, 1);
		await all;
		assert.deepEqual(times(), [0, 1]);
	});
});

describe('a charge', () => {
	test('delays what waits, and what is given back lets it start', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 3, note);
		await turns();
		limit.charge(3);
		await pass(limit, 399);
		assert.deepEqual(times(), [0]);
		limit.charge(2);
		await pass(limit, 1);
		assert.deepEqual(times(), [0]);
		limit.charge(-2);
		await turns();
		assert.deepEqual(times(), [0, 400]);
		limit.charge(-100);
		await turns();
		assert.deepEqual(times(), [0, 400, 400]);
		await all;
		assert.equal(limit.stats().rate.available, 0);
	});
});

describe('stats', () => {
	test('tell what is there, as it comes back', async () => {
		const {limit, note} = rated({limit: 10, burst: 4});
		await calls(limit, 3, note);
		const available = () => limit.stats().rate.available;
		assert.equal(available(), 1);
		await pass(limit, 150);
		assert.equal(available(), 2.5);
		await pass(limit, 10_000);
		assert.equal(available(), 4);
	});

	test('tell the wait for the rate apart from that for a slot', async () => {
		const {limit, note} = rated({limit: 10, burst: 2}, {concurrency: 1});
		const {promise, resolve} = deferred();
		const first = limit(() => promise);
		const rest = calls(limit, 2, note);
		await pass(limit, 40); // for the slot
		resolve();
		await first;
		await turns();
		await pass(limit, 60); // the third: for the rate
		await rest;
		const {wait, rateWait} = limit.stats().online;
		assert.equal(wait.count, 3);
		assert.ok(Math.abs(wait.max - 100) <= 1, `${wait.max}`);
		assert.equal(rateWait.count, 1);
		assert.ok(Math.abs(rateWait.max - 60) <= 1, `${rateWait.max}`);
		assert.equal(limit.stats().offline.rateWait.count, 0);
	});
});
