'use strict';

// Options and errors that have a name of p-retry mean what they mean there. The clock is set by hand.

const {clock, pLimit, pass} = require('../hand.js');
const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const vm = require('node:vm');
const {later, outcomeOf, turns, waysToCall} = require('./helpers.js');

/** As p-retry defines it. */
class AbortError extends Error {
	constructor(originalError) {
		super(originalError.message);
		this.name = 'AbortError';
		this.originalError = originalError;
	}
}

/** Runs a task that always fails with this, and returns how often it ran and what the call rejected with. */
const attemptsOf = async (error, retry = {}) => {
	let attempts = 0;
	const call = pLimit(1)
		.with({retry: {retries: 2, minTimeout: 0, ...retry}})(() => {
			attempts++;
			throw error;
		})
		.catch(thrown => thrown);
	for (let i = 0; i < 3; i++) {
		await turns(3);
		await clock.pass(1);
	}

	return {attempts, reason: await call};
};

const networkError = Object.assign(new TypeError('fetch failed'), {cause: new Error('ECONNREFUSED')});

describe('errors', () => {
	test('an AbortError of p-retry is not retried, and the call rejects with its original error', async () => {
		const original = new Error('gone');
		assert.deepEqual(await attemptsOf(new AbortError(original)), {attempts: 1, reason: original});
	});

	for (const [what, error] of [
		['an aborted fetch', new DOMException('This operation was aborted', 'AbortError')],
		['an error of that name without an original one', Object.assign(new Error('a'), {name: 'AbortError'})],
		['a network error', networkError],
		['one of the body', new TypeError('terminated')],
		['one of a browser', new TypeError('Failed to fetch')],
		['one of a browser that names the host', new TypeError('Failed to fetch (example.com)')],
		['one of Safari', Object.assign(new TypeError('Load failed'), {stack: undefined})],
		[
			'one of Safari that names the host',
			Object.assign(new TypeError('Load failed (example.com)'), {stack: undefined}),
		],
		['one of Deno', new TypeError('error sending request for url (https://example.com/)')],
		['what is no error', {status: 429}],
		['nothing', undefined],
	]) {
		test(`${what} is retried`, async () => {
			assert.deepEqual(await attemptsOf(error), {attempts: 3, reason: error});
		});
	}

	for (const [what, error] of [
		['a TypeError that is a bug', new TypeError('x is not a function')],
		['one of another realm', vm.runInNewContext("new TypeError('x is not a function')")],
		['one of a subclass', new (class Bug extends TypeError {})('no')],
		['one with a name of its own', Object.assign(new TypeError('fetch failed'), {name: 'Bug'})],
		['one that looks like one of Safari, and has a stack', new TypeError('Load failed (example.com)')],
	]) {
		test(`${what} is not retried`, async () => {
			const asked = [];
			const shouldRetry = context => asked.push(context) > 0;
			assert.deepEqual(await attemptsOf(error, {shouldRetry}), {attempts: 1, reason: error});
			assert.deepEqual(asked, []);
		});
	}

	test('an error whose properties throw is retried', async () => {
		const error = Object.defineProperty(new Error('odd'), 'name', {
			get() {
				throw new Error('never seen');
			},
		});
		assert.equal((await attemptsOf(error)).attempts, 3);
	});
});

describe('what the functions get', () => {
	test('`shouldRetry` is asked while retries are left, `onFailedAttempt` after each attempt', async () => {
		const error = new Error('again');
		const told = [];
		const asked = [];
		await attemptsOf(error, {
			onFailedAttempt: context => told.push(context),
			shouldRetry: context => asked.push(context),
		});
		const expected = [0, 1, 2].map(retriesConsumed => ({
			error,
			attemptNumber: retriesConsumed + 1,
			retriesLeft: 2 - retriesConsumed,
			retriesConsumed,
		}));
		assert.deepEqual(told, expected);
		assert.deepEqual(asked, expected.slice(0, 2));
		assert.ok(Object.isFrozen(told[0]));
	});

	test('`onFailedAttempt` is awaited, and what it throws ends the retries', async () => {
		const own = new Error('enough');
		const onFailedAttempt = async () => {
			await turns(1);
			throw own;
		};
		assert.deepEqual(await attemptsOf(new Error('again'), {onFailedAttempt}), {attempts: 1, reason: own});
	});

	test('`onFailedAttempt` hears of a bug, and not of an AbortError', async () => {
		let told = 0;
		const onFailedAttempt = () => told++;
		await attemptsOf(new TypeError('a bug'), {onFailedAttempt});
		await attemptsOf(new AbortError(new Error('gone')), {onFailedAttempt});
		assert.equal(told, 1);
	});

	test('not one of them is called for a call that was given up', async () => {
		const controller = new AbortController();
		const told = [];
		let fail;
		const call = pLimit(1).with({
			signal: controller.signal,
			retry: {onFailedAttempt: () => told.push('failed'), shouldRetry: () => told.push('asked')},
		})(() => new Promise((_, reject) => (fail = reject)));
		await turns();
		controller.abort();
		await assert.rejects(call);
		fail(new Error('late'));
		await turns();
		assert.deepEqual(told, []);
	});
});

describe('maxRetryTime', () => {
	test('cuts the last wait, and no attempt follows after it', async () => {
		const times = [];
		const began = clock.now;
		const call = later(
			pLimit(1).with({retry: {minTimeout: 100, maxRetryTime: 500}})(() => {
				times.push(clock.now - began);
				throw new Error('again');
			}),
		);
		for (let i = 0; i < 10; i++) {
			await turns();
			await clock.pass(100);
		}

		await turns();
		assert.deepEqual(times, [0, 100, 300, 500]);
		assert.deepEqual(await outcomeOf(call), {rejected: 'Error'});
	});

	test('counts the time of the attempts', async () => {
		let attempts = 0;
		const call = later(
			pLimit(1).with({retry: {minTimeout: 0, maxRetryTime: 150}})(async () => {
				attempts++;
				await new Promise(resolve => setTimeout(resolve, 100));
				throw new Error('again');
			}),
		);
		for (let i = 0; i < 25; i++) {
			await turns();
			await clock.pass(10);
		}

		assert.deepEqual([attempts, await outcomeOf(call)], [2, {rejected: 'Error'}]);
	});
});

describe('an attempt that has to wait beyond `maxRetryTime` is not made', () => {
	const again = new Error('again');
	const retry = {retries: 5, minTimeout: 50, factor: 1, maxRetryTime: 200};

	for (const [way, start] of Object.entries(waysToCall)) {
		test(`for a pause that another call has caused: ${way}`, async () => {
			const limit = pLimit(4);
			let attempts = 0;
			const call = later(
				start(limit.offline.with({retry}), async () => {
					attempts++;
					throw again;
				}),
			);
			await turns();
			limit.pauseFor(1000);
			await clock.pass(50);
			await clock.pass(149);
			assert.equal(await outcomeOf(call), 'pending');
			await clock.pass(1);
			await assert.rejects(call, error => error === again);
			assert.deepEqual([attempts, limit.activeCount], [1, 0]);
			await clock.pass(1000);
			assert.equal(attempts, 1);
		});
	}

	test('for a pause of the next limit of a chain', async () => {
		const next = pLimit(4);
		const limit = pLimit(4).chain(next);
		let attempts = 0;
		const call = later(
			limit.with({retry})(async () => {
				attempts++;
				throw again;
			}),
		);
		await turns();
		next.pauseFor(1000);
		await clock.pass(50);
		await clock.pass(150);
		await assert.rejects(call, error => error === again);
		assert.deepEqual([attempts, next.activeCount], [1, 0]);
	});

	test('for the rate, and what it would have cost is left to others', async () => {
		const limit = pLimit({concurrency: 4, rate: {limit: 1, interval: 1000}});
		let attempts = 0;
		const call = later(
			limit.with({retry})(() => {
				attempts++;
				throw again;
			}),
		);
		await turns();
		await pass(limit, 50);
		await pass(limit, 150);
		await assert.rejects(call, error => error === again);
		const next = later(limit(() => 'next'));
		await pass(limit, 800);
		assert.deepEqual([attempts, await outcomeOf(next)], [1, 'next']);
	});
});

describe('signal', () => {
	const reason = new Error('stop');

	test('ends a wait at once', async () => {
		const controller = new AbortController();
		const {signal} = controller;
		const limit = pLimit(1);
		const call = limit.with({retry: {signal}})(() => Promise.reject(new Error('again')));
		await turns();
		controller.abort(reason);
		await assert.rejects(call, error => error === reason);
		assert.equal(limit.activeCount, 0);
		assert.equal(getEventListeners(signal, 'abort').length, 0);
	});

	test('an attempt that runs ends first, and its result does not count', async () => {
		const controller = new AbortController();
		const {signal} = controller;
		let end;
		const call = later(pLimit(1).with({retry: {signal}})(() => new Promise(resolve => (end = resolve))));
		await turns();
		controller.abort(reason);
		await turns();
		assert.equal(await outcomeOf(call), 'pending');
		end('too late');
		await assert.rejects(call, error => error === reason);
	});

	test('one that has aborted lets nothing run', async () => {
		const fn = () => assert.fail('it ran');
		const call = pLimit(1).with({retry: {signal: AbortSignal.abort(reason)}})(fn);
		await assert.rejects(call, error => error === reason);
	});

	test('is let go when the call has ended', async () => {
		const {signal} = new AbortController();
		await pLimit(1).with({retry: {signal}})(() => 1);
		assert.equal(getEventListeners(signal, 'abort').length, 0);
	});

	test('what is none is refused', () => {
		assert.throws(() => pLimit(1).with({retry: {signal: {}}}), {message: /^`retry.signal` must be an AbortSignal/});
	});
});
