'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick, setTimeout: delay} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {Gate} = require('../../lib/gate/gate.js');
const {busy, deferred, outcomeOf} = require('./helpers.js');

const settledOf = async promise => Promise.race([promise.then(() => true), tick(false)]);

describe('maxQueue', () => {
	test('a full queue refuses, and says so', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 2, name: 'mails'});
		const {promise, resolve} = deferred();
		const all = [limit(() => promise), limit(() => 2), limit(() => 3)];
		await assert.rejects(
			limit(() => 4),
			{
				code: 'ERR_QUEUE_FULL',
				name: 'QueueFullError',
				message:
					"limit 'mails': the online lane is full: `maxQueue` lets 2 wait in it; wait until it has room (`ready`)",
			},
		);
		await assert.rejects(
			limit.map([1], x => x),
			{code: 'ERR_QUEUE_FULL'},
		);
		resolve(1);
		assert.deepEqual(await Promise.all(all), [1, 2, 3]);
		assert.equal(await limit(() => 5), 5);
	});

	test('a full offline lane never refuses online work', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: {offline: 1}});
		const {promise, resolve} = deferred();
		limit.offline(() => promise);
		limit.offline(() => {});
		await assert.rejects(
			limit.offline(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		const online = Array.from({length: 10}, () => limit(() => 'online'));
		resolve();
		assert.equal((await Promise.all(online)).length, 10);
	});

	test('0 lets in what starts at once', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		const {promise, resolve} = deferred();
		const first = limit(() => promise);
		await assert.rejects(
			limit(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		const room = limit.ready();
		assert.equal(await settledOf(room), false);
		resolve();
		await first;
		await room;
		assert.equal(await limit(() => 1), 1);
	});

	for (const overflow of ['reject', 'wait']) {
		test(`ready lets in one after the other, overflow '${overflow}'`, async () => {
			const limit = pLimit({concurrency: 2, maxQueue: 3, overflow});
			let most = 0;
			let done = 0;
			await Promise.all(
				Array.from({length: 40}, async () => {
					await limit.ready();
					const call = limit(async () => {
						await tick();
						done++;
					});
					most = Math.max(most, limit.pendingCount);
					await call;
				}),
			);
			assert.equal(done, 40);
			assert.equal(most, 3);
		});
	}

	test('ready looks at the first of those who wait, however many they are', async ({mock}) => {
		const {limit, free} = busy({maxQueue: 1});
		const roomIn = mock.method(Gate.prototype, 'roomIn');
		const callers = Array.from({length: 200}, async () => {
			await limit.ready();
			await limit(() => {});
		});
		free();
		await Promise.all(callers);
		assert.ok(roomIn.mock.callCount() <= 2000, `${roomIn.mock.callCount()} looks for 200 callers`);
	});

	test('ready is for what the lane asks for', async () => {
		const limit = pLimit({concurrency: 4, maxQueue: 0});
		const ends = [deferred(), deferred()];
		for (const {promise} of ends) {
			limit(() => promise);
		}

		const heavy = limit.with({weight: 3});
		const light = limit.with({weight: 2});
		const ready = heavy.ready();
		assert.equal(await outcomeOf(ready), 'pending');
		assert.equal(await outcomeOf(light(() => 'light')), 'light');
		ends[0].resolve();
		await ready;
		assert.equal(await heavy(() => 'heavy'), 'heavy');
		ends[1].resolve();
	});

	test("overflow 'wait' lets in those who do not wait", async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 1, overflow: 'wait'});
		assert.deepEqual(await Promise.all([1, 2, 3].map(x => limit(() => x))), [1, 2, 3]);
	});

	test('bad options', () => {
		for (const [options, message] of [
			[{maxQueue: -1}, /^`maxQueue` must be a whole number from 0, or Infinity, got -1$/],
			[{maxQueue: {offline: 'many'}}, /^`maxQueue.offline` must be .*, got 'many'$/],
			[{overflow: 'drop'}, /^`overflow` must be 'reject' or 'wait' or 'drop-oldest' or 'drop-lowest', got 'drop'$/],
			[{nested: true}, /^`nested` must be 'lend' or 'detect', got true$/],
			[{name: 1}, /^`name` must be a string, got 1$/],
		]) {
			assert.throws(() => pLimit({concurrency: 1, ...options}), {code: 'ERR_INVALID_ARG', message});
		}
	});
});

describe('waiting for the queue', () => {
	test('onSizeLessThan, onEmpty, onIdle, of a lane and of the limit', async () => {
		const limit = pLimit({concurrency: 2, reserve: 1});
		const gates = Array.from({length: 4}, deferred);
		for (const {promise} of gates) {
			limit.offline(() => promise);
		}

		const online = deferred();
		limit(() => online.promise);
		assert.equal(limit.pendingCount, 3);
		assert.equal(await settledOf(limit.online.onEmpty()), true);
		const two = limit.offline.onSizeLessThan(3);
		const empty = limit.onEmpty();
		const laneIdle = limit.offline.onIdle();
		const idle = limit.onIdle();
		assert.equal(await settledOf(two), false);
		gates[0].resolve();
		await two;
		assert.equal(await settledOf(empty), false);
		gates[1].resolve();
		gates[2].resolve();
		await empty;
		assert.equal(await settledOf(laneIdle), false);
		gates[3].resolve();
		await laneIdle;
		assert.equal(await settledOf(idle), false);
		online.resolve();
		await idle;
		await limit.onIdle();
	});

	test('a cleared queue is empty', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		limit(() => promise);
		limit(() => {});
		const empty = limit.onEmpty();
		limit.clearQueue();
		await empty;
		resolve();
		await limit.onIdle();
	});

	test('they hold while a map runs', async () => {
		const limit = pLimit(2);
		const map = limit.map([1, 2, 3, 4, 5], x => tick(x));
		await limit.onSizeLessThan(2);
		assert.ok(limit.pendingCount < 2);
		await limit.onIdle();
		assert.equal((await map).length, 5);
	});
});

describe('pause', () => {
	test('nothing begins, what runs goes on', async () => {
		const limit = pLimit(2);
		const {promise, resolve} = deferred();
		const running = limit(() => promise);
		limit.pause();
		assert.equal(limit.isPaused, true);
		const waits = limit(() => 'began');
		resolve('ended');
		assert.equal(await running, 'ended');
		assert.equal(await settledOf(waits), false);
		limit.resume();
		assert.equal(await waits, 'began');
	});

	test('for a while; the longest counts, and resume ends it', async () => {
		const limit = pLimit(1);
		limit.pauseFor(60_000);
		limit.pauseFor(1);
		const waits = limit(() => 'began');
		await delay(10);
		assert.equal(await settledOf(waits), false);
		limit.resume();
		assert.equal(await waits, 'began');
		limit.pauseFor(5);
		assert.equal(await limit(() => 'again'), 'again');
		assert.equal(limit.isPaused, false);
		assert.throws(() => limit.pauseFor('1'), {
			code: 'ERR_INVALID_ARG',
			message: /^`milliseconds` must be .*, got '1'$/,
		});
	});

	test('a pause that is held outlasts one for a while', async () => {
		const limit = pLimit(1);
		limit.pause();
		limit.pauseFor(1);
		const waits = limit(() => 'began');
		await delay(10);
		assert.equal(await settledOf(waits), false);
		limit.resume();
		assert.equal(await waits, 'began');
	});
});

describe('drain', () => {
	test('runs what is queued, refuses what comes', async () => {
		const limit = pLimit(1);
		const done = [];
		const all = [1, 2, 3].map(x =>
			limit(async () => {
				await tick();
				done.push(x);
			}),
		);
		limit.pause();
		const drained = limit.drain();
		await assert.rejects(
			limit(() => {}),
			{code: 'ERR_LIMIT_CLOSED', name: 'LimitClosedError'},
		);
		await assert.rejects(
			limit.offline.map([1], x => x),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		await assert.rejects(limit.ready(), {code: 'ERR_LIMIT_CLOSED'});
		await drained;
		assert.deepEqual(done, [1, 2, 3]);
		await Promise.all(all);
	});

	test('or only what runs', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const runs = limit(() => promise);
		const waits = limit(() => assert.fail('it ran'));
		const drained = limit.drain({queued: false});
		await assert.rejects(waits, {code: 'ERR_LIMIT_CLOSED'});
		assert.equal(await settledOf(drained), false);
		resolve('ran');
		assert.equal(await runs, 'ran');
		await drained;
		await limit.drain();
	});

	test('rejects who waits to be let in', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		const {promise, resolve} = deferred();
		limit(() => promise);
		const room = limit.ready();
		const drained = limit.drain();
		await assert.rejects(room, {code: 'ERR_LIMIT_CLOSED'});
		resolve();
		await drained;
	});

	test('Symbol.asyncDispose', async () => {
		const limit = pLimit(1);
		let ran = false;
		limit(async () => {
			await tick();
			ran = true;
		});
		await limit[Symbol.asyncDispose]();
		assert.equal(ran, true);
	});
});
