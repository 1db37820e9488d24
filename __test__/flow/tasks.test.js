'use strict';

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick, setTimeout: delay} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {busy, deferred} = require('./helpers.js');

describe('with', () => {
	test('is a lane of the same limit', async () => {
		const {limit, free} = busy();
		const urgent = limit.with({priority: 1});
		const order = [];
		const all = [limit(() => order.push('plain')), urgent(() => order.push('urgent'))];
		assert.equal(urgent.pendingCount, 2, 'the counts are those of the lane');
		assert.equal(urgent.concurrency, 1);
		free();
		await Promise.all(all);
		assert.deepEqual(order, ['urgent', 'plain']);
		assert.equal(await urgent((a, b, c, d) => a + b + c + d, 1, 2, 3, 4), 10);
		assert.deepEqual(await urgent.map([1, 2], async x => x * 2), [2, 4]);
	});

	test('binds on top of what was bound', async () => {
		const {limit, free} = busy();
		const controller = new AbortController();
		const lane = limit.offline.with({signal: controller.signal}).with({priority: 3});
		const aborted = lane(() => 1);
		assert.equal(limit.offline.pendingCount, 1);
		controller.abort();
		await assert.rejects(aborted, {name: 'AbortError'});
		assert.equal(limit.offline.pendingCount, 0);
		free();
	});

	test('priority: higher first, equals in the order they came, within the lane', async () => {
		const {limit, free} = busy();
		const order = [];
		const all = [-1, 0, 5, 0, 5, -1].map((priority, index) =>
			limit.with({priority})(() => order.push(`${priority}:${index}`)),
		);
		all.push(limit.offline.with({priority: 9})(() => order.push('offline')));
		free();
		await Promise.all(all);
		assert.deepEqual(order, ['5:2', '5:4', '0:1', '0:3', '-1:0', '-1:5', 'offline']);
	});

	test('weight: takes several slots, and is not overtaken for ever', async () => {
		const limit = pLimit(4);
		let held = 0;
		let most = 0;
		const order = [];
		const task = weight => async () => {
			held += weight;
			most = Math.max(most, held);
			order.push(weight);
			await tick();
			held -= weight;
		};
		const light = () => limit(task(1));
		const all = [
			light(),
			light(),
			limit.with({weight: 3})(task(3)),
			light(),
			light(),
			limit.with({weight: 4})(task(4)),
			light(),
		];
		await Promise.all(all);
		assert.equal(most, 4);
		assert.deepEqual(order, [1, 1, 3, 1, 1, 4, 1]);
		assert.equal(limit.activeCount, 0);
	});

	test('weight: what ends lets several in', async () => {
		const limit = pLimit(3);
		const {promise, resolve} = deferred();
		const heavy = limit.with({weight: 3})(() => promise);
		let running = 0;
		const lights = Array.from({length: 3}, () =>
			limit(async () => {
				running++;
				await tick();
				return running;
			}),
		);
		resolve();
		await heavy;
		assert.deepEqual(await Promise.all(lights), [3, 3, 3]);
	});

	test('weight above what the lane may hold is refused; a lowered concurrency runs it alone', async () => {
		const limit = pLimit(4);
		assert.throws(() => limit.with({weight: 5}), {
			name: 'InvalidArgError',
			code: 'ERR_INVALID_ARG',
			message: '`weight` must be at most 4, the slots that the online lane may hold, got 5',
		});
		assert.throws(() => limit.offline.with({weight: 5}), {code: 'ERR_INVALID_ARG'});

		const {promise, resolve} = deferred();
		limit(() => promise);
		const heavy = limit.with({weight: 4})(() => limit.activeCount);
		limit.concurrency = 2;
		await tick();
		assert.equal(limit.pendingCount, 1);
		resolve();
		assert.equal(await heavy, 1);
	});

	test('bad options are refused by name', () => {
		const limit = pLimit(1);
		for (const [options, message] of [
			[undefined, /^`options` must be an object/],
			[{lane: 'fast'}, /^`lane` must be 'online' or 'offline', got 'fast'$/],
			[{priority: 1.5}, /^`priority` must be a whole number/],
			[{weight: 0}, /^`weight` must be a whole number from 1 /],
			[{signal: {}}, /^`signal` must be an AbortSignal, got {}$/],
			[{timeout: -1}, /^`timeout` must be a number of milliseconds from 0 to /],
			[{queueTimeout: '1'}, /^`queueTimeout` must be .*, got '1'$/],
			[{retry: -1}, /^`retry.retries` must be a whole number from 0 or more, got -1$/],
			[{retry: '3'}, /^`retry` must be a number of retries or an object, got '3'$/],
			[{retry: {factor: 0}}, /^`retry.factor` must be/],
			[{retry: {shouldRetry: 1}}, /^`retry.shouldRetry` must be a function, got 1$/],
		]) {
			assert.throws(() => limit.with(options), {code: 'ERR_INVALID_ARG', message});
		}
	});
});

describe('signal', () => {
	test('aborted before: nothing is queued', async () => {
		const limit = pLimit(1);
		const reason = new Error('never');
		const lane = limit.with({signal: AbortSignal.abort(reason)});
		await assert.rejects(
			lane(() => assert.fail('it ran')),
			reason,
		);
		await assert.rejects(
			lane.map([1], () => assert.fail('it ran')),
			reason,
		);
	});

	test('while queued: rejects at once with the reason, leaves the queue, never runs', async () => {
		const {limit, free} = busy();
		const controller = new AbortController();
		const lane = limit.with({signal: controller.signal});
		const calls = [1, 2, 3].map(() => lane(() => assert.fail('it ran')));
		const other = limit(() => 'other');
		controller.abort('enough');
		assert.equal(limit.pendingCount, 1);
		for (const call of calls) {
			await assert.rejects(call, error => error === 'enough');
		}

		free();
		assert.equal(await other, 'other');
	});

	test('while running: rejects at once; the slot is held until the task ends', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const controller = new AbortController();
		const call = limit.with({signal: controller.signal})(() => promise);
		await tick();
		const next = limit(() => 'next');
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 1]);
		resolve();
		assert.equal(await next, 'next');
	});

	test('at the moment of the grant: it does not run, and its slot is the next one’s', async () => {
		const {limit, free} = busy();
		const controller = new AbortController();
		const call = limit.with({signal: controller.signal})(() => assert.fail('it ran'));
		const next = limit(() => 'next');
		// In the microtasks after this the call is granted its slot, and has not begun.
		free();
		await Promise.resolve();
		await Promise.resolve();
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		assert.equal(await next, 'next');
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
	});

	test('after the end: nothing', async () => {
		const controller = new AbortController();
		const lane = pLimit(1).with({signal: controller.signal});
		assert.equal(await lane(() => 1), 1);
		controller.abort();
	});

	test('one listener for any number of calls, and none stays', async () => {
		const limit = pLimit(2);
		const {signal} = new AbortController();
		const lane = limit.with({signal});
		const calls = Array.from({length: 50}, () => lane(tick));
		assert.equal(getEventListeners(signal, 'abort').length, 1);
		await Promise.all(calls);
		assert.equal(getEventListeners(signal, 'abort').length, 0);
	});

	test('a heavy call that is aborted makes way for light ones', async () => {
		const limit = pLimit(2);
		const {promise, resolve} = deferred();
		limit(() => promise);
		const controller = new AbortController();
		const heavy = limit.with({weight: 2, signal: controller.signal})(() => {});
		const light = limit(() => 'light');
		controller.abort();
		await assert.rejects(heavy);
		assert.equal(await light, 'light');
		resolve();
	});
});

describe('queueTimeout', () => {
	test('ends the wait, not the run', async () => {
		const {limit, free} = busy({name: 'mails'});
		const late = limit.with({queueTimeout: 5})(() => assert.fail('it ran'));
		await assert.rejects(late, {
			code: 'ERR_QUEUE_TIMEOUT',
			name: 'QueueTimeoutError',
			message: "limit 'mails': the call timed out after 5 ms in the queue",
		});
		assert.equal(limit.pendingCount, 0);
		free();
		assert.equal(await limit.with({queueTimeout: 5})(() => delay(20, 'ran')), 'ran');
	});

	test('each call of many has its own time', async () => {
		const {limit, free} = busy();
		const ended = [];
		const calls = [30, 10, 20].map(queueTimeout =>
			limit
				.with({queueTimeout})(() => {})
				.catch(({code}) => ended.push([queueTimeout, code])),
		);
		await Promise.all(calls);
		assert.deepEqual(
			ended,
			[10, 20, 30].map(time => [time, 'ERR_QUEUE_TIMEOUT']),
		);
		free();
	});
});

describe('timeout', () => {
	test('rejects; the slot is held until the task ends', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const call = limit.with({timeout: 5})(() => promise);
		const next = limit(() => 'next');
		await assert.rejects(call, {
			code: 'ERR_TASK_TIMEOUT',
			name: 'TaskTimeoutError',
			message: 'the task timed out after 5 ms',
		});
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 1]);
		resolve();
		assert.equal(await next, 'next');
	});

	test('is counted from the start', async () => {
		const {limit, free} = busy();
		const call = limit.with({timeout: 30})(() => 'ran');
		await delay(50);
		free();
		assert.equal(await call, 'ran');
	});

	test('at the moment of completion: one of both, and the slot is free', async () => {
		const limit = pLimit(1);
		for (let round = 0; round < 20; round++) {
			const call = limit.with({timeout: 2})(() => delay(2, 'ran'));
			const outcome = await call.catch(({code}) => code);
			assert.ok(outcome === 'ran' || outcome === 'ERR_TASK_TIMEOUT');
			await limit.onIdle();
		}

		assert.equal(limit.activeCount, 0);
	});
});
