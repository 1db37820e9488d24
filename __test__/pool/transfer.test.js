'use strict';

// What is handed over instead of copied.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {once} = require('node:events');
const {MessageChannel} = require('node:worker_threads');
const {move} = require('p-lanes');
const {failure, open, openBoard, range, until} = require('./helpers.js');

const data = source => `data:text/javascript,${encodeURIComponent(source)}`;

const bytes = () => new Uint8Array([1, 2, 3]);

/** A worker that hands over what it gives, and tells how much of it has stayed. */
const moving = require.resolve('./fixtures/moving.js');

const handles = () => process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length;

describe('transfer', () => {
	test('what `transferList` names is gone at the call', async t => {
		const pool = open(t);
		const given = bytes();
		const result = pool.run({given, other: [1]}, {transferList: [given.buffer]});
		assert.equal(given.byteLength, 0);
		assert.deepEqual(await result, {given: bytes(), other: [1]});
	});

	test('a moved task is gone at the call, and the others are not', async t => {
		const pool = open(t);
		const tasks = [bytes(), bytes(), bytes().buffer];
		const results = Promise.all([pool.run(move(tasks[0])), pool.run(tasks[1]), pool.run(move(tasks[2]))]);
		assert.deepEqual(
			tasks.map(({byteLength}) => byteLength),
			[0, 3, 0],
		);
		assert.deepEqual(await results, [bytes(), bytes(), bytes().buffer]);
	});

	test('a map may move its items', async t => {
		const pool = open(t);
		const items = Array.from({length: 20}, bytes);
		assert.deepEqual(await pool.map(items.map(move)), Array.from({length: 20}, bytes));
		assert.deepEqual(new Set(items.map(({byteLength}) => byteLength)), new Set([0]));
	});

	test('a moved result is gone in the worker', async t => {
		const pool = open(t, {filename: moving});
		assert.deepEqual(await pool.run(3), new Uint8Array([3, 3, 3]));
		assert.deepEqual(await pool.run(2, {name: 'later'}), new Uint8Array([2, 2]));
		assert.deepEqual(await pool.run(0, {name: 'left'}), [0, 0]);
	});

	test('a large moved result comes whole', async t => {
		const pool = open(t, {filename: moving});
		const size = 16 * 1024 * 1024;
		const result = await pool.run(size);
		assert.equal(result.byteLength, size);
	});

	test('a port goes there and speaks', async t => {
		const pool = open(t, {filename: moving});
		const {port1, port2} = new MessageChannel();
		await pool.run({port: port2}, {name: 'answer', transferList: [port2]});
		port1.postMessage(20);
		const [answer] = await once(port1, 'message');
		assert.equal(answer, 21);
		port1.close();
	});

	test('a port comes back moved', async t => {
		const pool = open(t, {filename: moving});
		const port = await pool.run(0, {name: 'port'});
		port.postMessage(1);
		const [answer] = await once(port, 'message');
		assert.equal(answer, 2);
		port.close();
	});

	test('a task that waits is handed over when it is taken', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 1});
		const running = pool.run({id: 1, gate: 3}, {name: 'hold'});
		const waiting = [1, 2, 3].map(() => pool.run(move(bytes())));
		await board.saw(1);
		board.open(3);
		await running;
		assert.deepEqual(await Promise.all(waiting), [bytes(), bytes(), bytes()]);
	});

	test('an empty list is none', async t => {
		const pool = open(t);
		assert.deepEqual(await pool.run([1], {transferList: []}), [1]);
		const given = bytes();
		await pool.run(given, {transferList: []});
		assert.equal(given.byteLength, 3);
	});
});

describe('transfers that are refused', () => {
	test('leave nothing behind', async t => {
		const pool = open(t);
		await pool.run(1);
		const before = handles();
		const gone = bytes();
		structuredClone(gone, {transfer: [gone.buffer]});
		const whole = bytes();
		const {port1, port2} = new MessageChannel();
		t.after(() => port1.close());
		for (const [task, transferList, code] of [
			[{gone}, [gone.buffer], 'ERR_INVALID_ARG'],
			[{whole}, [1], 'ERR_INVALID_ARG'],
			[{whole}, [{}], 'ERR_INVALID_ARG'],
			[{whole}, [whole.buffer, whole.buffer], 'ERR_INVALID_ARG'],
			[{port: port2}, [], 'ERR_NOT_CLONEABLE'],
		]) {
			const rejected = await failure(pool.run(task, {transferList}));
			assert.equal(rejected.code, code, rejected.stack);
		}

		assert.equal(whole.byteLength, 3);
		assert.equal(pool.queueSize, 0);
		assert.equal(pool.stats().online.active, 0);
		await until(() => handles() <= before);
	});

	test('name the place beside what is handed over', async t => {
		const pool = open(t);
		const {port1, port2} = new MessageChannel();
		t.after(() => {
			port1.close();
			port2.close();
		});
		await assert.rejects(pool.run({port: port2, list: [() => {}]}, {transferList: [port2]}), {
			code: 'ERR_NOT_CLONEABLE',
			message: "`task.list[0]` can't be sent to another thread: it is a function",
		});
	});

	test('of a result, reject the job', async t => {
		const pool = open(t, {filename: moving});
		await assert.rejects(pool.run(0, {name: 'twice'}), {code: 'ERR_INVALID_ARG'});
		await assert.rejects(pool.run(0, {name: 'unmovable'}), {code: 'ERR_INVALID_ARG'});
		assert.deepEqual(await pool.run(1), new Uint8Array([1]), 'and the worker goes on');
	});

	test('of a map item, reject the map', async t => {
		const pool = open(t);
		const item = bytes();
		await assert.rejects(pool.map([move(item), move(item)]));
		assert.equal(await pool.run(1), 1);
	});
});

test('aborting a job whose task is under way leaves the worker whole', async t => {
	const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 2});
	const running = pool.run({id: 1, gate: 3}, {name: 'holdAsync'});
	await board.saw(1);
	for (let round = 0; round < 50; round++) {
		const controller = new AbortController();
		const task = pool.run(move(bytes()), {signal: controller.signal});
		if (round % 2) {
			await new Promise(resolve => setImmediate(resolve));
		}

		controller.abort(new Error('enough'));
		await task.catch(() => {});
	}

	board.open(3);
	await running;
	assert.deepEqual(await pool.run(move(bytes())), bytes());
	assert.equal(pool.threads.length, 1);
});

test('a module may be given as data', async t => {
	const pool = open(t, {filename: data('export default task => task + 1;')});
	assert.equal(await pool.run(1), 2);
});

/** Waits without a turn of the event loop. */
const untilBlocking = condition => {
	const cell = new Int32Array(new SharedArrayBuffer(4));
	for (let turns = 0; !condition(); turns++) {
		assert.ok(turns < 20_000, 'nothing came');
		Atomics.wait(cell, 0, 0, 1);
	}
};

describe('a task that goes by message', () => {
	const shared = id => ({id, memory: new SharedArrayBuffer(4)});
	/** A pool with as many threads as it may have, all ready. */
	const ready = async (t, options) => {
		const {board, pool} = openBoard(t, {reserve: 0, ...options});
		const jobs = range(10, options.maxThreads).map(id => pool.run({id, gate: 9}, {name: 'hold'}));
		await board.saw(...range(10, options.maxThreads));
		board.open(9);
		await Promise.all(jobs);
		return {board, pool};
	};

	test('begins while the event loop of its caller does not turn', async t => {
		const {board, pool} = await ready(t, {maxThreads: 1});
		for (const id of [1, 2, 3]) {
			const job = pool.run(shared(id), {name: 'note'});
			untilBlocking(() => board.log.includes(id));
			await job;
		}

		const given = bytes();
		const job = pool.run({id: 4, given}, {name: 'note', transferList: [given.buffer]});
		untilBlocking(() => board.log.includes(4));
		await job;
	});

	test('runs beside others, in as many threads as there are', async t => {
		const {board, pool} = await ready(t, {maxThreads: 3});
		const jobs = [1, 2, 3].map(id => pool.run({...shared(id), gate: 3}, {name: 'hold'}));
		untilBlocking(() => [1, 2, 3].every(id => board.log.includes(id)));
		board.open(3);
		assert.equal(new Set(await Promise.all(jobs)).size, 3);
	});

	test('also in a thread that runs others, if that waits', async t => {
		const {board, pool} = await ready(t, {maxThreads: 1, concurrentTasksPerWorker: 2});
		const held = pool.run({id: 1, gate: 3}, {name: 'holdAsync'});
		await board.saw(1);
		const job = pool.run(shared(2), {name: 'note'});
		untilBlocking(() => board.log.includes(2));
		board.open(3);
		await Promise.all([held, job]);
	});

	test('also behind others that its thread has room for', async t => {
		const {board, pool} = await ready(t, {maxThreads: 1, concurrentTasksPerWorker: 4});
		const jobs = [
			pool.run({id: 1, gate: 3}, {name: 'holdAsync'}),
			pool.run(shared(2), {name: 'note'}),
			pool.run({id: 3}, {name: 'note'}),
			pool.run(shared(4), {name: 'note'}),
		];
		untilBlocking(() => [1, 2, 3, 4].every(id => board.log.includes(id)));
		board.open(3);
		await Promise.all(jobs);
	});

	test('keeps the order and the lanes', async t => {
		const {board, pool} = await ready(t, {maxThreads: 1});
		const jobs = [
			pool.run({id: 1, gate: 3}, {name: 'hold'}),
			pool.run(shared(2), {name: 'note'}),
			pool.offline.run(shared(3), {name: 'note'}),
			pool.run({id: 4}, {name: 'note'}),
			pool.run(shared(5), {name: 'note'}),
		];
		board.open(3);
		await Promise.all(jobs);
		assert.deepEqual(
			board.log.filter(id => id < 10),
			[1, 2, 4, 5, 3],
		);
	});

	for (const concurrentTasksPerWorker of [1, 2]) {
		test(`leaves the reserve free, with ${concurrentTasksPerWorker} tasks per worker`, async t => {
			const {board, pool} = await ready(t, {maxThreads: 1, reserve: 1, concurrentTasksPerWorker});
			const ids = range(1, concurrentTasksPerWorker + 1);
			const jobs = ids.map(id => pool.offline.run({...shared(id), gate: 3}, {name: 'holdAsync'}));
			await board.saw(...ids.slice(0, -1));
			await pool.run(shared(9), {name: 'note'});
			await pool.run(shared(9), {name: 'note'});
			assert.equal(board.log.includes(ids.at(-1)), false);
			board.open(3);
			await Promise.all(jobs);
		});
	}

	test('can be aborted, time out and crash where it is', async t => {
		const {board, pool} = await ready(t, {maxThreads: 1, abortGrace: 5});
		const controller = new AbortController();
		const aborted = pool.run({...shared(1), ends: true}, {name: 'heed', signal: controller.signal});
		await board.saw(1);
		controller.abort(new Error('enough'));
		assert.equal((await failure(aborted)).message, 'enough');
		assert.equal(
			(await failure(pool.run({...shared(2), gate: 4}, {name: 'hold', timeout: 5}))).code,
			'ERR_TASK_TIMEOUT',
		);
		assert.equal((await failure(pool.run(shared(3), {name: 'exitNoting'}))).code, 'ERR_WORKER_CRASHED');
		assert.equal((await pool.run({...shared(4)}, {name: 'note'})) === undefined, false);
	});

	test('rejects with its pool', async t => {
		const {board, pool} = await ready(t, {maxThreads: 1});
		const jobs = [1, 2].map(id => failure(pool.run({...shared(id), gate: 3}, {name: 'hold'})));
		await board.saw(1);
		await pool.destroy();
		assert.deepEqual(
			(await Promise.all(jobs)).map(({code}) => code),
			['ERR_POOL_CLOSED', 'ERR_POOL_CLOSED'],
		);
	});
});
