'use strict';

// What speaks of all threads, and what one does for all.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('../../index.js');
const {hold, newName, open, range, state, until} = require('./helpers.js');

/** Opens the limit there and queues calls that are held; with `rejects` it rejects on clear. */
const holdThere = ({pLimit, own, hold}, name, options, calls = 1) => {
	own.limit = pLimit({name, ...options});
	own.lane = own.limit;
	own.held = Array.from({length: calls}, () => hold(own.limit));
	own.outcomes = Promise.allSettled(own.held.map(({ended}) => ended));
};

const freeThere = ({own}) => {
	for (const held of own.held) {
		held.free?.();
	}
};

const hasBegunThere = ({own}) => own.held.filter(({hasBegun}) => hasBegun).length;

describe('the counters', () => {
	test('are of all threads', async t => {
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

	test('of the stats are, too', async t => {
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
	test('that another thread raises has calls begin here and there', async t => {
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

	test('that another thread lowers holds here', async t => {
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
	test('holds in all threads, until any of them ends it', async t => {
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

	test('drops what its own thread has waiting, and no more', async t => {
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

	test('of a lane drops only that', async t => {
		const {limit, first} = await filled(t);
		limit.offline.clearQueue({everywhere: true});
		assert.equal(limit.pendingCount, 6);
		limit.online.clearQueue({everywhere: true});
		assert.equal(limit.pendingCount, 0);
		first.free();
	});

	test('everywhere drops what all threads have waiting; there it rejects where that is asked for', async t => {
		const {limit, first, mine, thread} = await filled(t, {rejectOnClear: true});
		limit.clearQueue({everywhere: true});
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
		await assert.rejects(mine, {name: 'AbortError'});
		assert.deepEqual(await thread.run(outcomesThere), Array(3).fill('AbortError, 1'));
		first.free();
		assert.equal(await thread.run(({own}) => own.limit(() => 'next')), 'next');
		assert.equal(await thread.run(({own}) => own.mapped), 0);
	});

	test('everywhere leaves them pending where that is not asked for', async t => {
		const {limit, first, mine, thread} = await filled(t);
		await thread.run(({own}) => own.limit.clearQueue({everywhere: true}));
		assert.equal(limit.pendingCount, 0);
		await assert.rejects(mine, {name: 'AbortError'});
		assert.deepEqual(await thread.run(outcomesThere), Array(3).fill('pending'));
		first.free();
		assert.equal(await thread.run(({own}) => own.limit(() => 'next')), 'next');
		assert.equal(await thread.run(hasBegunThere), 0);
	});

	test('everywhere rejects each of many, though their thread is idle before it is told', async t => {
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
		// Microtasks only: no letter is read before the call has ended.
		while (board.length === 0);
		mine.free();
		await mine.ended;
		const outcomes = await Promise.allSettled(calls);
		assert.ok(outcomes.every(({reason}) => reason?.name === 'AbortError'));
		assert.equal(await limit(() => 'next'), 'next');
	});

	test('everywhere does not touch what has its slot already', async t => {
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

	test('leaves an item of a stream that has its slot and does not know', async t => {
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

	test('takes slots back of which a map was not told, and gives them to others', async t => {
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
		test(`of a stream: what has its slot runs, though nobody was told yet, stopOnError: ${stopOnError}`, async t => {
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
			await assert.rejects(collected, stopOnError ? {name: 'AbortError'} : {name: 'AggregateError'});
			assert.equal(ran, 1);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [2, 0]);
			await threads[0].run(({own}) => own.held.slice(1).forEach(held => void held.free()));
			assert.equal(await limit(() => 'free'), 'free');
		});
	}
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

	test('closes the limit for all threads, and waits for the calls of all', async t => {
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

	test('rejects those who wait to enter in other threads', async t => {
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

	test('of what is not queued refuses only its own', async t => {
		const {first, over, thread} = await drained(t, {queued: false});
		first.free();
		await until(async () => (await thread.run(hasBegunThere)) === 1);
		await thread.run(freeThere);
		await over;
	});

	test('of a thread that comes later finds it closed', async t => {
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
