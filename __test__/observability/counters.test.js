'use strict';

// What `stats()` counts beside starts and ends: calls that were refused, cleared, aborted, that took too long, and attempts.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {hold, newName, open} = require('../shared/helpers.js');

const none = {refused: 0, cleared: 0, aborted: 0, queueTimeouts: 0, timeouts: 0, retries: 0};

/** The counts of both lanes. */
const countsOf = limit => {
	const {online, offline} = limit.stats();
	const of = ({refused, cleared, aborted, queueTimeouts, timeouts, retries}) => ({
		refused,
		cleared,
		aborted,
		queueTimeouts,
		timeouts,
		retries,
	});
	return {online: of(online), offline: of(offline)};
};

const assertCounts = (limit, {online, offline}) => {
	assert.deepEqual(countsOf(limit), {online: {...none, ...online}, offline: {...none, ...offline}});
};

const forever = () => new Promise(() => {});

describe('refused', () => {
	test('calls, batches and lanes that are full', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: {online: 1, offline: 0}});
		const held = hold(limit);
		const waiting = limit(() => 'waited');
		await assert.rejects(
			limit(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		await assert.rejects(
			limit.with({priority: 3})(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		await assert.rejects(
			limit.with({timeout: 5})(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		await assert.rejects(
			limit.map([1, 2, 3], x => x),
			{code: 'ERR_QUEUE_FULL'},
		);
		await assert.rejects(
			limit.offline(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		assertCounts(limit, {online: {refused: 6}, offline: {refused: 1}});
		held.free();
		assert.equal(await waiting, 'waited');
	});

	test('items that find no room, in a map with options for each item', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 1});
		const held = hold(limit);
		await assert.rejects(
			limit.with({timeout: 60_000}).map([1, 2, 3, 4], x => x),
			{code: 'ERR_QUEUE_FULL'},
		);
		assertCounts(limit, {online: {refused: 3, cleared: 1}});
		held.free();
		await held.ended;
	});

	test('calls of a drained limit', async () => {
		const limit = pLimit(1);
		await limit.drain();
		await assert.rejects(
			limit(() => {}),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		assertCounts(limit, {online: {refused: 1}});
	});

	test('calls that would wait for themselves', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect'});
		await limit(() =>
			assert.rejects(
				limit(() => {}),
				{code: 'ERR_DEADLOCK'},
			),
		);
		await limit.once('key', () =>
			assert.rejects(
				limit.once('key', () => {}),
				{code: 'ERR_DEADLOCK'},
			),
		);
		assertCounts(limit, {online: {refused: 2}});
	});

	test('the item of a stream that waits for room when the limit is drained', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		const held = hold(limit);
		const read = limit.stream([1, 2, 3], x => x).next();
		const drained = limit.drain();
		await assert.rejects(read, {code: 'ERR_LIMIT_CLOSED'});
		assertCounts(limit, {online: {refused: 1}});
		held.free();
		await drained;
	});

	test('no item of a stream that waits for room', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		const results = [];
		for await (const result of limit.stream([1, 2, 3, 4, 5, 6], async x => x)) {
			results.push(result);
		}

		assert.equal(results.length, 6);
		assertCounts(limit, {});
		assert.equal(limit.stats().online.granted, 6);
	});
});

describe('cleared', () => {
	test('calls, tasks and batches', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		const held = hold(limit);
		const dropped = [
			limit(() => {}),
			limit(() => {}),
			limit.with({timeout: 1000})(() => {}),
			limit.map([1, 2, 3], x => x),
			limit.offline(() => {}),
		];
		limit.clearQueue();
		const outcomes = await Promise.allSettled(dropped);
		assert.ok(outcomes.every(({status}) => status === 'rejected'));
		assertCounts(limit, {online: {cleared: 6}, offline: {cleared: 1}});
		held.free();
		await held.ended;
	});

	test('by a drain', async () => {
		const limit = pLimit(1);
		const held = hold(limit);
		const dropped = assert.rejects(
			limit(() => {}),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		const drained = limit.drain({queued: false});
		held.free();
		await Promise.all([drained, dropped]);
		assertCounts(limit, {online: {cleared: 1}});
	});

	for (const [what, options, cleared] of [
		['items', {}, 2],
		['items that are tasks', {timeout: 10_000}, 1], // the next one has begun
	]) {
		test(`${what} behind a failed one`, async () => {
			const limit = pLimit(1);
			const failFirst = async item => {
				if (item === 1) {
					throw new Error('no');
				}

				await turn();
			};
			await assert.rejects(limit.with(options).map([1, 2, 3], failFirst, {stopOnError: true}), {message: 'no'});
			assertCounts(limit, {online: {cleared}});
		});

		test(`${what} of a stream that is no longer read`, async () => {
			const limit = pLimit(1);
			for await (const item of limit.with(options).stream([1, 2, 3, 4], async x => x, {highWaterMark: 2})) {
				assert.equal(item, 1);
				break;
			}

			const {granted, cleared, aborted} = limit.stats().online;
			assert.ok(cleared > 0 && granted + cleared <= 4, `${granted} + ${cleared}`);
			assert.equal(aborted, 0);
		});
	}
});

describe('aborted', () => {
	test('before, while they wait and while they run', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const lane = limit.with({signal: controller.signal});
		const calls = [
			lane(forever),
			lane(forever),
			lane(forever),
			limit.offline.with({signal: controller.signal})(forever),
		];
		await turn();
		controller.abort();
		calls.push(lane(forever), lane.run(forever));
		const outcomes = await Promise.allSettled(calls);
		assert.ok(outcomes.every(({reason}) => reason?.name === 'AbortError'));

		assertCounts(limit, {online: {aborted: 5}, offline: {aborted: 1}});
		assert.equal(limit.stats().online.active, 1, 'its function still runs');
	});

	test('between its slot and its first line', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const call = limit.with({signal: controller.signal})(forever);
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		assertCounts(limit, {online: {aborted: 1}});
		assert.equal(limit.stats().online.rejected, 1);
	});

	test('items of maps and streams', async () => {
		for (const options of [{}, {timeout: 10_000}]) {
			const limit = pLimit(1);
			const controller = new AbortController();
			const map = limit.with(options).map([1, 2, 3], forever, {signal: controller.signal});
			await turn();
			controller.abort();
			await assert.rejects(map, {name: 'AbortError'});
			// The item that runs goes on, unless it is a call with options of its own.
			assertCounts(limit, {online: {aborted: options.timeout === undefined ? 2 : 3}});
		}
	});

	test('in each limit of a chain', async () => {
		const [outer, inner] = [pLimit(2), pLimit(1)];
		const held = hold(inner);
		const controller = new AbortController();
		const call = outer.chain(inner).with({signal: controller.signal})(forever);
		await turn();
		assert.equal(inner.pendingCount, 1);
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		await turn();
		assertCounts(outer, {online: {aborted: 1}});
		assertCounts(inner, {online: {aborted: 1}});
		held.free();
		await held.ended;
		assert.deepEqual([outer.activeCount, inner.activeCount], [0, 0]);
	});

	test('no item of a stream whose slot is free already', async () => {
		const fail = () => {
			throw new Error('no');
		};

		for (const [options, fn] of [
			[{queueTimeout: 60_000}, fail],
			[{queueTimeout: 60_000}, async x => x],
			[{retry: {retries: 0}}, async x => x],
		]) {
			const limit = pLimit(2);
			const controller = new AbortController();
			const stream = limit.with(options).stream([1, 2], fn, {signal: controller.signal});
			const read = stream.next().catch(() => {});
			await limit.onIdle();
			controller.abort(); // the stream has not heard of all outcomes yet
			await read;
			await turn(); // an error in a listener of a signal is uncaught
			assertCounts(limit, {});
		}
	});

	test('not what has ended', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const lane = limit.with({signal: controller.signal});
		await lane(() => 1);
		await lane(async () => 1);
		const ended = lane(async () => {
			throw new Error('no');
		});
		await assert.rejects(ended, {message: 'no'});
		controller.abort();
		assertCounts(limit, {});
	});
});

describe('timeouts', () => {
	test('in the queue and while it runs', async () => {
		const limit = pLimit({concurrency: 1, reserve: 0});
		const running = limit.with({timeout: 5})(forever);
		const waiting = limit.offline.with({queueTimeout: 5})(forever);
		await assert.rejects(waiting, {code: 'ERR_QUEUE_TIMEOUT'});
		await assert.rejects(running, {code: 'ERR_TASK_TIMEOUT'});
		assertCounts(limit, {online: {timeouts: 1}, offline: {queueTimeouts: 1}});
	});

	test('in the queue, of all items of a map', async () => {
		const limit = pLimit({concurrency: 1, reserve: 0});
		const held = hold(limit);
		const map = limit.with({queueTimeout: 5}).settle([1, 2, 3], forever);
		const outcomes = await map;
		assert.ok(outcomes.every(({reason}) => reason.code === 'ERR_QUEUE_TIMEOUT'));
		assertCounts(limit, {online: {queueTimeouts: 3}});
		held.free();
		await held.ended;
	});

	test('of work that ends later', async () => {
		const limit = pLimit(1);
		let end;
		const ended = new Promise(resolve => {
			end = resolve;
		});
		await assert.rejects(
			limit.with({timeout: 1})(() => ended),
			{code: 'ERR_TASK_TIMEOUT'},
		);
		end();
		await limit.onIdle();
		assertCounts(limit, {online: {timeouts: 1}});
		const {settled, rejected} = limit.stats().online;
		assert.deepEqual([settled, rejected], [1, 1]);
	});

	test('at which the slot is released', async () => {
		const limit = pLimit(1);
		await assert.rejects(limit.with({timeout: 1, releaseSlot: true})(forever), {code: 'ERR_TASK_TIMEOUT'});
		assertCounts(limit, {online: {timeouts: 1}});
	});

	test('of each queue of a chain', async () => {
		const [outer, inner] = [pLimit(1), pLimit(1)];
		const held = hold(inner);
		await assert.rejects(outer.chain(inner).with({queueTimeout: 1})(forever), {code: 'ERR_QUEUE_TIMEOUT'});
		assertCounts(outer, {});
		assertCounts(inner, {online: {queueTimeouts: 1}});
		held.free();
	});
});

describe('retries', () => {
	const failing = times => {
		let calls = 0;
		return async () => {
			calls++;
			if (calls <= times) {
				throw new Error('again');
			}

			return calls;
		};
	};

	test('are attempts behind the first', async () => {
		const limit = pLimit({concurrency: 1, reserve: 0});
		const retry = {retries: 3, minTimeout: 0};
		assert.equal(await limit.with({retry})(failing(2)), 3);
		await assert.rejects(limit.offline.with({retry})(failing(9)), {message: 'again'});
		assertCounts(limit, {online: {retries: 2}, offline: {retries: 3}});
	});

	test('wait for a pause and count when they begin', async () => {
		const limit = pLimit(1);
		const pausing = async () => {
			limit.pauseFor(20);
			throw new Error('again');
		};
		const retry = {retries: 1, minTimeout: 0};
		await assert.rejects(limit.with({retry})(pausing), {message: 'again'});
		assertCounts(limit, {online: {retries: 1}});
	});
});

describe('of a named limit', () => {
	test('all threads count together', async t => {
		const {
			threads: [thread],
		} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, maxQueue: 2, rejectOnClear: true, reserve: 0});
		const held = hold(limit);
		await thread.run(async ({pLimit, own}, name) => {
			own.limit = pLimit({name, rejectOnClear: true});
			const {limit} = own;
			const controller = new AbortController();
			const aborted = limit.with({signal: controller.signal})(() => {});
			const cleared = limit(() => {});
			const refused = limit(() => {});
			controller.abort();
			await Promise.allSettled([aborted, refused]);
			limit.clearQueue();
			await Promise.allSettled([cleared]);
			await Promise.allSettled([limit.with({queueTimeout: 1})(() => {})]);
		}, name);
		assertCounts(limit, {online: {refused: 1, cleared: 1, aborted: 1, queueTimeouts: 1}});
		held.free();
		await held.ended;
	});

	test('what a thread leaves behind was cleared', async t => {
		const {
			threads: [thread],
		} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const held = hold(limit);
		await thread.run(({pLimit}, name) => {
			pLimit({name})(() => {});
			pLimit({name}).map([1, 2], () => {});
		}, name);
		assert.equal(limit.pendingCount, 3);
		await thread.terminate();
		await limit.onSizeLessThan(1);
		assertCounts(limit, {online: {cleared: 3}});
		held.free();
		await held.ended;
	});
});
