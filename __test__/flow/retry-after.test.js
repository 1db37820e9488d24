'use strict';

// Whom a server's answer "try again later" pauses, and how long it may. The clock is set by hand.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {later, outcomeOf, turns} = require('./helpers.js');

const {retryAfter, RetryAfterError} = pLimit;

/** Fails so many times, with an answer that asks for a second unless it is given. */
const refused = (times, headers = {'retry-after': '1'}) => {
	let attempts = 0;
	const fn = async () => {
		attempts++;
		if (attempts <= times) {
			throw Object.assign(new Error('429'), {headers});
		}

		return attempts;
	};
	return Object.defineProperty(fn, 'attempts', {get: () => attempts});
};

const retry = {retries: 1, minTimeout: 0, retryAfter};

/** The milliseconds for which the lanes are paused. */
const pauses = limit => {
	const {online, offline} = limit.stats();
	return [online.pauseEndsIn, offline.pauseEndsIn];
};

describe('the scope of a pause', () => {
	for (const [lane, scope, paused] of [
		['online', undefined, [1000, 1000]],
		['online', 'limit', [1000, 1000]],
		['online', 'lane', [1000, 0]],
		['online', 'call', [0, 0]],
		['offline', undefined, [0, 1000]],
		['offline', 'lane', [0, 1000]],
		['offline', 'limit', [1000, 1000]],
		['offline', 'call', [0, 0]],
	]) {
		test(`${lane}, ${scope ?? 'the default'}`, async () => {
			const limit = pLimit(4);
			const fn = refused(1);
			const call = limit[lane].with({retry: {...retry, scope}})(fn);
			await turns();
			assert.deepEqual(pauses(limit), paused);
			assert.equal(limit.isPaused, paused[0] + paused[1] === 2000);
			const others = [limit.online(() => 'online'), limit.offline(() => 'offline')];
			await turns();
			const begun = await Promise.all(others.map(other => outcomeOf(later(other))));
			assert.deepEqual(
				begun.map(outcome => outcome === 'pending'),
				paused.map(pause => pause > 0),
			);
			await clock.pass(999);
			assert.equal(fn.attempts, 1, 'the call itself waits in any case');
			await clock.pass(1);
			assert.equal(await call, 2);
			assert.deepEqual(await Promise.all(others), ['online', 'offline']);
			assert.deepEqual(pauses(limit), [0, 0]);
		});
	}

	test('an unknown one is refused', () => {
		assert.throws(() => pLimit(1).with({retry: {scope: 'all'}}), {
			code: 'ERR_INVALID_ARG',
			message: "`retry.scope` must be 'call' or 'lane' or 'limit', got 'all'",
		});
	});

	test('a batch that is asked to wait delays nobody who is online, and goes on then', async () => {
		const limit = pLimit({concurrency: 4, reserve: 1});
		let runs = 0;
		let wasAsked = false;
		const batch = limit.offline.with({retry}).map(Array.from({length: 40}).keys(), async item => {
			runs++;
			await new Promise(resolve => setTimeout(resolve, 100));
			if (item === 5 && !wasAsked) {
				wasAsked = true;
				throw Object.assign(new Error('429'), {headers: {'retry-after': '1'}});
			}
		});
		await turns();
		for (const passes of [100, 100]) {
			await clock.pass(passes);
			await turns();
		}

		assert.deepEqual(pauses(limit), [0, 1000]);
		let begun = 0;
		for (let i = 0; i < 8; i++) {
			await Promise.all([limit.online(() => begun++), clock.pass(100)]);
		}

		assert.equal(begun, 8, 'at once, while the offline lane is paused');
		assert.ok(pauses(limit)[1] > 0);
		assert.equal(limit.stats().online.wait.max, 0);
		for (let i = 0; i < 40; i++) {
			await clock.pass(100);
			await turns();
		}

		assert.equal((await batch).length, 40);
		assert.equal(runs, 41);
	});

	test('`resume` ends the pause of a lane; the call itself still waits', async () => {
		const limit = pLimit(4);
		const call = limit.offline.with({retry})(refused(1));
		await turns();
		const other = limit.offline(() => 'other');
		limit.resume();
		assert.equal(await other, 'other');
		await clock.pass(999);
		assert.equal(await outcomeOf(later(call)), 'pending');
		await clock.pass(1);
		assert.equal(await call, 2);
	});

	test('a call that backs off waits for the pause of its own lane', async () => {
		const limit = pLimit(4);
		const attempts = [];
		const flaky = lane =>
			lane.with({retry: {retries: 1, minTimeout: 10}})(async () => {
				attempts.push(clock.now);
				if (attempts.filter(at => at === attempts[0]).length === attempts.length) {
					throw new Error('again');
				}
			});
		const began = clock.now;
		const both = Promise.all([flaky(limit.online), flaky(limit.offline)]);
		const asked = limit.offline.with({retry})(refused(1));
		await turns();
		await clock.pass(1000);
		await Promise.all([both, asked]);
		assert.deepEqual(
			attempts.map(at => at - began),
			[0, 0, 10, 1000],
		);
	});

	test('a keyed limit is not dropped while one of its lanes is paused', async () => {
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: 10});
		const lane = limits('a').offline.with({retry: {...retry, retries: 0, maxRetryAfter: 60_000}});
		await assert.rejects(lane(refused(1)));
		await clock.pass(100);
		assert.equal(limits.size, 1);
		await clock.pass(1000);
		assert.equal(limits.size, 0);
	});
});

describe('every answer is heard', () => {
	for (const [name, options] of [
		['of the last attempt', {retries: 0}],
		['after which `shouldRetry` gives up', {shouldRetry: () => false}],
		['after which no time is left', {maxRetryTime: 0}],
	]) {
		test(name, async () => {
			const limit = pLimit(1);
			await assert.rejects(limit.with({retry: {...retry, ...options}})(refused(9)), {message: '429'});
			assert.deepEqual(pauses(limit), [1000, 1000]);
		});
	}

	test('of a call that was aborted meanwhile', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		let fail;
		const call = limit.with({retry, signal: controller.signal})(
			() =>
				new Promise(
					(_, reject) => (fail = () => reject(Object.assign(new Error('429'), {headers: {'retry-after': '1'}}))),
				),
		);
		await turns();
		controller.abort();
		await assert.rejects(call);
		fail();
		await turns();
		assert.deepEqual(pauses(limit), [1000, 1000]);
	});

	test('but not after the slot was released at the timeout: another call may run there', async () => {
		const limit = pLimit(1);
		let fail;
		const call = limit.with({retry, timeout: 100, releaseSlot: true})(
			() =>
				new Promise((_, reject) => {
					fail = () => reject(Object.assign(new Error('429'), {headers: {'retry-after': '1'}}));
				}),
		);
		await turns();
		await Promise.all([assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'}), clock.pass(100)]);
		fail();
		await turns();
		assert.deepEqual(pauses(limit), [0, 0]);
		assert.equal(await limit(() => 'next'), 'next');
	});

	test('of an error that p-retry wraps', async () => {
		const limit = pLimit(1);
		const originalError = Object.assign(new Error('429'), {headers: {'retry-after': '1'}});
		const call = limit.with({retry})(async () => {
			throw Object.assign(new Error('429'), {name: 'AbortError', originalError});
		});
		await assert.rejects(call, error => error === originalError);
		assert.deepEqual(pauses(limit), [1000, 1000]);
	});
});

describe('the longest wait', () => {
	for (const [what, value, asked] of [
		['a day', '86400', 86_400_000],
		['a second more than a minute', '61', 61_000],
	]) {
		test(`${what}: the call rejects, and nothing is paused`, async () => {
			const limit = pLimit(1);
			const fn = refused(9, {'retry-after': value});
			const error = await limit
				.with({retry})(fn)
				.catch(reason => reason);
			assert.ok(error instanceof RetryAfterError);
			assert.deepEqual([error.code, error.retryAfter, error.cause.message], ['ERR_RETRY_AFTER', asked, '429']);
			assert.equal(
				error.message,
				`the task 'fn' was asked to wait for ${asked} ms, and \`retry.maxRetryAfter\` is 60000`,
			);
			assert.deepEqual(pauses(limit), [0, 0]);
			assert.equal(fn.attempts, 1);
			assert.equal(await limit(() => 'next'), 'next');
		});
	}

	test('the year 2099', async () => {
		const limit = pLimit({concurrency: 1, name: 'retry-after: 2099'});
		const call = limit.with({retry})(refused(9, {'retry-after': 'Thu, 31 Dec 2099 23:59:59 GMT'}));
		await assert.rejects(call, {
			code: 'ERR_RETRY_AFTER',
			message: /^limit 'retry-after: 2099': the task 'fn' was asked/,
		});
	});

	test('is an option, up to Infinity', async () => {
		const limit = pLimit(1);
		const call = limit.with({retry: {...retry, maxRetryAfter: Number.POSITIVE_INFINITY}})(
			refused(1, {'retry-after': '86400'}),
		);
		await turns();
		await clock.pass(86_399_999);
		assert.equal(await outcomeOf(later(call)), 'pending');
		await clock.pass(1);
		assert.equal(await call, 2);
		const none = limit.with({retry: {...retry, maxRetryAfter: 0}})(refused(1, {'retry-after-ms': '1'}));
		await assert.rejects(none, {code: 'ERR_RETRY_AFTER', retryAfter: 1});
	});

	test('where no retry follows, the call has its own error', async () => {
		const limit = pLimit(1);
		await assert.rejects(limit.with({retry: {...retry, retries: 0}})(refused(9, {'retry-after': '86400'})), {
			message: '429',
		});
		assert.deepEqual(pauses(limit), [0, 0]);
	});

	test('`maxTimeout` does not cut it: it is for the own waits of a call', async () => {
		const limit = pLimit(1);
		const call = limit.with({retry: {...retry, maxTimeout: 300}})(refused(1));
		await turns();
		assert.deepEqual(pauses(limit), [1000, 1000]);
		await clock.pass(999);
		assert.equal(await outcomeOf(call), 'pending');
		await clock.pass(1);
		assert.equal(await call, 2);
		const asked = limit.with({retry: {...retry, maxTimeout: 300, maxRetryAfter: 500}})(refused(1));
		await assert.rejects(asked, {code: 'ERR_RETRY_AFTER', retryAfter: 1000});
	});

	test('a wait that is longer than what is left of `maxRetryTime` is not begun', async () => {
		const limit = pLimit(1);
		const fn = refused(9);
		await assert.rejects(limit.with({retry: {...retry, maxRetryTime: 500}})(fn), {message: '429'});
		assert.equal(fn.attempts, 1);
		assert.deepEqual(pauses(limit), [1000, 1000]);
	});
});
