'use strict';

// Who runs next, and how many at once.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {openBoard, until} = require('./helpers.js');

/** Keeps the only thread busy while jobs are queued, and gives the order in which they ran. */
const orderOf = async (t, options, queue) => {
	const {board, pool} = openBoard(t, options);
	const first = pool.run({id: 999, gate: 3}, {name: 'hold'});
	await board.saw(999);
	const jobs = queue(pool);
	board.open(3);
	await Promise.all([first, ...jobs]);
	return board.log.slice(1);
};

const note = (lane, id) => lane.run({id}, {name: 'note'});
const range = (from, length) => Array.from({length}, (_, index) => from + index);

describe('lanes', () => {
	test('online runs before offline, each in the order of the calls', async t => {
		const order = await orderOf(t, {offlineShare: 0}, pool =>
			range(1, 40).map(id => note(id % 2 ? pool.offline : pool.online, id)),
		);
		assert.deepEqual(order, [...range(1, 40).filter(id => id % 2 === 0), ...range(1, 40).filter(id => id % 2)]);
	});

	test('`run` is online unless it says else, and both ways say the same', async t => {
		const order = await orderOf(t, {offlineShare: 0}, pool => [
			pool.run({id: 1}, {name: 'note', lane: 'offline'}),
			note(pool.offline, 2),
			note(pool, 3),
			pool.run({id: 4}, {name: 'note', lane: 'online'}),
			note(pool.online, 5),
			pool.map([{id: 6}, {id: 7}], {name: 'note', lane: 'offline'}),
			pool.offline.map([{id: 8}, {id: 9}], {name: 'note'}),
			pool.map([{id: 10}, {id: 11}], {name: 'note'}),
		]);
		assert.deepEqual(order, [3, 4, 5, 10, 11, 1, 2, 6, 7, 8, 9]);
	});

	test('a lane stays what it is, whatever the options say', async t => {
		const order = await orderOf(t, {offlineShare: 0}, pool => [
			pool.offline.run({id: 1}, {name: 'note', lane: 'online'}),
			pool.online.run({id: 2}, {name: 'note', lane: 'offline'}),
		]);
		assert.deepEqual(order, [2, 1]);
	});

	test('offline gets its share while online waits as well', async t => {
		const order = await orderOf(t, {offlineShare: 0.25}, pool => [
			...range(1, 60).map(id => note(pool.online, id)),
			...range(101, 20).map(id => note(pool.offline, id)),
		]);
		for (let end = 8; end <= 60; end++) {
			const offline = order.slice(0, end).filter(id => id > 100).length;
			assert.ok(Math.abs(offline - end / 4) <= 1, `${offline} of ${end}`);
		}

		assert.deepEqual(
			order.filter(id => id > 100),
			range(101, 20),
		);
	});

	test('with a share of 1 offline goes first, with the default one in sixteen', async t => {
		const queue = pool => [
			...range(1, 32).map(id => note(pool.online, id)),
			...range(101, 4).map(id => note(pool.offline, id)),
		];
		assert.deepEqual(await orderOf(t, {offlineShare: 1}, queue), [...range(101, 4), ...range(1, 32)]);
		const order = await orderOf(t, {}, queue);
		assert.equal(order.slice(0, 32).filter(id => id > 100).length, 2);
	});
});

describe('reserve', () => {
	for (const [options, most] of [
		[{maxThreads: 3}, 2],
		[{maxThreads: 3, reserve: 0}, 3],
		[{maxThreads: 3, reserve: 2}, 1],
		[{maxThreads: 1}, 1],
		[{maxThreads: 2, concurrentTasksPerWorker: 4}, 4],
		[{maxThreads: 2, reserve: 0, concurrentTasksPerWorker: 3}, 6],
	]) {
		test(`${JSON.stringify(options)}: ${most} offline jobs at once`, async t => {
			const {board, pool} = openBoard(t, options);
			await pool.offline.map(Array(40).fill(2), {name: 'crowd'});
			assert.ok(board.cell(2) <= most, `${board.cell(2)} at once`);
			const held = range(1, most + 2).map(id => pool.offline.run({id, gate: 3}, {name: 'holdAsync'}));
			await until(() => board.log.length === most);
			// An online job goes past them where a thread is kept for it.
			if (options.maxThreads * (options.concurrentTasksPerWorker ?? 1) > most) {
				assert.equal(await pool.run('past'), 'past');
			}

			assert.equal(board.log.length, most);
			assert.equal(pool.stats().offline.active, most);
			assert.equal(pool.stats().offline.pending, 2);
			board.open(3);
			await Promise.all(held);
		});
	}

	test('online may use every thread', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2});
		const held = [1, 2].map(id => pool.run({id, gate: 3}, {name: 'hold'}));
		await board.saw(1, 2);
		board.open(3);
		assert.equal(new Set(await Promise.all(held)).size, 2);
	});
});
