'use strict';

// When threads come and go, and how a pool ends.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Pool} = require('p-lanes');
const {failure, fixture, open, openBoard, range, sleep, state, until} = require('./helpers.js');

const closed = {name: 'PoolClosedError', code: 'ERR_POOL_CLOSED'};
const refused = {...closed, message: 'the pool is closed and takes no more jobs'};

describe('threads', () => {
	test('start when there are jobs for them, and no more than that', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 3});
		assert.equal(pool.threads.length, 0);
		const first = pool.run({id: 1, gate: 3}, {name: 'hold'});
		assert.equal(pool.threads.length, 1);
		const second = pool.run({id: 2, gate: 3}, {name: 'hold'});
		assert.equal(pool.threads.length, 2);
		const more = range(3, 5).map(id => pool.run({id, gate: 3}, {name: 'hold'}));
		assert.equal(pool.threads.length, 3);
		board.open(3);
		await Promise.all([first, second, ...more]);
		assert.equal(pool.threads.length, 3);
	});

	test('that are idle are used again', async t => {
		const pool = open(t, {maxThreads: 4});
		for (const task of range(0, 20)) {
			await pool.run(task);
		}

		assert.equal(pool.threads.length, 1);
	});

	test('with `minThreads` start at once', async t => {
		const pool = open(t, {minThreads: 2, maxThreads: 3});
		assert.equal(pool.threads.length, 2);
		assert.deepEqual([pool.minThreads, pool.maxThreads], [2, 3]);
		assert.equal(await pool.run(1), 1);
	});

	test('that are idle are retired down to `minThreads`', async t => {
		const {board, pool} = openBoard(t, {minThreads: 1, maxThreads: 3, idleTimeout: 10});
		const held = range(1, 3).map(id => pool.run({id, gate: 3}, {name: 'hold'}));
		await board.saw(1, 2, 3);
		await sleep(30);
		assert.equal(pool.threads.length, 3, 'not while they work');
		board.open(3);
		await Promise.all(held);
		await until(() => pool.threads.length === 1);
		await sleep(30);
		assert.equal(pool.threads.length, 1);
		assert.deepEqual(await pool.map(range(0, 100)), range(0, 100));
	});

	test('are retired down to none if `minThreads` is 0, and come back', async t => {
		const pool = open(t, {minThreads: 0, maxThreads: 2});
		for (let round = 0; round < 3; round++) {
			assert.deepEqual(await pool.map(range(0, 10)), range(0, 10));
			await until(() => pool.threads.length === 0);
		}
	});

	test('run jobs that come while they are retired', async t => {
		const pool = open(t, {minThreads: 0, maxThreads: 2, idleTimeout: 1});
		for (const round of range(0, 30)) {
			assert.equal(await pool.run(round), round);
			await sleep(round % 4);
		}
	});

	test('stay without `minThreads`', async t => {
		const pool = open(t, {maxThreads: 2});
		await pool.map(range(0, 10));
		const {threads} = pool;
		await sleep(20);
		assert.deepEqual(pool.threads, threads);
	});
});

describe('close', () => {
	test('lets all jobs run, lets none in, and ends the threads', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 0});
		const held = [1, 2].map(id => pool.run({id, gate: 3}, {name: 'hold'}));
		const waiting = range(3, 20).map(id => pool.offline.run({id}, {name: 'note'}));
		await board.saw(1, 2);
		const end = pool.close();
		await assert.rejects(pool.run(1), refused);
		await assert.rejects(pool.map([1]), refused);
		assert.throws(() => pool.stream([1]), refused);
		assert.equal(await state(end), 'pending');
		board.open(3);
		await end;
		assert.equal(await state(Promise.all([...held, ...waiting])), 'fulfilled');
		assert.equal(pool.threads.length, 0);
		assert.equal(board.log.length, 22);
		await assert.rejects(pool.run(1), refused);
	});

	test('of a pool that never ran anything', async t => {
		await open(t).close();
		const pool = open(t, {minThreads: 2, maxThreads: 2});
		await pool.close();
		assert.equal(pool.threads.length, 0);
	});

	test('may be called again', async t => {
		const {board, pool} = openBoard(t);
		const held = pool.run({id: 1, gate: 3}, {name: 'hold'});
		const ends = [pool.close(), pool.close()];
		board.open(3);
		await Promise.all(ends);
		await held;
		await pool.close();
		await pool.close({force: true});
		await pool.destroy();
	});

	test('with `force` rejects waiting jobs, and lets running jobs end', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 2});
		const held = [1, 2].map(id => pool.run({id, gate: 3}, {name: 'holdAsync'}));
		await board.saw(1, 2);
		const waiting = [pool.run({id: 3}, {name: 'note'}), pool.map([{id: 4}], {name: 'note'})];
		const outcomes = Promise.all(waiting.map(failure));
		const end = pool.close({force: true});
		for (const rejected of await outcomes) {
			assert.equal(rejected.name, 'PoolClosedError');
			assert.equal(rejected.code, 'ERR_POOL_CLOSED');
			assert.equal(rejected.message, 'the pool was closed before this job could run');
		}

		assert.equal(pool.queueSize, 0);
		assert.equal(await state(end), 'pending');
		board.open(3);
		await Promise.all([...held, end]);
		assert.deepEqual(
			board.log.sort((a, b) => a - b),
			[1, 2],
		);
	});

	test('may become forced later', async t => {
		const {board, pool} = openBoard(t);
		const held = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const waiting = failure(pool.run(2));
		const end = pool.close();
		pool.close({force: true});
		assert.equal((await waiting).code, 'ERR_POOL_CLOSED');
		board.open(3);
		await Promise.all([held, end]);
	});

	test('lets a map go on to its end, but not with `force`', async t => {
		const pool = open(t, {maxQueue: 4});
		const results = pool.map(range(0, 300));
		await pool.close();
		assert.deepEqual(await results, range(0, 300));

		const {board, pool: other} = openBoard(t, {maxQueue: 0});
		const rejected = failure(other.map([{id: 1, gate: 3}, {id: 2}], {name: 'hold'}));
		await board.saw(1);
		const end = other.close({force: true});
		assert.equal((await rejected).code, 'ERR_POOL_CLOSED');
		board.open(3);
		await end;
		assert.deepEqual(board.log, [1]);
	});

	test('lets a stream give the results of the items it has pulled, and then fail', async t => {
		const pool = open(t);
		const results = [];
		let returned = 0;
		const source = {
			next: () => ({done: false, value: results.length}),
			return: () => {
				returned++;
				return {};
			},
			[Symbol.iterator]: () => source,
		};
		await assert.rejects(async () => {
			for await (const result of pool.stream(source, {highWaterMark: 4})) {
				results.push(result);
				if (results.length === 5) {
					await pool.close();
				}
			}
		}, refused);
		assert.ok(results.length >= 5 && results.length <= 9, `${results.length} results`);
		assert.equal(returned, 1);
	});

	test('`Symbol.asyncDispose` closes', async t => {
		const pool = open(t);
		const result = pool.run(1);
		await pool[Symbol.asyncDispose]();
		assert.equal(await state(result), 'fulfilled');
		await assert.rejects(pool.run(1), closed);
	});

	test('`await using` closes', {skip: Number.parseInt(process.versions.node, 10) < 24}, async () => {
		const use = new Function(
			'Pool',
			'options',
			'return (async () => { await using pool = new Pool(options); pool.run(1); return pool; })()',
		);
		const pool = await use(Pool, {filename: fixture('work.js'), maxThreads: 1});
		assert.equal(pool.completed, 1);
		await assert.rejects(pool.run(1), closed);
	});
});

describe('destroy', () => {
	test('rejects running and waiting jobs, and ends all threads', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 0});
		const created = [];
		pool.on('workerCreate', worker => created.push(worker));
		const held = [1, 2].map(id => pool.run({id, gate: 3}, {name: 'hold'}));
		held.map(job => job.catch(() => {}));
		await board.saw(1, 2);
		const jobs = [
			...held,
			...range(3, 20).map(id => pool.offline.run({id}, {name: 'note'})),
			pool.map(
				range(50, 10).map(id => ({id})),
				{name: 'note'},
			),
			pool.stream([{id: 60}], {name: 'note'}).next(),
		];
		const outcomes = Promise.all(jobs.map(failure));
		await until(() => pool.queueSize === 31);
		const end = pool.destroy();
		for (const rejected of await outcomes) {
			assert.equal(rejected.code, 'ERR_POOL_CLOSED');
			assert.equal(rejected.message, 'the pool was destroyed before this job had ended');
		}

		await end;
		assert.equal(pool.threads.length, 0);
		assert.equal(created.length, 2, 'none was started meanwhile');
		assert.equal(pool.queueSize, 0);
		await assert.rejects(pool.run(1), refused);
		assert.deepEqual(
			board.log.sort((a, b) => a - b),
			[1, 2],
		);
		await pool.destroy();
		await pool.close();
	});

	test('ends a close that waits', async t => {
		const {board, pool} = openBoard(t);
		const job = failure(pool.run({id: 1, gate: 3}, {name: 'hold'}));
		await board.saw(1);
		const end = pool.close();
		await pool.destroy();
		await end;
		assert.equal((await job).code, 'ERR_POOL_CLOSED');
	});

	test('ends threads that are starting, and an attempt that waits for its turn', async t => {
		const pool = open(t, {minThreads: 2, maxThreads: 2});
		await pool.destroy();
		assert.equal(pool.threads.length, 0);
		const broken = open(t, {filename: fixture('broken.mjs')});
		const job = failure(broken.run(1));
		await new Promise(resolve => broken.once('workerDestroy', resolve));
		await broken.destroy();
		assert.equal((await job).code, 'ERR_POOL_CLOSED');
		await sleep(150);
		assert.equal(broken.threads.length, 0);
	});
});

describe('events', () => {
	test('tell when workers come and go', async t => {
		const pool = open(t, {maxThreads: 2});
		const workers = new Set();
		let gone = 0;
		pool.on('workerCreate', worker => {
			assert.ok(worker.threadId > 0);
			workers.add(worker);
		});
		pool.on('workerDestroy', worker => {
			assert.ok(workers.has(worker));
			gone++;
		});
		await Promise.all([pool.run(1), pool.run(2)]);
		assert.equal(workers.size, 2);
		assert.deepEqual(new Set(pool.threads), workers);
		await assert.rejects(pool.run(1, {name: 'exit'}));
		assert.equal(gone, 1);
		await pool.run(3);
		const created = workers.size;
		await pool.close();
		assert.equal(gone, created);
	});

	test("'message' has the value that a worker posts", async t => {
		const pool = open(t);
		const messages = [];
		pool.on('message', message => messages.push(message));
		await pool.run({any: ['thing']}, {name: 'post'});
		await until(() => messages.length > 0);
		assert.deepEqual(messages, [{any: ['thing']}]);
	});
});
