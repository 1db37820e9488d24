'use strict';

// `attemptTimeout`: how long each attempt may take. The clock is set by hand.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {deferred, idle, later, outcomeOf, turns} = require('./helpers.js');

const {TaskTimeoutError} = pLimit;

const retry = {retries: 2, minTimeout: 0};

/** A function whose attempts end when they are told to: `attempts[0].resolve()`. */
const told = () => {
	const attempts = [];
	const fn = async context => {
		const own = {...deferred(), signal: context?.signal};
		attempts.push(own);
		return own.promise;
	};
	return {attempts, fn};
};

/** Passes time, and lets what is due happen. */
const pass = async duration => {
	await turns(1);
	await clock.pass(duration);
	await turns();
};

describe('an attempt that takes too long', () => {
	test('is told by a signal of its own, and fails when its function has ended', async () => {
		const limit = pLimit({concurrency: 1, retry, attemptTimeout: 100});
		const {attempts, fn} = told();
		const call = later(limit.run(fn, {label: 'page'}));
		await pass(99);
		assert.equal(attempts[0].signal.aborted, false);
		await pass(1);
		const {reason} = attempts[0].signal;
		assert.ok(reason instanceof TaskTimeoutError);
		assert.equal(reason.message, "attempt 1 of the task 'page' timed out after 100 ms");
		assert.deepEqual([attempts.length, limit.activeCount], [1, 1], 'it has not ended');
		attempts[0].reject(reason);
		await pass(1);
		assert.equal(attempts.length, 2);
		assert.notEqual(attempts[1].signal, attempts[0].signal);
		await pass(99);
		assert.equal(attempts[1].signal.aborted, false, 'its time begins anew');
		attempts[1].resolve('a page');
		assert.equal(await call, 'a page');
		await pass(1000);
		assert.equal(attempts[1].signal.aborted, false);
		idle(limit);
	});

	test('may still give a value', async () => {
		const limit = pLimit({concurrency: 1, retry, attemptTimeout: 100});
		const {attempts, fn} = told();
		const call = limit(fn);
		await pass(500);
		attempts[0].resolve('late');
		assert.equal(await call, 'late');
		assert.equal(attempts.length, 1);
	});

	test('fails with the timeout, which has what it came to as its cause', async () => {
		const failures = [];
		const limit = pLimit({
			concurrency: 1,
			retry: {...retry, onFailedAttempt: ({error}) => failures.push(error)},
			attemptTimeout: 100,
		});
		const {attempts, fn} = told();
		const call = limit.run(fn);
		await pass(100);
		const own = new TypeError('a bug, which is not retried');
		attempts[0].reject(own);
		await pass(1);
		attempts[1].resolve();
		await call;
		assert.equal(failures[0], attempts[0].signal.reason);
		assert.equal(failures[0].cause, own);
	});

	test('is asked of by `shouldRetry`', async () => {
		const limit = pLimit({concurrency: 1, retry: {...retry, shouldRetry: () => false}, attemptTimeout: 100});
		const {attempts, fn} = told();
		const call = later(limit.run(fn));
		await pass(100);
		assert.equal(await outcomeOf(call), 'pending', 'a value may come');
		attempts[0].reject(new Error('stopped'));
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		assert.equal(attempts.length, 1);
	});

	for (const [title, options, number] of [
		['without retries', {}, 1],
		['with `retries: 0`', {retry: 0}, 1],
		['after the last retry', {retry: {retries: 1, minTimeout: 0}}, 2],
	]) {
		test(`rejects the call at once if none can follow: ${title}`, async () => {
			const limit = pLimit({concurrency: 1, attemptTimeout: 100, ...options});
			const {attempts, fn} = told();
			const call = later(limit.run(fn));
			for (let attempt = 1; attempt < number; attempt++) {
				await turns(1);
				attempts.at(-1).reject(new Error('no'));
				await pass(1);
			}

			await pass(100);
			assert.equal(attempts.length, number);
			await assert.rejects(call, {
				code: 'ERR_TASK_TIMEOUT',
				message: `attempt ${number} of the task 'fn' timed out after 100 ms`,
			});
			assert.equal(attempts.at(-1).signal.reason, await call.catch(error => error));
			assert.equal(limit.activeCount, 1, 'its slot is held');
			assert.equal(limit.stats().online.timeouts, 1);
			attempts.at(-1).resolve();
			await turns();
			idle(limit);
			assert.equal(limit.stats().online.rejected, 1);
		});
	}

	test('rejects the call at once if no time is left for another one', async () => {
		const limit = pLimit({concurrency: 1, retry: {...retry, maxRetryTime: 50}, attemptTimeout: 100});
		const {attempts, fn} = told();
		const call = later(limit(fn));
		await pass(100);
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		attempts[0].resolve();
	});

	test('and one that a drain has made the last', async () => {
		const limit = pLimit({concurrency: 1, retry, attemptTimeout: 100});
		const {attempts, fn} = told();
		const call = later(limit(fn));
		await turns(1);
		limit.drain({queued: false});
		await pass(100);
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		attempts[0].resolve();
	});

	test('rejects with the reason of the signal of `retry`, if that has aborted', async () => {
		const limit = pLimit({concurrency: 1, attemptTimeout: 100});
		const controller = new AbortController();
		const {attempts, fn} = told();
		const call = limit.run(fn, {retry: {...retry, signal: controller.signal}});
		const outcome = later(call.catch(error => error));
		await pass(50);
		const reason = new Error('enough');
		controller.abort(reason);
		await pass(50);
		assert.equal(await outcome, reason);
		attempts[0].reject(new Error('too late'));
		await pass(1);
		assert.equal(attempts.length, 1);
		idle(limit);
	});

	test('is no longer one that has ended: values, failures and throws', async () => {
		const limit = pLimit({concurrency: 1, attemptTimeout: 100});
		assert.equal(await limit(() => 1), 1);
		await assert.rejects(
			limit(() => {
				throw new Error('thrown');
			}),
			{message: 'thrown'},
		);
		await assert.rejects(
			limit(async () => {
				throw new Error('rejected');
			}),
			{message: 'rejected'},
		);
		await pass(1000);
		assert.equal([...clock.timers].filter(timer => timer.isRef).length, 0, 'nothing keeps the process alive');
	});

	test('ends later than the `timeout` of all attempts', async () => {
		const limit = pLimit({concurrency: 1, retry, timeout: 150, attemptTimeout: 100});
		const {attempts, fn} = told();
		const call = later(limit.run(fn));
		await pass(100);
		attempts[0].reject(attempts[0].signal.reason);
		await pass(50);
		const error = await call.catch(reason => reason);
		assert.equal(error.message, "the task 'fn' timed out after 150 ms");
		assert.equal(error.cause, attempts[0].signal.reason);
		assert.equal(attempts[1].signal.reason, error);
		await pass(100);
		assert.equal(attempts[1].signal.reason, error, 'its own timeout changes nothing');
		attempts[1].resolve();
		await turns();
		idle(limit);
	});

	test('after the signal has aborted, changes nothing', async () => {
		const limit = pLimit({concurrency: 1, retry, attemptTimeout: 100});
		const controller = new AbortController();
		const {attempts, fn} = told();
		const call = later(limit.run(fn, {signal: controller.signal}));
		await turns();
		controller.abort('gone');
		await assert.rejects(call, reason => reason === 'gone');
		assert.equal([...clock.timers].filter(timer => timer.isRef).length, 0);
		await pass(100);
		assert.equal(attempts[0].signal.reason, 'gone');
		attempts[0].reject(new Error('stopped'));
		await turns();
		idle(limit);
		assert.equal(attempts.length, 1);
	});

	test('counts as an overload for an adaptive limit', async () => {
		const limit = pLimit({concurrency: {initial: 1, max: 1}, retry, attemptTimeout: 100});
		const {attempts, fn} = told();
		const call = limit.run(fn);
		await pass(100);
		attempts[0].reject(new Error('stopped'));
		await pass(1);
		attempts[1].resolve();
		await call;
		assert.equal(limit.stats().adaptive.overloads, 1);
	});

	for (const [title, start] of Object.entries({
		map: (limit, fn) => limit.map([1], fn),
		stream: (limit, fn) => limit.stream([1], fn).next(),
		once: (limit, fn) => limit.once('key', fn),
		'a chain': (limit, fn) => limit.chain(pLimit(1))(fn),
	})) {
		test(`of ${title}`, async () => {
			const limit = pLimit({concurrency: 1, attemptTimeout: 100});
			const {attempts, fn} = told();
			const call = later(start(limit, () => fn()));
			await pass(100);
			await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT', message: /^attempt 1 of the task/});
			attempts[0].resolve();
			await turns();
			idle(limit);
		});
	}
});

describe('with `releaseSlot`', () => {
	const options = {concurrency: 1, attemptTimeout: 100, releaseSlot: true};

	test('the next attempt does not wait for the one that took too long', async () => {
		const limit = pLimit({...options, retry});
		const {attempts, fn} = told();
		const call = limit.run(fn);
		await pass(101);
		assert.equal(attempts.length, 2);
		assert.deepEqual([limit.activeCount, limit.stats().abandoned], [1, 1]);
		attempts[0].resolve('ignored');
		await turns();
		assert.equal(limit.stats().abandoned, 0);
		attempts[1].resolve('taken');
		assert.equal(await call, 'taken');
		idle(limit);
	});

	test('the last one gives up its slot', async () => {
		const limit = pLimit(options);
		const {attempts, fn} = told();
		const call = later(limit.run(fn));
		const next = limit(() => 'next');
		await pass(100);
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		assert.equal(await next, 'next');
		assert.equal(limit.stats().abandoned, 1);
		assert.equal((await limit.drain()).isIdle, false);
		attempts[0].reject(new Error('ignored'));
		await turns();
		assert.equal(limit.stats().abandoned, 0);
	});

	for (const when of ['while it runs', 'when it begins']) {
		test(`a call whose signal has aborted ${when} gives up its slot then`, async () => {
			const limit = pLimit(options);
			const controller = new AbortController();
			const call = later(
				limit.run(
					() => {
						if (when === 'when it begins') {
							controller.abort('gone');
						}

						return new Promise(() => {});
					},
					{signal: controller.signal},
				),
			);
			await turns();
			controller.abort('gone');
			await assert.rejects(call, reason => reason === 'gone');
			const next = later(limit(() => 'next'));
			await pass(99);
			assert.equal(await outcomeOf(next), 'pending');
			await pass(1);
			assert.equal(await next, 'next');
		});
	}

	test('needs one of the timeouts', () => {
		assert.throws(() => pLimit({concurrency: 1, releaseSlot: true}), {
			message: /^`releaseSlot` must be false or left out without a `timeout` or an `attemptTimeout`/,
		});
		pLimit({concurrency: 1, releaseSlot: true, attemptTimeout: 1});
	});
});

test('`attemptTimeout` is a number of milliseconds, or Infinity for none', async () => {
	assert.throws(() => pLimit(1).with({attemptTimeout: -1}), {message: /^`attemptTimeout` must be a number of milli/});
	const limit = pLimit({concurrency: 1, attemptTimeout: 1}).with({attemptTimeout: Number.POSITIVE_INFINITY});
	const call = limit(() => new Promise(() => {}));
	await pass(1000);
	assert.equal(await outcomeOf(later(call)), 'pending');
});
