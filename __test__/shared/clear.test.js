'use strict';

// `clearQueue` of one thread, and of all.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {freeThere, hasBegunThere, hold, holdThere, newName, open, range, until} = require('./helpers.js');

describe('clearQueue', () => {
	/** Its only slot is held here; there a call and a map wait, and here a call. */
	const filled = async (t, options) => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, rejectOnClear: true});
		const first = hold(limit);
		await until(() => first.hasBegun);
		await threads[0].run(holdThere, name, options, 2);
		await threads[0].run(({own}) => {
			own.mapped = 0;
			own.map = own.limit.map([1, 2, 3], () => own.mapped++);
			own.map.catch(() => {});
		});
		const mine = limit(() => 'mine');
		mine.catch(() => {});
		assert.equal(limit.pendingCount, 6);
		return {limit, first, mine, thread: threads[0]};
	};

	/** What has become of what waited there. */
	const outcomesThere = async ({own, turn}) => {
		for (let turns = 0; turns < 5; turns++) await turn();
		const pending = Symbol('pending');
		return Promise.all(
			[...own.held.map(({ended}) => ended), own.map].map(promise =>
				Promise.race([promise, pending]).then(
					value => (value === pending ? 'pending' : 'fulfilled'),
					error => {
						own.reasons ??= new Set();
						own.reasons.add(error);
						return `${error.name}, ${own.reasons.size}`;
					},
				),
			),
		);
	};

	test('drops the waiting calls of its own thread, and no more', async t => {
		const {limit, first, mine, thread} = await filled(t);
		limit.clearQueue();
		await assert.rejects(mine, {name: 'AbortError', code: 20});
		assert.equal(limit.pendingCount, 5);
		first.free();
		await until(async () => (await thread.run(hasBegunThere)) === 1);
		await thread.run(({own}) => own.limit.clearQueue());
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
		await thread.run(freeThere);
		await limit.onIdle();
	});

	test('of a lane drops the calls of that lane only', async t => {
		const {limit, first} = await filled(t);
		limit.offline.clearQueue({everywhere: true});
		assert.equal(limit.pendingCount, 6);
		limit.online.clearQueue({everywhere: true});
		assert.equal(limit.pendingCount, 0);
		first.free();
	});

	test('everywhere drops the waiting calls of all threads; a thread with `rejectOnClear` rejects them', async t => {
		const {limit, first, mine, thread} = await filled(t, {rejectOnClear: true});
		limit.clearQueue({everywhere: true});
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
		await assert.rejects(mine, {name: 'AbortError'});
		assert.deepEqual(await thread.run(outcomesThere), Array(3).fill('AbortError, 1'));
		first.free();
		assert.equal(await thread.run(({own}) => own.limit(() => 'next')), 'next');
		assert.equal(await thread.run(({own}) => own.mapped), 0);
	});

	test('everywhere leaves them pending in a thread without `rejectOnClear`', async t => {
		const {limit, first, mine, thread} = await filled(t);
		await thread.run(({own}) => own.limit.clearQueue({everywhere: true}));
		assert.equal(limit.pendingCount, 0);
		await assert.rejects(mine, {name: 'AbortError'});
		assert.deepEqual(await thread.run(outcomesThere), Array(3).fill('pending'));
		first.free();
		assert.equal(await thread.run(({own}) => own.limit(() => 'next')), 'next');
		assert.equal(await thread.run(hasBegunThere), 0);
	});

	test('everywhere rejects each of many calls, even if their thread is idle before it gets the message', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, rejectOnClear: true});
		const mine = hold(limit);
		await until(() => mine.hasBegun);
		const calls = range(3_000).map(() => limit(() => {}));
		threads[0].run(({pLimit, board}, name) => {
			pLimit({name}).clearQueue({everywhere: true});
			board.note(1);
		}, name);
		// Microtasks only: no message is read before the call has ended.
		while (board.length === 0);
		mine.free();
		await mine.ended;
		const outcomes = await Promise.allSettled(calls);
		assert.ok(outcomes.every(({reason}) => reason?.name === 'AbortError'));
		assert.equal(await limit(() => 'next'), 'next');
	});

	test('everywhere does not drop a call that has its slot already', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, rejectOnClear: true});
		await threads[0].run(({pLimit, own, hold, board}, name) => {
			own.held = hold(pLimit({name}));
			own.held.ended.then(() => board.note(1));
		}, name);
		const [first, second] = [limit(() => 'first'), limit(() => 'second')];
		threads[0].run(({own}) => own.held.free());
		while (board.length === 0);
		limit.clearQueue({everywhere: true});
		assert.equal(await first, 'first');
		await assert.rejects(second, {name: 'AbortError'});
	});

	test('does not drop an item of a stream that has its slot but has not got the message', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		await threads[0].run(({pLimit, own, hold, board}, name) => {
			own.held = hold(pLimit({name}));
			own.held.ended.then(() => board.note(1));
		}, name);
		const ran = [];
		const stream = limit.stream(range(3), async item => ran.push(item), {highWaterMark: 3});
		const first = stream.next();
		await until(() => limit.pendingCount === 3);
		threads[0].run(({own}) => own.held.free());
		while (board.length === 0);
		limit.clearQueue();
		await Promise.allSettled([first]);
		await limit.onIdle();
		assert.deepEqual(ran, [0]);
	});

	test('takes back slots of a map that has not got the message, and gives them to other calls', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, rejectOnClear: true});
		await threads[0].run(({pLimit, own, hold, board}, name) => {
			own.limit = pLimit({name});
			own.held = hold(own.limit);
			own.held.ended.then(() => board.note(1));
		}, name);
		let ran = 0;
		const map = limit.map([1, 2, 3], () => ran++);
		const there = threads[0].run(({own}) => own.limit(() => 'there'));
		await until(() => limit.pendingCount === 4);
		threads[0].run(({own}) => own.held.free());
		while (board.length === 0);
		limit.clearQueue();
		await assert.rejects(map, {name: 'AbortError'});
		assert.equal(await there, 'there');
		assert.equal(ran, 0);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
	});

	for (const stopOnError of [true, false]) {
		test(`of a stream: an item that has its slot runs, even if the message has not come yet, stopOnError: ${stopOnError}`, async t => {
			const {board, threads} = open(t);
			const name = newName();
			const limit = pLimit({name, concurrency: 3, reserve: 0});
			await threads[0].run(({pLimit, own, hold, board}, name) => {
				own.limit = pLimit({name});
				own.held = [1, 2, 3].map(() => hold(own.limit));
				own.held[0].ended.then(() => board.note(1));
			}, name);
			let ran = 0;
			const collected = (async () => {
				for await (const _ of limit.stream([1, 2, 3], () => ran++, {stopOnError}));
			})();
			await until(() => limit.pendingCount === 3);
			threads[0].run(({own}) => own.held[0].free());
			while (board.length === 0);
			limit.clearQueue();
			await assert.rejects(collected, stopOnError ? {name: 'AbortError'} : {code: 'ERR_ITEMS_FAILED'});
			assert.equal(ran, 1);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [2, 0]);
			await threads[0].run(({own}) => own.held.slice(1).forEach(held => void held.free()));
			assert.equal(await limit(() => 'free'), 'free');
		});
	}
});
