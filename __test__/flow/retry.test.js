'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick, setTimeout: delay} = require('node:timers/promises');
const pLimit = require('p-lanes');

const {retryAfter} = pLimit;

/** Fails so many times. */
const failing = (times, error = new Error('again')) => {
	let calls = 0;
	const fn = async () => {
		calls++;
		if (calls <= times) {
			throw error;
		}

		return calls;
	};
	return Object.defineProperty(fn, 'calls', {get: () => calls});
};

describe('retry', () => {
	test('runs again until it succeeds, in its slot', async () => {
		const limit = pLimit(1);
		const fn = failing(2);
		const order = [];
		const call = limit
			.with({retry: {minTimeout: 1}})(fn)
			.then(() => order.push('retried'));
		const next = limit(() => order.push('next'));
		await delay(1);
		assert.equal(limit.activeCount, 1, 'the slot is kept meanwhile');
		await Promise.all([call, next]);
		assert.equal(fn.calls, 3);
		assert.deepEqual(order.sort(), ['next', 'retried']);
	});

	test('gives up after `retries`, with the last error', async () => {
		const error = new Error('last');
		const fn = failing(9, error);
		await assert.rejects(pLimit(1).with({retry: {retries: 2, minTimeout: 0}})(fn), error);
		assert.equal(fn.calls, 3);
		const once = failing(9, error);
		await assert.rejects(pLimit(1).with({retry: 0})(once), error);
		assert.equal(once.calls, 1);
	});

	test('`shouldRetry` says which errors', async () => {
		const fn = failing(9);
		const lane = pLimit(1).with({retry: {minTimeout: 0, shouldRetry: ({error}) => error.message !== 'again'}});
		await assert.rejects(lane(fn), /again/);
		assert.equal(fn.calls, 1);
	});

	test('`retryAfter` pauses the whole limit', async () => {
		const limit = pLimit(2);
		const began = performance.now();
		let othersBegan;
		const fn = failing(1);
		const call = limit.with({retry: {minTimeout: 0, retryAfter: () => 40}})(fn);
		await tick();
		await tick();
		assert.equal(limit.isPaused, true);
		const other = limit(() => {
			othersBegan = performance.now() - began;
		});
		assert.equal(limit.pendingCount, 1, 'though a slot is free');
		await Promise.all([call, other]);
		assert.ok(othersBegan >= 39, 'nobody else asked before');
		assert.equal(fn.calls, 2);
		assert.equal(limit.isPaused, false);
	});

	test('an answer of `retryAfter` that is no time is refused, and pauses nobody', async () => {
		const cause = new Error('what the task failed with');
		for (const answer of ['2', new Date(), true]) {
			const limit = pLimit(1);
			await assert.rejects(limit.with({retry: {minTimeout: 0, retryAfter: () => answer}})(failing(1, cause)), {
				code: 'ERR_INVALID_ARG',
				cause,
				message: /^`retry.retryAfter` must be a function that gives milliseconds or undefined, got /,
			});
			assert.equal(limit.isPaused, false);
		}
	});

	test('and one that asks for nothing is none', async () => {
		for (const answer of [undefined, null, 0, -1, Number.NaN]) {
			const limit = pLimit(1);
			assert.equal(await limit.with({retry: {minTimeout: 0, retryAfter: () => answer}})(failing(1)), 2);
			assert.equal(limit.isPaused, false);
		}
	});

	test('aborted while it backs off: rejects at once, and the slot is free', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const fn = failing(9);
		const call = limit.with({signal: controller.signal, retry: {minTimeout: 60_000}})(fn);
		await tick();
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		assert.equal(await limit(() => 'next'), 'next');
		assert.equal(fn.calls, 1);
	});

	test('a timeout spans all attempts', async () => {
		const limit = pLimit(1);
		const call = limit.with({timeout: 20, retry: {minTimeout: 60_000}})(failing(9));
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		await limit.onIdle();
	});

	test('cleared while it backs off: it runs already, and goes on', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		const call = limit.with({retry: {minTimeout: 5}})(failing(1));
		await tick();
		limit.clearQueue();
		assert.equal(await call, 2);
	});
});

describe('retryAfter', () => {
	for (const [name, error, expected] of [
		['a fetch Response', new Response('', {status: 429, headers: {'Retry-After': '2'}}), 2000],
		['an error with a response', Object.assign(new Error('429'), {response: {headers: {'retry-after': '0.5'}}}), 500],
		['an error with headers', Object.assign(new Error('429'), {headers: new Map([['retry-after', 3]])}), 3000],
		['raw pairs', {headers: [['Retry-After', '1']]}, 1000],
		['several values', {headers: {'Retry-After': ['1', '2']}}, 1000],
		['no header', new Error('none'), undefined],
		['nonsense', {headers: {'retry-after': 'soon'}}, undefined],
		['nothing', undefined, undefined],
		['milliseconds', {headers: {'retry-after-ms': '1500', 'retry-after': '2'}}, 1500],
		['milliseconds that are none', {headers: {'retry-after-ms': 'soon', 'retry-after': '2'}}, 2000],
		['milliseconds alone', new Response('', {headers: {'Retry-After-Ms': '20.5'}}), 20.5],
		['headers of a cause', new Error('429', {cause: {headers: {'retry-after': '4'}}}), 4000],
		['a response of a cause', new Error('429', {cause: {response: {headers: {'retry-after': '5'}}}}), 5000],
		['the error before its cause', {headers: {'retry-after': '1'}, cause: {headers: {'retry-after': '2'}}}, 1000],
		['a day', {headers: {'retry-after': '86400'}}, 86_400_000],
		['more than a number holds', {headers: {'retry-after': '9'.repeat(400)}}, Number.POSITIVE_INFINITY],
		['a date of the past', {headers: {'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT'}}, 0],
	]) {
		test(name, () => {
			assert.equal(retryAfter(error), expected);
		});
	}

	test('a date, in each form and whatever the time zone', ({mock}) => {
		const {TZ} = process.env;
		process.env.TZ = 'America/New_York';
		mock.method(Date, 'now', () => Date.UTC(1994, 10, 6, 8, 49, 0));
		try {
			for (const date of [
				'Sun, 06 Nov 1994 08:49:37 GMT',
				'Sunday, 06-Nov-94 08:49:37 GMT',
				'Sun Nov  6 08:49:37 1994',
			]) {
				assert.equal(retryAfter({headers: {'retry-after': date}}), 37_000, date);
			}
		} finally {
			// Assigned, `undefined` would be a text.
			if (TZ === undefined) {
				delete process.env.TZ;
			} else {
				process.env.TZ = TZ;
			}
		}
	});
});

describe('one who is asked to wait', () => {
	test('makes others wait who back off meanwhile', async () => {
		const limit = pLimit(2);
		const attempts = [];
		const flaky = limit.with({retry: {retries: 1, minTimeout: 1}})(async () => {
			attempts.push(limit.isPaused);
			if (attempts.length === 1) {
				throw new Error('again');
			}
		});
		const asked = limit.with({retry: {retries: 1, minTimeout: 0, retryAfter: () => 50}})(failing(1));
		await Promise.all([flaky, asked]);
		assert.deepEqual(attempts, [false, false], 'the pause was over');
	});
});
