'use strict';

// Who runs, and when: the cap and the lane policy over all threads.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {hold, newName, open, range, until} = require('./helpers.js');

/** Queues calls that note their numbers, in a lane with options. */
const queue = ({pLimit, own, board}, name, numbers, lane, options = {}) => {
	own.limit = pLimit({name});
	own.all = numbers.map(number => own.limit.with({lane, ...options})(async () => board.note(number)));
};

describe('the cap', () => {
	const crowd = async ({pLimit, board, turn}, name, calls) => {
		const limit = pLimit({name, concurrency: 3});
		const call = async () => {
			await board.during(turn);
			board.note(1);
		};
		const mapped = limit.map(Array.from({length: calls}), call);
		const lanes = [limit, limit.offline, limit.with({weight: 2}), limit.with({priority: 1, timeout: 60_000})];
		await Promise.all(Array.from({length: calls}, (_, index) => lanes[index % lanes.length](call)));
		for await (const _ of limit.stream(Array.from({length: calls}), call));
		await mapped;
	};

	test('holds over the main thread and three others, with calls of all kinds', async t => {
		const {board, threads} = open(t, 3);
		const name = newName();
		const limit = pLimit({name, concurrency: 3});
		const here = crowd({pLimit, board, turn: () => new Promise(setImmediate)}, name, 200);
		await Promise.all([here, ...threads.map(thread => thread.run(crowd, name, 200))]);
		assert.equal(board.length, 4 * 3 * 200, 'all have run');
		assert.equal(board.most, 3, 'three at once, and never more');
		assert.deepEqual([board.active, limit.activeCount, limit.pendingCount], [0, 0, 0]);
	});

	test('counts weight over all threads', async t => {
		const {threads} = open(t, 1);
		const name = newName();
		const limit = pLimit({name, concurrency: 4});
		const light = hold(limit);
		await threads[0].run(({pLimit, own, hold}, name) => {
			own.heavy = hold(pLimit({name}).with({weight: 4}));
		}, name);
		assert.equal(await threads[0].run(({own}) => own.heavy.hasBegun), false);
		light.free();
		await until(() => threads[0].run(({own}) => own.heavy.hasBegun));
		const next = hold(limit);
		await until(() => limit.pendingCount === 1);
		await threads[0].run(({own}) => own.heavy.free());
		await until(() => next.hasBegun);
		next.free();
	});
});

describe('the order', () => {
	test('is that of arrival, whatever thread it was in', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const first = hold(limit);
		for (let number = 0; number < 12; number += 3) {
			await threads[0].run(queue, name, [number]);
			await threads[1].run(queue, name, [number + 1]);
			limit(async () => board.note(number + 2));
		}

		first.free();
		assert.deepEqual(await board.reaches(12), range(12));
	});

	test('is online before offline, and higher before lower priority', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, offlineShare: 0});
		const first = hold(limit);
		await threads[0].run(queue, name, [8, 9], 'offline');
		await threads[1].run(queue, name, [6], 'offline', {priority: 1});
		limit.offline(async () => board.note(10));
		limit(async () => board.note(3));
		await threads[1].run(queue, name, [4], 'online');
		await threads[0].run(queue, name, [1, 2], 'online', {priority: 2});
		await threads[1].run(queue, name, [7], 'offline', {priority: 1});
		limit(async () => board.note(5));
		first.free();
		assert.deepEqual(await board.reaches(10), range(10, 1));
	});

	test('gives offline work its share, over all threads', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, offlineShare: 1 / 4});
		const first = hold(limit);
		await threads[0].run(queue, name, Array(6).fill(0), 'offline');
		await threads[1].run(queue, name, Array(9).fill(1), 'online');
		limit.map(range(9), async () => board.note(1));
		first.free();
		const log = await board.reaches(24);
		const places = log.flatMap((number, index) => (number === 0 ? [index] : [])).slice(0, 4);
		const gaps = places.slice(1).map((place, index) => place - places[index]);
		assert.deepEqual(gaps, [4, 4, 4], `${log}`);
	});

	test('in one thread is that of the slots, even if other threads gave some of them', async t => {
		const {board, threads} = open(t, 1);
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		await threads[0].run(({pLimit, own, hold, board}, name) => {
			own.held = hold(pLimit({name}));
			own.held.ended.then(() => board.note(1));
		}, name);
		const mine = hold(limit);
		await until(() => mine.hasBegun);
		const begun = [];
		const calls = range(3).map(number =>
			limit(() => {
				begun.push(number);
				return new Promise(setImmediate);
			}),
		);
		// The first of these has the other thread's slot, which this thread does not know when it frees its own.
		threads[0].run(({own}) => own.held.free());
		while (board.length === 0);
		mine.free();
		await Promise.all(calls);
		assert.deepEqual(begun, [0, 1, 2]);
	});

	test('of a stream is kept even if a slot of this thread comes before a message is read', async t => {
		const {board, threads} = open(t, 1);
		const name = newName();
		const limit = pLimit({name, concurrency: 2, reserve: 0});
		await threads[0].run(({pLimit, own, hold, board}, name) => {
			own.held = hold(pLimit({name}));
			own.held.ended.then(() => board.note(1));
		}, name);
		const mine = hold(limit);
		await until(() => mine.hasBegun);
		const begun = [];
		const stream = limit.stream(range(6), async number => {
			begun.push(number);
			return number;
		});
		const results = [];
		const all = (async () => {
			for await (const number of stream) {
				results.push(number);
			}
		})();
		await until(() => limit.pendingCount > 0);
		// This thread does nothing while the other one hands its slot to the first item.
		threads[0].run(({own}) => own.held.free());
		while (board.length === 0);
		mine.free();
		await all;
		assert.deepEqual(begun, range(6));
		assert.deepEqual(results, range(6));
	});

	test('lets no new call overtake a call whose message is not read yet', async t => {
		const {board, threads} = open(t, 1);
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		const freeBoth = async ({own, board}) => {
			for (const held of own.held) {
				held.free();
			}

			await Promise.all(own.held.map(held => held.ended));
			board.note(1);
		};
		await threads[0].run(({pLimit, own, hold}, name) => {
			own.held = [hold(pLimit({name})), hold(pLimit({name}))];
		}, name);
		const begun = [];
		const queued = limit.stream([0], async number => begun.push(number)).next();
		await until(() => limit.pendingCount === 1);
		threads[0].run(freeBoth);
		while (board.length === 0);
		await Promise.all([limit(async () => begun.push(1)), queued]);
		assert.deepEqual(begun, [0, 1]);
	});
});

describe('the reserve', () => {
	test('is kept from the offline work of all threads together', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 3, reserve: 2});
		const offline = async ({pLimit, board, turn}, name) => {
			const lane = pLimit({name}).offline;
			await Promise.all(Array.from({length: 100}, () => lane(() => board.during(turn))));
		};
		await Promise.all(threads.map(thread => thread.run(offline, name)));
		assert.equal(board.most, 1);
		assert.equal(limit.stats().offline.settled, 200);
	});
});
