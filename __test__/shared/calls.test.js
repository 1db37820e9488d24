'use strict';

// Calls, maps and streams that wait behind another thread's slot, and what gives them up.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {hold, newName, open, range, state, until} = require('./helpers.js');

/** A limit whose only slot another thread holds, and what frees it there. */
const behind = async (t, options = {}) => {
	const {board, threads} = open(t);
	const [thread] = threads;
	const name = newName();
	const limit = pLimit({name, concurrency: 1, ...options});
	await thread.run(({pLimit, own, hold}, name) => {
		own.limit = pLimit({name});
		own.held = hold(own.limit);
	}, name);
	assert.equal(limit.activeCount, 1);
	return {
		board,
		limit,
		thread,
		/** Has it freed, and begins nothing here until it is. */
		freeBlocking: () => {
			const before = board.length;
			thread.run(async ({own, board}) => {
				own.held.free();
				await own.held.ended;
				board.note(0);
			});
			while (board.length === before);
		},
		free: () => thread.run(({own}) => own.held.free()),
	};
};

const idle = limit => assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

/** The slot was given back: another thread gets it. */
const assertFree = async ({limit, thread}) => {
	assert.equal(await thread.run(({own}) => own.limit(() => 'ran')), 'ran');
	idle(limit);
};

describe('behind the slot of another thread', () => {
	test('a call runs in its context, with its arguments', async t => {
		const {AsyncLocalStorage} = require('node:async_hooks');
		const storage = new AsyncLocalStorage();
		const {limit, free} = await behind(t);
		const call = storage.run('context', () => limit((...args) => [storage.getStore(), ...args], 1, 2, 3, 4));
		assert.equal(await state(call), 'pending');
		await free();
		assert.deepEqual(await call, ['context', 1, 2, 3, 4]);
	});

	test('a failing call rejects and gives the slot back', async t => {
		const all = await behind(t);
		const call = all.limit(async () => {
			throw new RangeError('own');
		});
		all.free();
		await assert.rejects(call, RangeError);
		await assertFree(all);
	});

	test('a map runs, in the lane and with options, too', async t => {
		const {limit, free} = await behind(t, {concurrency: 1, offlineShare: 0});
		const order = [];
		const mapper = async (item, index) => {
			order.push(item);
			return [item, index];
		};
		const offline = limit.offline.map(['c', 'd'], mapper);
		const online = limit.with({timeout: 60_000}).map(['a', 'b'], mapper);
		free();
		assert.deepEqual(await Promise.all([online, offline]), [
			[
				['a', 0],
				['b', 1],
			],
			[
				['c', 0],
				['d', 1],
			],
		]);
		assert.deepEqual(order, ['a', 'b', 'c', 'd']);
	});

	test('a map of many items has its place among those of other threads', async t => {
		const {board, limit, thread, free} = await behind(t);
		const other = thread.run(async ({own, board}) => {
			await own.limit.map(Array.from({length: 100}), async () => board.note(1));
		});
		await until(() => limit.pendingCount === 100);
		const map = limit.map(range(100), async item => {
			board.note(2);
			return item;
		});
		const last = limit(() => board.length);
		free();
		assert.deepEqual(await map, range(100));
		await other;
		assert.equal(await last, 200);
		assert.deepEqual(board.log, [...Array(100).fill(1), ...Array(100).fill(2)]);
	});

	test('a stream runs, ordered and not', async t => {
		const {limit, free} = await behind(t);
		const results = [];
		const all = [true, false].map(async ordered => {
			for await (const value of limit.stream(range(50), async item => item, {ordered})) {
				results.push(value);
			}
		});
		await until(() => limit.pendingCount > 0);
		free();
		await Promise.all(all);
		assert.deepEqual(
			results.toSorted((a, b) => a - b),
			range(50).flatMap(item => [item, item]),
		);
		idle(limit);
	});

	test('a stream that is broken off gives back what it waited for', async t => {
		const all = await behind(t);
		const stream = all.limit.stream(range(50), async item => item);
		const first = stream.next();
		await until(() => all.limit.pendingCount > 0);
		all.free();
		assert.deepEqual(await first, {done: false, value: 0});
		await stream.return();
		await all.limit.onIdle();
		await assertFree(all);
	});

	test('calls by once are one in each thread', async t => {
		const {board, limit, thread, free} = await behind(t);
		const there = thread.run(({own, board}) =>
			Promise.all([1, 2, 3].map(() => own.limit.once('key', async () => board.note(1)))),
		);
		await until(() => limit.pendingCount === 1);
		const here = [1, 2, 3].map(() => limit.once('key', async () => board.note(2)));
		assert.equal(limit.pendingCount, 2);
		await free();
		await Promise.all([there, ...here]);
		assert.deepEqual(board.log, [1, 2]);
	});

	test('a call by once that is joined online overtakes what is offline in other threads', async t => {
		const {board, limit, thread, free} = await behind(t, {offlineShare: 0});
		const there = thread.run(({own, board}) => own.limit.offline(async () => board.note(1)));
		await until(() => limit.pendingCount === 1);
		const first = limit.offline.once('key', async () => board.note(2));
		const joined = limit.once('key', async () => board.note(3));
		await free();
		await Promise.all([there, first, joined]);
		assert.deepEqual(board.log, [2, 1]);
	});
});

describe('what waits behind the slot of another thread is given up', () => {
	test('by its signal', async t => {
		const all = await behind(t);
		const controller = new AbortController();
		const {signal} = controller;
		const ran = [];
		const call = all.limit.with({signal})(() => ran.push('call'));
		const map = all.limit.map([1, 2], () => ran.push('map'), {signal});
		const stream = all.limit.stream([1, 2], () => ran.push('stream'), {signal}).next();
		assert.ok(all.limit.pendingCount >= 4);
		controller.abort(new Error('given up'));
		for (const promise of [call, map, stream]) {
			await assert.rejects(promise, {message: 'given up'});
		}

		assert.equal(all.limit.pendingCount, 0);
		assert.equal(getEventListeners(signal, 'abort').length, 0);
		await all.free();
		await assertFree(all);
		assert.deepEqual(ran, []);
	});

	test('by its queueTimeout', async t => {
		const all = await behind(t);
		await assert.rejects(
			all.limit.with({queueTimeout: 1})(() => {}),
			{code: 'ERR_QUEUE_TIMEOUT'},
		);
		assert.equal(all.limit.pendingCount, 0);
		await all.free();
		await assertFree(all);
	});

	test('by its timeout only from when it has begun', async t => {
		const all = await behind(t);
		const call = all.limit.with({timeout: 1})(() => new Promise(resolve => setTimeout(resolve, 20)));
		const other = all.limit(() => 'other');
		assert.equal(await state(call), 'pending');
		await all.free();
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		assert.equal(await other, 'other');
		await assertFree(all);
	});

	test('by a signal when it has the slot already and does not know', async t => {
		const all = await behind(t);
		const controller = new AbortController();
		let ran = 0;
		const call = all.limit.with({signal: controller.signal})(() => ran++);
		const next = all.limit(() => 'next');
		all.freeBlocking();
		assert.equal(all.limit.activeCount, 1, 'it has the slot');
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		assert.equal(ran, 0);
		assert.equal(await next, 'next');
		await assertFree(all);
	});

	test('by a signal when it has the slot already, which then goes to another thread', async t => {
		const all = await behind(t);
		const controller = new AbortController();
		const call = all.limit.with({signal: controller.signal})(() => {});
		const there = all.thread.run(({own}) => own.limit(() => 'there'));
		await until(() => all.limit.pendingCount === 2);
		all.freeBlocking();
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		assert.equal(await there, 'there');
		await assertFree(all);
	});

	for (const [kind, give] of Object.entries({
		map: (limit, signal, mapper) => limit.map(range(5), mapper, {signal}),
		'map with options': (limit, signal, mapper) => limit.with({timeout: 60_000}).map(range(5), mapper, {signal}),
		stream: (limit, signal, mapper) => limit.stream(range(5), mapper, {signal}).next(),
	})) {
		test(`by a signal when a ${kind} has slots already and does not know`, async t => {
			const all = await behind(t);
			const controller = new AbortController();
			let ran = 0;
			const given = give(all.limit, controller.signal, () => ran++);
			await until(() => all.limit.pendingCount > 0);
			all.freeBlocking();
			controller.abort();
			await assert.rejects(given, {name: 'AbortError'});
			assert.equal(ran, 0);
			await assertFree(all);
		});
	}

	test('by the first failure of a map, with slots that it does not know of', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2, reserve: 0});
		await threads[0].run(({pLimit, own, hold, board}, name) => {
			own.limit = pLimit({name});
			own.held = hold(own.limit);
			own.held.ended.then(() => board.note(1));
		}, name);
		let fail;
		let begun = 0;
		const map = limit.map(
			range(3),
			() => {
				begun++;
				return new Promise((_, reject) => {
					fail = reject;
				});
			},
			{stopOnError: true},
		);
		await until(() => fail !== undefined);
		// Each of these ends only when both have begun.
		const there = threads[0].run(async ({own, turn}) => {
			let begun = 0;
			const both = async () => {
				begun++;
				while (begun < 2) {
					await turn();
				}
			};
			await Promise.all([own.limit(both), own.limit(both)]);
		});
		await until(() => limit.pendingCount === 4);
		threads[0].run(({own}) => own.held.free());
		while (board.length === 0);
		fail(new Error('first'));
		await assert.rejects(map, {message: 'first'});
		await there;
		assert.equal(begun, 1);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
	});

	test('by a signal at any moment of the hand-over: it runs or it does not, and the slot goes on', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const outcomes = {ran: 0, aborted: 0};
		const there = threads[0].run(async ({pLimit, board}, name) => {
			const limit = pLimit({name});
			while (board.length === 0) {
				await limit(async () => {
					for (let i = 0; i < 200; i++) await null;
				});
			}
		}, name);
		for (let round = 0; round < 300; round++) {
			const controller = new AbortController();
			let began = false;
			const call = limit.with({signal: controller.signal})(() => {
				began = true;
			});
			for (let i = 0; i < round % 30; i++) {
				await (i % 3 === 0 ? new Promise(setImmediate) : null);
			}

			controller.abort();
			const [{status}] = await Promise.allSettled([call]);
			assert.equal(status === 'fulfilled', began);
			outcomes[began ? 'ran' : 'aborted']++;
		}

		board.note(1);
		await there;
		idle(limit);
		assert.ok(outcomes.aborted > 0);
		assert.equal(await limit(() => 'free'), 'free');
	});
});

describe('a queue', () => {
	test('is as long as maxQueue allows, over all threads', async t => {
		const {limit, thread, free} = await behind(t, {maxQueue: 2});
		const there = thread.run(({own}) => own.limit(() => 'there'));
		await until(() => limit.pendingCount === 1);
		const here = limit(() => 'here');
		await assert.rejects(
			limit(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		await assert.rejects(
			thread.run(({own}) => own.limit(() => {})),
			{code: 'ERR_QUEUE_FULL'},
		);
		await free();
		assert.deepEqual(await Promise.all([there, here]), ['there', 'here']);
	});

	test('of many calls is worked off by whoever made them', async t => {
		const {limit, thread, free} = await behind(t);
		const calls = range(5_000).map(number => limit(() => number));
		const there = thread.run(({own}) =>
			Promise.all(Array.from({length: 5_000}, (_, index) => own.limit(() => index))).then(all => all.length),
		);
		free();
		assert.deepEqual(await Promise.all(calls), range(5_000));
		assert.equal(await there, 5_000);
		idle(limit);
		assert.equal(limit.stats().online.settled, 10_001);
	});
});

/** Names its own use, so that what `hold` gives is held here, too. */
test('a slot that is held here is waited for there', async t => {
	const {threads} = open(t);
	const name = newName();
	const limit = pLimit({name, concurrency: 1});
	const held = hold(limit);
	const there = threads[0].run(({pLimit}, name) => pLimit({name})(() => 'there'), name);
	await until(() => limit.pendingCount === 1);
	assert.equal(await state(there), 'pending');
	held.free();
	assert.equal(await there, 'there');
});
