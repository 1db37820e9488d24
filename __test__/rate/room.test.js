'use strict';

// Who waits for room (`ready`) where only time makes it: nothing waits in a lane that lets nobody wait, so nothing starts
// there that would tell.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {beforeEach, describe, test} = require('node:test');
const {deferred, outcomeOf, turns} = require('../flow/helpers.js');

const LONGEST = 2 ** 31 - 1;

// Each test has a time of its own: after some of the longest waits parts of milliseconds are no whole nanoseconds any more.
beforeEach(() => {
	assert.equal(clock.timers.size, 0);
	clock.now = 0;
});

let names = 0;

const kinds = [
	['a limit', () => ({})],
	['a limit with a name', () => ({name: `room ${names++}`})],
	['a limit with a rate', () => ({rate: {limit: 1000, interval: 1}})],
	['a limit with a name and a rate', () => ({name: `room ${names++}`, rate: {limit: 1000, interval: 1}})],
];

/** A limit whose only token of every 100 ms is gone. */
const spent = async options => {
	const limit = pLimit({concurrency: 8, rate: {limit: 10, interval: 1000}, maxQueue: 0, ...options});
	await limit(() => {});
	return limit;
};

const reached = async (promise, duration) => {
	await clock.pass(duration);
	return (await outcomeOf(promise)) !== 'pending';
};

for (const [what, given] of kinds) {
	describe(what, () => {
		test('has room when a pause for a time is over', async () => {
			const limit = pLimit({concurrency: 2, maxQueue: 0, ...given()});
			limit.pauseFor(100);
			const ready = limit.ready();
			assert.equal(await reached(ready, 99), false);
			assert.equal(await reached(ready, 1), true);
			assert.equal(await limit(() => 'next'), 'next');
		});

		test('and not before the last of several is, nor while one without an end is', async () => {
			const limit = pLimit({concurrency: 2, maxQueue: 0, ...given()});
			limit.pauseFor(100);
			const ready = limit.ready();
			limit.pauseFor(200);
			assert.equal(await reached(ready, 199), false);
			limit.pause();
			assert.equal(await reached(ready, 1000), false);
			assert.equal(clock.timers.size, 0);
			limit.resume();
			assert.equal(await outcomeOf(ready), undefined);
		});

		test('has room at once when a pause for a time is ended', async () => {
			const limit = pLimit({concurrency: 2, maxQueue: 0, ...given()});
			limit.pauseFor(100);
			const ready = limit.ready();
			await turns();
			limit.resume();
			assert.equal(await outcomeOf(ready), undefined);
			assert.equal(clock.timers.size, 0);
		});

		test('lets in one after the other when a pause is over', async () => {
			const limit = pLimit({concurrency: 4, maxQueue: 0, ...given()});
			limit.pauseFor(100);
			const order = [];
			const all = [1, 2, 3].map(async name => {
				await limit.offline.ready();
				await limit.offline(() => order.push(name));
			});
			await clock.pass(99);
			assert.deepEqual(order, []);
			await clock.pass(3); // the rate, where there is one, lets one start in a microsecond
			await Promise.all(all);
			assert.deepEqual(order, [1, 2, 3]);
		});

		test('has none for who waits when it is drained, and no timer either', async () => {
			const limit = pLimit({concurrency: 2, maxQueue: 0, ...given()});
			limit.pauseFor(100);
			const outcome = outcomeOf(limit.ready());
			await null;
			assert.equal(clock.timers.size, 1);
			await limit.drain();
			assert.deepEqual(await outcome, {rejected: 'ERR_LIMIT_CLOSED'});
			assert.equal(clock.timers.size, 0);
		});

		test('is waited for as long as Node can, and once more', async () => {
			const limit = pLimit({concurrency: 2, maxQueue: 0, ...given()});
			clock.now += 0.5;
			limit.pauseFor(LONGEST);
			const ready = limit.ready();
			assert.equal(await reached(ready, LONGEST - 1), false);
			assert.equal(await reached(ready, 1), true);
		});
	});
}

for (const [what, given] of [
	['a rate', () => ({})],
	['a rate of a limit with a name', () => ({name: `room ${names++}`})],
]) {
	describe(what, () => {
		test('makes room by its next token', async () => {
			const limit = await spent(given());
			const ready = limit.ready();
			assert.equal(await reached(ready, 99), false);
			assert.equal(await reached(ready, 1), true);
			assert.equal(await limit(() => 'next'), 'next');
		});

		test('makes room sooner or later, where it is changed', async () => {
			const limit = await spent(given());
			const ready = limit.ready();
			limit.rate = {limit: 1, interval: 1000};
			assert.equal(await reached(ready, 500), false);
			limit.rate = {limit: 10, interval: 1000};
			assert.equal(await reached(ready, 49), false);
			assert.equal(await reached(ready, 1), true);
			assert.equal(await limit(() => 'next'), 'next');
			const another = limit.ready();
			limit.rate = {limit: 1000, interval: 1};
			assert.equal(await reached(another, 1), true);
		});

		test('makes room for one after the other', async () => {
			const limit = await spent(given());
			const began = clock.now;
			const starts = [];
			const enter = async name => {
				await limit.ready();
				await limit(() => starts.push([name, clock.now - began]));
			};
			const all = ['a', 'b', 'c'].map(enter);
			for (let times = 0; times < 3; times++) {
				await clock.pass(100);
				await turns();
			}

			await Promise.all(all);
			assert.deepEqual(starts, [
				['a', 100],
				['b', 200],
				['c', 300],
			]);
		});

		test('makes none where slots are missing; their end does then', async () => {
			const limit = await spent({...given(), concurrency: 1});
			const {promise, resolve} = deferred();
			await clock.pass(100);
			const first = limit(() => promise);
			const ready = limit.ready();
			assert.equal(await reached(ready, 1000), false);
			assert.equal(clock.timers.size, 0);
			resolve();
			await first;
			assert.equal(await outcomeOf(ready), undefined);
		});

		test('makes room for what the lane asks for', async () => {
			const limit = await spent({...given(), rate: {limit: 10, interval: 1000, burst: 4}});
			await limit.with({cost: 3})(() => {});
			const [costly, free] = [limit.with({cost: 3}), limit.with({cost: 0})];
			assert.equal(await outcomeOf(free.ready()), undefined);
			const ready = costly.ready();
			assert.equal(await reached(ready, 299), false);
			assert.equal(await reached(ready, 1), true);
			assert.equal(await costly(() => 'costly'), 'costly');
		});

		test('makes room behind calls that wait, as they start', async () => {
			const limit = await spent({...given(), maxQueue: 1});
			const waits = limit(() => 'waits');
			const ready = limit.ready();
			await clock.pass(99);
			limit.pauseFor(0); // looks, as the timer's thread would
			assert.equal(await outcomeOf(ready), 'pending');
			await clock.pass(1);
			limit.pauseFor(0);
			assert.equal(await waits, 'waits');
			assert.equal(await outcomeOf(ready), undefined);
		});

		test('may take longer than Node can wait', async () => {
			const limit = await spent({...given(), rate: {limit: 1, interval: LONGEST}});
			await clock.pass(LONGEST);
			await limit.with({cost: 3})(() => {});
			const ready = limit.ready();
			assert.equal(await reached(ready, LONGEST), false);
			assert.equal(await reached(ready, LONGEST), false);
			assert.equal(await reached(ready, LONGEST - 1), false);
			assert.equal(await reached(ready, 1), true);
		});
	});
}

describe('a stream', () => {
	test("waits for the room that only time makes, overflow 'wait'", async () => {
		const limit = await spent({overflow: 'wait'});
		const results = [];
		const read = (async () => {
			for await (const result of limit.stream(['a', 'b'], item => [item, clock.now])) {
				results.push(result);
			}
		})();
		const began = clock.now;
		await turns();
		for (let times = 0; times < 2; times++) {
			await clock.pass(100);
			await turns();
		}

		await read;
		assert.deepEqual(results, [
			['a', began + 100],
			['b', began + 200],
		]);
	});
});
