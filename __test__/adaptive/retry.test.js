'use strict';

// What an adaptive limit hears of calls that are run again in their slots, on a clock that stands still but for what is told
// to pass.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {turns} = require('../flow/helpers.js');

const adaptive = options => pLimit({concurrency: {initial: 20}, ...options});

/** How many overloads a limit has heard of. */
const heard = limit => limit.stats().adaptive.overloads;

/** Fails so many times; each attempt takes so many milliseconds. */
const flaky = (times, {error = {status: 429}, takes = 0} = {}) => {
	let attempts = 0;
	return async () => {
		attempts++;
		const failed = attempts <= times;
		if (takes > 0) {
			await new Promise(resolve => setTimeout(resolve, takes));
		}

		if (failed) {
			throw error;
		}

		return attempts;
	};
};

const retry = {retries: 5, minTimeout: 1000, factor: 1};

describe('an attempt that fails by overload', () => {
	test('is heard of at once, though the call succeeds later', async () => {
		const limit = adaptive();
		const call = limit.with({retry})(flaky(1));
		await turns();
		assert.deepEqual([heard(limit), limit.activeCount], [1, 1]);
		await clock.pass(1000);
		assert.equal(await call, 2);
		assert.deepEqual([heard(limit), limit.stats().online.rejected], [1, 0]);
	});

	test('is another one each time, and the last one is no other', async () => {
		const limit = adaptive();
		const call = assert.rejects(limit.with({retry: {...retry, retries: 2}})(flaky(9)));
		const found = [];
		for (const passes of [0, 1000, 1000]) {
			await clock.pass(passes);
			await turns();
			found.push(heard(limit));
		}

		await call;
		assert.deepEqual(found, [1, 2, 3]);
	});

	test('is one for all that were made before it was heard of', async () => {
		const limit = adaptive();
		const all = Array.from({length: 20}, () => limit.with({retry})(flaky(2)));
		await turns();
		assert.equal(limit.concurrency, 18);
		await clock.pass(1000);
		await turns();
		assert.equal(limit.concurrency, 16);
		await clock.pass(1000);
		assert.equal((await Promise.all(all)).length, 20);
		assert.equal(limit.stats().adaptive.reductions, 2);
	});

	test('is what `isOverload` says, which is asked for each', async () => {
		const asked = [];
		const isOverload = error => {
			asked.push(error);
			throw new Error('never seen');
		};
		const limit = pLimit({concurrency: {initial: 20, isOverload}});
		const call = assert.rejects(limit.with({retry: {...retry, retries: 1}})(flaky(9, {error: 'no'})));
		await turns();
		await clock.pass(1000);
		await call;
		assert.deepEqual(asked, ['no', 'no']);
		assert.equal(heard(limit), 0);
	});

	test('is heard of once where `shouldRetry` has said no', async () => {
		const limit = adaptive();
		await assert.rejects(limit.with({retry: {...retry, shouldRetry: async () => false}})(flaky(1)));
		assert.equal(heard(limit), 1);
	});

	for (const [what, use, options] of [
		['map', limit => limit.with({retry}).map([1], flaky(1))],
		['settle', limit => limit.with({retry}).settle([1], flaky(1))],
		['stream', limit => limit.with({retry}).stream([1], flaky(1)).next()],
		['once', limit => limit.with({retry}).once('key', flaky(1))],
		['a call with a timeout', limit => limit.with({retry, timeout: 5000})(flaky(1))],
		[
			'a call that has waited',
			limit => limit.map([1, 2], () => {}).then(() => limit.with({retry, priority: 1})(flaky(1))),
		],
		['a call inside another', limit => limit(() => limit.with({retry})(flaky(1))), {nested: 'lend'}],
		['a limit with a name', limit => limit.with({retry})(flaky(1)), {name: 'adaptive: retry'}],
		[
			'a limit with a name and nested calls',
			limit => limit(() => limit.with({retry})(flaky(1))),
			{name: 'adaptive: nested', nested: 'lend'},
		],
		['a limit with a rate', limit => limit.with({retry})(flaky(1)), {rate: {limit: 10, interval: 1, burst: 10}}],
	]) {
		test(`is heard of by ${what}`, async () => {
			const limit = adaptive(options);
			const used = use(limit);
			await turns();
			assert.equal(heard(limit), 1);
			await clock.pass(1000);
			await used;
			await limit.onIdle();
			assert.equal(heard(limit), 1);
		});
	}

	test('keeps nobody out: one heavier than the limit has become waits for room, and runs alone', async () => {
		const limit = pLimit({concurrency: {initial: 2}, maxQueue: 0});
		for (let i = 0; i < 7; i++) {
			await assert.rejects(limit(flaky(1))); // the next one is too many
		}

		const call = limit.with({retry})(flaky(1));
		const heavy = limit.with({weight: 2});
		let ran;
		const ready = heavy
			.ready()
			.then(() => heavy(() => [limit.activeCount, limit.concurrency]))
			.then(counts => {
				ran = counts;
			});
		await turns();
		assert.deepEqual([limit.concurrency, ran], [1, undefined]);
		await clock.pass(1000);
		await call;
		await ready;
		assert.deepEqual(ran, [1, 1]);
	});

	test('a limit of a number is not told', async () => {
		const limit = pLimit(20);
		const call = limit.with({retry})(flaky(1));
		await turns();
		await clock.pass(1000);
		assert.equal(await call, 2);
		assert.equal(limit.concurrency, 20);
	});
});

describe('a call that is run again', () => {
	/** Keeps a limit of 4 full of calls that take 10 ms an attempt, for so many of these. */
	const load = async (limit, rounds, times) => {
		const lane = limit.with({retry});
		let isOver = false;
		const worker = async () => {
			while (!isOver) {
				await lane(flaky(times(), {error: new Error('no overload'), takes: 10}));
			}
		};
		const workers = Array.from({length: 4}, worker);
		for (let round = 0; round < rounds; round++) {
			await turns(3);
			await clock.pass(10);
		}

		isOver = true;
		await turns(3);
		await clock.pass(10_000);
		await Promise.all(workers);
		return limit.stats().adaptive;
	};

	test('has no latency: the waits between its attempts are not the server’s', async () => {
		const limit = pLimit({concurrency: {min: 4, max: 4, initial: 4}});
		const {samples, recent} = await load(limit, 200, () => 0);
		assert.ok(samples > 400, `${samples}`);
		assert.ok(recent >= 10 && recent < 12, `${recent}`);

		let calls = 0;
		const flakier = pLimit({concurrency: {min: 4, max: 4, initial: 4}});
		const found = await load(flakier, 1500, () => (++calls % 8 === 0 ? 1 : 0));
		assert.ok(found.samples > 100 && found.samples < calls, `${found.samples} of ${calls}`);
		assert.ok(found.recent >= 10 && found.recent < 12, `${found.recent}`);
	});
});
