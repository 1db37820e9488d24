'use strict';

// What is due at the moment when something else happens, on a clock of its own.

const {Clock} = require('../clock.js');

const clock = new Clock().install();

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('../../index.js');
const {busy, deferred, outcomeOf, running, turns} = require('./helpers.js');

const idle = limit => assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

const refTimers = () => [...clock.timers].filter(timer => timer.hasRef()).length;

/** A promise that may reject before it is looked at. */
const later = promise => {
	promise.catch(() => {});
	return promise;
};

/** More microtasks than a call takes from its slot to its end. */
const MOST = 15;

/** So many microtasks after an event the clock strikes. */
const strikeAfter = async (microtasks, duration) => {
	for (let i = 0; i < microtasks; i++) {
		await null;
	}

	await clock.pass(duration);
};

/** What a race comes to when the clock strikes in each of its microtasks: one thing up to some of them, then another. */
const assertOneTurningPoint = async (round, before, after) => {
	const outcomes = [];
	for (let microtasks = 0; microtasks < MOST; microtasks++) {
		outcomes.push(await round(microtasks));
	}

	const turned = outcomes.indexOf(after);
	assert.ok(turned > 0, `${outcomes}`);
	assert.deepEqual(
		outcomes,
		outcomes.map((_, index) => (index < turned ? before : after)),
	);
};

describe('queueTimeout', () => {
	test('not before its time, and then at once', async () => {
		const {limit, free} = busy();
		const call = later(limit.with({queueTimeout: 100})(() => assert.fail('it ran')));
		await clock.pass(99);
		assert.equal(await outcomeOf(call), 'pending');
		assert.equal(limit.pendingCount, 1);
		await clock.pass(1);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_QUEUE_TIMEOUT'});
		assert.equal(limit.pendingCount, 0);
		free();
	});

	test('at the moment of the grant: it runs or it does not, and the slot goes on', async () => {
		await assertOneTurningPoint(
			async microtasks => {
				const {limit, free} = await running();
				let ran = 0;
				const call = later(
					limit.with({queueTimeout: 100})(() => {
						ran++;
					}),
				);
				const next = limit(() => 'next');
				free();
				await strikeAfter(microtasks, 100);
				const outcome = await outcomeOf(call);
				assert.equal(await next, 'next');
				idle(limit);
				assert.equal(refTimers(), 0);
				assert.equal(ran, outcome === undefined ? 1 : 0);
				return outcome?.rejected ?? 'ran';
			},
			'ERR_QUEUE_TIMEOUT',
			'ran',
		);
	});

	test('of a heavy call lets light ones start', async () => {
		const limit = pLimit(2);
		const {promise, resolve} = deferred();
		limit(() => promise);
		const heavy = later(limit.with({weight: 2, queueTimeout: 100})(() => assert.fail('it ran')));
		const light = limit(() => 'light');
		assert.equal(await outcomeOf(light), 'pending');
		await clock.pass(100);
		await assert.rejects(heavy, {code: 'ERR_QUEUE_TIMEOUT'});
		assert.equal(await light, 'light');
		resolve();
	});

	test('goes on in a pause', async () => {
		const limit = pLimit(1);
		limit.pauseFor(1000);
		const call = later(limit.with({queueTimeout: 100})(() => assert.fail('it ran')));
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_QUEUE_TIMEOUT'});
		await clock.pass(900);
		assert.equal(limit.isPaused, false);
	});

	test('ends the wait of an item of a map alone, which fails the map', async () => {
		const {limit, free} = busy();
		const map = later(limit.with({queueTimeout: 100}).map([1, 2], () => assert.fail('it ran')));
		assert.equal(limit.pendingCount, 2);
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(map), {rejected: 'ERR_QUEUE_TIMEOUT'});
		assert.equal(limit.pendingCount, 0);
		free();
	});

	test('of a flight is everybody’s who joined it', async () => {
		const {limit, free} = busy();
		const own = later(limit.with({queueTimeout: 100}).once('k', () => assert.fail('it ran')));
		const joined = later(limit.once('k', () => assert.fail('it ran')));
		await clock.pass(100);
		assert.deepEqual(await Promise.all([own, joined].map(outcomeOf)), [
			{rejected: 'ERR_QUEUE_TIMEOUT'},
			{rejected: 'ERR_QUEUE_TIMEOUT'},
		]);
		const again = limit.once('k', () => 'again');
		free();
		assert.equal(await again, 'again');
	});
});

describe('timeout', () => {
	test('at the moment of completion: one of both, and the slot is free', async () => {
		await assertOneTurningPoint(
			async microtasks => {
				const limit = pLimit(1);
				const {promise, resolve} = deferred();
				const call = later(limit.with({timeout: 100})(() => promise));
				const next = limit(() => 'next');
				await tick();
				resolve('done');
				await strikeAfter(microtasks, 100);
				const outcome = await outcomeOf(call);
				assert.equal(await next, 'next');
				idle(limit);
				assert.equal(refTimers(), 0);
				return outcome.rejected ?? outcome;
			},
			'ERR_TASK_TIMEOUT',
			'done',
		);
	});

	test('is counted from the start, not from the call', async () => {
		const {limit, free} = busy();
		const {promise, resolve} = deferred();
		const call = later(limit.with({timeout: 100})(() => promise));
		await clock.pass(1000);
		free();
		await turns();
		await clock.pass(99);
		assert.equal(await outcomeOf(call), 'pending');
		await clock.pass(1);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		assert.equal(limit.activeCount, 1, 'the slot is held');
		resolve();
		await limit.onIdle();
	});

	test('goes on in a pause', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const call = later(limit.with({timeout: 100})(() => promise));
		await tick();
		limit.pauseFor(1000);
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		resolve();
		await clock.pass(900);
	});

	test('and a queueTimeout on one call: each for its part', async () => {
		const {limit, free} = busy();
		const {promise, resolve} = deferred();
		const call = later(limit.with({queueTimeout: 100, timeout: 200})(() => promise));
		await clock.pass(99);
		free();
		await turns();
		await clock.pass(199);
		assert.equal(await outcomeOf(call), 'pending');
		await clock.pass(1);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		resolve();
		await limit.onIdle();
	});

	test('while it waits to be tried again: it is not, and the slot is free', async () => {
		const limit = pLimit(1);
		let calls = 0;
		const call = later(
			limit.with({timeout: 100, retry: {minTimeout: 1000}})(async () => {
				calls++;
				throw new Error('again');
			}),
		);
		await turns();
		assert.equal(limit.activeCount, 1);
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		idle(limit);
		await clock.pass(10_000);
		assert.equal(calls, 1);
	});
});

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

	test('a number is `retries`; the first comes after a second, and each takes twice as long', async () => {
		assert.deepEqual((await attempts(3, 800)).times, [0, 1000, 3000, 7000]);
	});

	test('goes on however often: no wait is no wait after any number of retries', async () => {
		const retry = {retries: 4, minTimeout: 0, factor: 1e200};
		const {times, outcome} = await attempts(retry, 5);
		assert.equal(times.length, 5);
		assert.deepEqual(outcome, {rejected: 'Error'});
	});

	test('waits no longer than Node can', async () => {
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

	test('`retryAfter` in a drain: the end of the pause is waited for, then all that is queued runs', async () => {
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

	test('`retryAfter`, and resume: others go on, who was asked to wait waits', async () => {
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

	test('`retryAfter` of the last attempt pauses nobody', async () => {
		const limit = pLimit(1);
		const fail = async () => {
			throw new Error('429');
		};
		await assert.rejects(limit.with({retry: {retries: 0, retryAfter: () => 500}})(fail));
		assert.equal(limit.isPaused, false);
	});
});

describe('pauseFor', () => {
	test('inside a pause ends with it, or later, but does not end it', async () => {
		const limit = pLimit(1);
		limit.pause();
		limit.pauseFor(100);
		await clock.pass(100);
		assert.equal(limit.isPaused, true);
		limit.pauseFor(100);
		limit.resume();
		assert.equal(limit.isPaused, false);
		await clock.pass(1000);
		assert.equal(limit.isPaused, false);
	});

	test('a pause that begins in one for a while holds after it', async () => {
		const limit = pLimit(1);
		limit.pauseFor(100);
		limit.pause();
		const call = limit(() => 'ran');
		await clock.pass(100);
		assert.equal(await outcomeOf(call), 'pending');
		limit.resume();
		assert.equal(await call, 'ran');
	});

	test('a drain ends a pause that is held, and waits for one that is not', async () => {
		const limit = pLimit(1);
		limit.pause();
		limit.pauseFor(100);
		const call = limit(() => 'ran');
		const drained = limit.drain();
		await clock.pass(99);
		assert.equal(await outcomeOf(drained), 'pending');
		await clock.pass(1);
		await drained;
		assert.equal(await call, 'ran');
	});

	test('again, longer, in its last moment: the pause goes on', async () => {
		const limit = pLimit(1);
		limit.pauseFor(100);
		const call = limit(() => 'ran');
		await clock.pass(99);
		limit.pauseFor(100);
		await clock.pass(99);
		assert.equal(await outcomeOf(call), 'pending');
		await clock.pass(1);
		assert.equal(await call, 'ran');
	});

	test('0 lets others begin when it is over', async () => {
		const limit = pLimit(1);
		limit.pauseFor(0);
		const call = limit(() => 'ran');
		await clock.pass(1);
		assert.equal(await call, 'ran');
	});
});

describe('the timer', () => {
	test('one for all that a limit has due', async () => {
		const limit = pLimit(1);
		limit.pause();
		const before = clock.timers.size;
		const calls = Array.from({length: 100}, (_, index) => limit.with({queueTimeout: 10 + index})(() => 'ran'));
		assert.equal(clock.timers.size, before + 1);
		limit.resume();
		assert.equal((await Promise.all(calls)).length, 100);
		assert.equal(refTimers(), 0);
	});

	test('many durations at once: each in its time, in order', async () => {
		const {limit, free} = busy();
		const began = clock.now;
		const durations = Array.from({length: 200}, (_, index) => (index * 37) % 101);
		const ended = [];
		for (const queueTimeout of durations) {
			limit
				.with({queueTimeout})(() => {})
				.catch(() => ended.push([queueTimeout, clock.now - began]));
		}

		await clock.pass(200);
		await turns();
		assert.deepEqual(
			ended.map(([duration]) => duration),
			durations.sort((a, b) => a - b),
		);
		for (const [duration, at] of ended) {
			assert.equal(at, Math.max(1, duration));
		}

		free();
	});

	test('strikes late, as after a long computation: what was due is told in the order that it was', async () => {
		const {limit, free} = busy();
		const ended = [];
		for (const queueTimeout of [30, 10, 20, 40, 30, 100]) {
			limit
				.with({queueTimeout})(() => {})
				.catch(() => ended.push(queueTimeout));
		}

		clock.now += 50;
		await clock.pass(0);
		await turns();
		assert.deepEqual(ended, [10, 20, 30, 30, 40]);
		await clock.pass(50);
		await turns();
		assert.deepEqual(ended, [10, 20, 30, 30, 40, 100]);
		free();
	});
});

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
		for (const retry of [{minTimeout: LONGEST}, {retryAfter: () => Number.POSITIVE_INFINITY}]) {
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
