'use strict';

// What holds for all threads of a limit: the counters, the concurrency, a pause, a drain.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {freeThere, hasBegunThere, hold, holdThere, newName, open, range, state, until} = require('./helpers.js');

describe('the counters', () => {
	test('count the calls of all threads', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2, reserve: 0});
		await threads[0].run(holdThere, name, {}, 2);
		limit.offline(() => {});
		limit.map([1, 2, 3], () => {});
		const counts = limit => [
			[limit.activeCount, limit.pendingCount],
			[limit.online.activeCount, limit.online.pendingCount],
			[limit.offline.activeCount, limit.offline.pendingCount],
			limit.concurrency,
		];
		const expected = [[2, 4], [2, 3], [0, 1], 2];
		assert.deepEqual(counts(limit), expected);
		const there = await threads[0].run(
			({own}) => [own.limit.activeCount, own.limit.pendingCount, own.limit.offline.pendingCount, own.limit.concurrency],
			name,
		);
		assert.deepEqual(there, [2, 4, 1, 2]);
		await threads[0].run(freeThere);
		await limit.onIdle();
		assert.deepEqual(counts(limit), [[0, 0], [0, 0], [0, 0], 2]);
	});

	test('of the stats count them, too', async t => {
		const {threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		const work = async ({pLimit}, name) => {
			const limit = pLimit({name});
			await limit.map(Array.from({length: 10}), async () => {});
			await limit
				.offline(async () => {
					throw new Error('own');
				})
				.catch(() => {});
		};
		await Promise.all([work({pLimit}, name), ...threads.map(thread => thread.run(work, name))]);
		const {concurrency, online, offline} = limit.stats();
		assert.equal(concurrency, 2);
		assert.deepEqual([online.granted, online.settled, online.rejected], [30, 30, 0]);
		assert.deepEqual([offline.granted, offline.settled, offline.rejected], [3, 3, 3]);
		assert.ok(online.wait.count > 0 && online.run.count > 0);
		const there = await threads[0].run(({pLimit}, name) => pLimit({name}).stats(), name);
		assert.deepEqual(there, limit.stats());
	});
});

describe('the concurrency', () => {
	test('raised by another thread, lets calls begin here and there', async t => {
		const {threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const mine = [hold(limit), hold(limit), hold(limit)];
		await threads[0].run(holdThere, name, {}, 2);
		await threads[1].run(({pLimit}, name) => {
			pLimit({name}).concurrency = 4;
		}, name);
		await until(() => mine.every(({hasBegun}) => hasBegun));
		await until(async () => (await threads[0].run(hasBegunThere)) === 1);
		assert.deepEqual([limit.concurrency, limit.activeCount, limit.pendingCount], [4, 4, 1]);
		for (const {free} of mine) {
			free();
		}

		await until(async () => (await threads[0].run(hasBegunThere)) === 2);
		await threads[0].run(freeThere);
		await limit.onIdle();
	});

	test('lowered by another thread, applies here', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 4});
		await threads[0].run(({pLimit, own}, name) => {
			own.limit = pLimit({name});
			own.limit.concurrency = 2;
		}, name);
		assert.equal(limit.concurrency, 2);
		await limit.map(range(50), () => board.during(() => new Promise(setImmediate)));
		assert.equal(board.most, 2);
		assert.throws(() => {
			limit.concurrency = 0;
		}, TypeError);
		assert.equal(await threads[0].run(({own}) => own.limit.concurrency), 2);
	});
});

describe('a pause', () => {
	test('holds in all threads, until any thread ends it', async t => {
		const {threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 4});
		await threads[0].run(({pLimit, own}, name) => {
			own.limit = pLimit({name});
			own.limit.pause();
		}, name);
		assert.equal(limit.isPaused, true);
		const mine = hold(limit);
		await threads[1].run(holdThere, name, {});
		assert.equal(await state(mine.ended), 'pending');
		assert.deepEqual([mine.hasBegun, await threads[1].run(hasBegunThere)], [false, 0]);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 2]);
		await threads[1].run(({own}) => own.limit.resume());
		await until(() => mine.hasBegun);
		await until(async () => (await threads[1].run(hasBegunThere)) === 1);
		assert.equal(limit.isPaused, false);
		assert.equal(await threads[0].run(({own}) => own.limit.isPaused), false);
		mine.free();
		await threads[1].run(freeThere);
	});
});

describe('drain', () => {
	const drained = async (t, options) => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const first = hold(limit);
		await until(() => first.hasBegun);
		await threads[0].run(holdThere, name, {});
		let isOver = false;
		const over = limit.drain(options).then(() => {
			isOver = true;
		});
		return {limit, first, over, isOver: () => isOver, thread: threads[0], name};
	};

	test('closes the limit for all threads, and waits for the calls of all threads', async t => {
		const {limit, first, over, isOver, thread, name} = await drained(t);
		await assert.rejects(
			limit(() => {}),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		await assert.rejects(
			thread.run(({own}) => own.limit(() => {})),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		await assert.rejects(
			thread.run(({own}) => own.limit.ready()),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		await assert.rejects(
			thread.run(({pLimit}, name) => pLimit({name}).map([1], () => {}), name),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		first.free();
		await until(async () => (await thread.run(hasBegunThere)) === 1);
		assert.equal(isOver(), false);
		await thread.run(freeThere);
		await over;
	});

	test('rejects `ready` in other threads', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, maxQueue: 0});
		const first = hold(limit);
		const ready = threads[0].run(({pLimit, own}, name) => {
			own.limit = pLimit({name});
			return own.limit.ready();
		}, name);
		await until(() => threads[0].run(({own}) => own.limit !== undefined));
		assert.equal(await state(ready), 'pending');
		const over = limit.drain();
		await assert.rejects(ready, {code: 'ERR_LIMIT_CLOSED'});
		first.free();
		await over;
	});

	test('with `queued: false` refuses the queued calls of its own thread only', async t => {
		const {first, over, thread} = await drained(t, {queued: false});
		first.free();
		await until(async () => (await thread.run(hasBegunThere)) === 1);
		await thread.run(freeThere);
		await over;
	});

	test('refuses the calls of a thread that comes later', async t => {
		const {first, over, name} = await drained(t, {queued: false});
		const {threads} = open(t);
		await assert.rejects(
			threads[0].run(({pLimit}, name) => pLimit({name})(() => {}), name),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		await assert.rejects(
			threads[0].run(({pLimit}, name) => pLimit({name}).ready(), name),
			{code: 'ERR_LIMIT_CLOSED'},
		);
		first.free();
		over.catch(() => {});
	});
});

describe('calls of other threads that do not end', () => {
	test('have an age and no label; a drain that gives up counts them, and leaves them alone', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		const run = ({pLimit, own}, name) => {
			own.call = pLimit({name, concurrency: 2}).run(async ({signal}) => {
				own.signal = signal;
				await new Promise(resolve => {
					own.end = resolve;
				});
			});
		};
		await threads[0].run(run, name);
		await until(() => limit.activeCount === 1);
		const {oldest} = limit.stats().online;
		assert.equal(oldest.label, undefined);
		assert.ok(oldest.age >= 0);
		const own = limit
			.with({label: 'mine'})
			.run(({signal}) => new Promise(resolve => signal.addEventListener('abort', resolve)));
		const {isIdle, online} = await limit.drain({timeout: 0});
		assert.deepEqual([isIdle, online], [false, {active: 2, dropped: 0, labels: [{label: 'mine', count: 1}]}]);
		await own;
		assert.equal(await threads[0].run(({own}) => own.signal.aborted), false);
		await threads[0].run(({own}) => own.end());
		assert.equal((await limit.drain()).isIdle, true);
	});

	test('a drain in another thread ends a stream here that waits for its source', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		const waiting = {
			[Symbol.asyncIterator]: () => ({next: () => new Promise(() => {}), return: async () => ({done: true})}),
		};
		const stream = limit.stream(waiting, x => x);
		await Promise.all([
			assert.rejects(stream.next(), {code: 'ERR_LIMIT_CLOSED'}),
			threads[0].run(({pLimit}, name) => pLimit({name}).drain(), name),
		]);
		// Kept until now: nothing else holds this source, so the stream could be collected while it waits.
		assert.deepEqual(await stream.next(), {done: true, value: undefined});
	});
});
