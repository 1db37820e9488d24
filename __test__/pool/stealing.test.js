'use strict';

// Jobs wait where any thread can take them; and a thread may run several at a time.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {open, openBoard, range, sleep, until} = require('./helpers.js');

describe('stealing', () => {
	test('what a busy thread had taken to itself is run by one that is idle', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, minThreads: 2, reserve: 0});
		await until(() => pool.stats().threads === 2);
		// Both are held, so that the jobs after that lie in one queue.
		const held = [1, 2].map(id => pool.run({id, gate: 2 + id}, {name: 'hold'}));
		await board.saw(1, 2);
		const next = pool.run({id: 3, gate: 5}, {name: 'hold'});
		const jobs = range(100, 60).map(id => pool.run({id}, {name: 'noteWho'}));
		// The thread that is freed takes a batch with the job that holds it again.
		board.open(3);
		const [busy] = await Promise.all([held[0], board.saw(3)]);
		board.open(4);
		const idle = await held[1];
		assert.notEqual(idle, busy);
		assert.deepEqual(new Set(await Promise.all(jobs)), new Set([idle]));
		board.open(5);
		assert.equal(await next, busy);
		assert.deepEqual([...new Set(board.log)].length, board.log.length, 'each ran once');
	});

	test('a few long jobs do not hold up the short ones behind them', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 0});
		const long = pool.offline.run({id: 1, gate: 3}, {name: 'hold'});
		const short = pool.offline.map(
			range(100, 200).map(id => ({id})),
			{name: 'note'},
		);
		assert.deepEqual(await short, range(100, 200));
		board.open(3);
		await long;
	});

	test('every job of many runs once', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 3, reserve: 0, concurrentTasksPerWorker: 2});
		const lanes = ['online', 'offline'];
		await Promise.all(range(1, 3000).map(id => pool.run({id}, {name: 'note', lane: lanes[id % 2]})));
		assert.deepEqual(
			board.log.sort((a, b) => a - b),
			range(1, 3000),
		);
	});
});

describe('concurrentTasksPerWorker', () => {
	test('jobs go to the least busy of the threads that are idle', async t => {
		const options = {maxThreads: 4, minThreads: 4, reserve: 0, concurrentTasksPerWorker: 8};
		const {board, pool} = openBoard(t, options);
		await until(() => pool.stats().threads === 4);
		// A thread that does not come for some milliseconds is passed over. On a machine that is busy, that may happen.
		let counts;
		for (let round = 0; round < 20 && String(counts) !== '2,2,2,2'; round++) {
			await sleep(20);
			board.set(3, 0);
			const ids = range(1 + 10 * round, 8);
			const jobs = ids.map(id => pool.run({id, gate: 3}, {name: 'holdAsync'}));
			await board.saw(...ids);
			board.open(3);
			const ran = await Promise.all(jobs);
			counts = [...new Set(ran)].map(thread => ran.filter(each => each === thread).length);
		}

		assert.deepEqual(counts, [2, 2, 2, 2]);
	});

	test('a job that all others leave to a thread that does not come is run by one of them', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, minThreads: 2, reserve: 0, concurrentTasksPerWorker: 4});
		await until(() => pool.stats().threads === 2);
		// One thread is blocked by what is no job, and counts as idle.
		await pool.run({id: 1, gate: 3}, {name: 'holdAfterwards'});
		await board.saw(1);
		const held = range(2, 3).map(id => pool.run({id, gate: 4}, {name: 'holdAsync'}));
		await board.saw(2, 3, 4);
		board.open(4);
		assert.equal(new Set(await Promise.all(held)).size, 1);
		board.open(3);
	});

	test('so many asynchronous jobs run in a thread at once', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 3});
		const held = range(1, 5).map(id => pool.run({id, gate: 3}, {name: 'holdAsync'}));
		await board.saw(1, 2, 3);
		assert.equal(pool.stats().online.active, 3);
		assert.equal(pool.queueSize, 2);
		assert.deepEqual(board.log, [1, 2, 3]);
		board.open(3);
		assert.equal(new Set(await Promise.all(held)).size, 1);
	});

	test('one is the default', async t => {
		const {board, pool} = openBoard(t);
		await Promise.all(range(0, 10).map(() => pool.run(1, {name: 'crowd'})));
		assert.equal(board.cell(2), 1);
	});

	test('the place of a job that has ended is taken by the next', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 2});
		const held = pool.run({id: 1, gate: 3}, {name: 'holdAsync'});
		for (const id of range(2, 20)) {
			await pool.run({id}, {name: 'note'});
		}

		board.open(3);
		await held;
	});
});

describe('the event loop of a worker', () => {
	test('timers go on between jobs and while it is idle', async t => {
		const {board, pool} = openBoard(t);
		await pool.run(7, {name: 'tick'});
		await until(() => board.log.length > 5);
		let length = board.log.length;
		while (board.log.length < length + 5) {
			await Promise.all(range(0, 200).map(task => pool.run(task)));
		}

		length = board.log.length;
		await until(() => board.log.length > length + 5);
	});

	test('a flood of synchronous jobs leaves timers their turn', async t => {
		const {board, pool} = openBoard(t);
		await pool.run(7, {name: 'tick'});
		await board.saw(7);
		const before = board.log.length;
		let ended = 0;
		const flood = async () => {
			while (board.log.length < before + 20) {
				await pool.map(range(0, 500));
				ended++;
			}
		};
		await Promise.all([flood(), flood()]);
		assert.ok(ended > 0);
	});

	test('console.log gets out', async t => {
		const pool = open(t, {execArgv: []});
		const {write} = process.stdout;
		let text = '';
		process.stdout.write = chunk => {
			text += chunk;
			return true;
		};
		t.after(() => {
			process.stdout.write = write;
		});
		await pool.run('told by a worker', {name: 'log'});
		await until(() => text.includes('told by a worker\n'));
	});
});
