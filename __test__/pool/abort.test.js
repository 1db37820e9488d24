'use strict';

// A job that is given up: before, while and after it runs; by a signal or by its time.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {failure, open, openBoard, range, sleep, state, until} = require('./helpers.js');

const REASON = new Error('given up');

/** A controller whose signal has to be without listeners when the test has ended. */
const controllerOf = t => {
	const controller = new AbortController();
	t.after(() => {
		assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
	});
	return controller;
};

const listeners = ({signal}) => getEventListeners(signal, 'abort').length;

describe('a job that has not begun', () => {
	test('is not let in under a signal that is aborted already', async t => {
		const pool = open(t);
		const signal = AbortSignal.abort(REASON);
		assert.equal(await failure(pool.run(1, {signal})), REASON);
		assert.equal(await failure(pool.map([1], {signal})), REASON);
		assert.equal(await failure(pool.stream([1], {signal}).next()), REASON);
		assert.equal(pool.threads.length, 0);
		assert.equal(getEventListeners(signal, 'abort').length, 0);
	});

	test('leaves the queue at once and never runs', async t => {
		const {board, pool} = openBoard(t);
		const controller = controllerOf(t);
		const running = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const jobs = range(2, 4).map(id => pool.run({id}, {name: 'note', signal: id % 2 ? controller.signal : undefined}));
		jobs.map(job => job.catch(() => {}));
		assert.equal(pool.queueSize, 4);
		controller.abort(REASON);
		assert.equal(pool.queueSize, 2);
		assert.equal(await failure(jobs[1]), REASON);
		board.open(3);
		await running;
		assert.deepEqual(
			(await Promise.allSettled(jobs)).map(({status}) => status),
			['fulfilled', 'rejected', 'fulfilled', 'rejected'],
		);
		assert.deepEqual(board.log, [1, 2, 4]);
		assert.equal(pool.threads.length, 1);
	});

	test('gives its place in a full queue to others', async t => {
		const {board, pool} = openBoard(t, {maxQueue: 1});
		const controller = controllerOf(t);
		const running = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const waiting = failure(pool.run({id: 2}, {name: 'note', signal: controller.signal}));
		await assert.rejects(pool.run(1), {code: 'ERR_QUEUE_FULL'});
		controller.abort(REASON);
		const next = pool.run({id: 3}, {name: 'note'});
		board.open(3);
		assert.equal(await waiting, REASON);
		await Promise.all([running, next]);
		assert.deepEqual(board.log, [1, 3]);
	});

	test('or waits for its thread to start', async t => {
		const {board, pool} = openBoard(t);
		const controller = controllerOf(t);
		const job = pool.run({id: 1}, {name: 'note', signal: controller.signal});
		controller.abort(REASON);
		assert.equal(await failure(job), REASON);
		assert.equal(await pool.run(2), 2);
		assert.deepEqual(board.log, []);
	});
});

describe('a job that runs', () => {
	test('is rejected at once, and its function sees its signal', async t => {
		const {board, pool} = openBoard(t);
		const controller = controllerOf(t);
		const job = pool.run({id: 1}, {name: 'heed', signal: controller.signal});
		await board.saw(1);
		controller.abort(REASON);
		assert.equal(await state(job), 'rejected');
		assert.equal(await failure(job), REASON);
		await board.saw(-1);
		assert.equal(await pool.run(1), 1);
		assert.equal(pool.threads.length, 1);
	});

	// Its map or stream has ended without it, and nobody else could end it.
	for (const [what, start] of [
		['a map that has failed', (pool, items, options) => failure(pool.map(items, options))],
		[
			'a stream that has failed',
			(pool, items, options) => failure(pool.stream(items, {ordered: false, ...options}).next()),
		],
		[
			'a stream that was left',
			async (pool, items, options) => {
				for await (const {status} of pool.stream(items, {ordered: false, settle: true, ...options})) {
					assert.equal(status, 'rejected');
					break;
				}
			},
		],
	]) {
		for (const concurrentTasksPerWorker of [1, 3]) {
			test(`hears of an abort after the end of ${what}, with ${concurrentTasksPerWorker} in a thread`, async t => {
				const {board, pool} = openBoard(t, {maxThreads: 2, concurrentTasksPerWorker, reserve: 0});
				await Promise.all(range(1, 2 * concurrentTasksPerWorker).map(id => pool.run(id)));
				const controller = controllerOf(t);
				const {signal} = controller;
				const items = [{id: 1}, {id: 2, fails: 3}];
				const ended = start(pool, items, {name: 'heedOrFail', signal});
				await board.saw(1, 2);
				board.open(3);
				await ended;
				assert.deepEqual(board.log.sort(), [1, 2]);
				controller.abort(REASON);
				await board.saw(-1);
				assert.equal(await pool.run(1), 1);
			});
		}
	}

	test('and may take its time within the grace', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 60_000});
		const controller = controllerOf(t);
		const job = pool.run({id: 1, gate: 3, ends: false}, {name: 'heed', signal: controller.signal});
		await board.saw(1);
		const [thread] = pool.threads;
		controller.abort(REASON);
		assert.equal(await failure(job), REASON);
		await board.saw(-1);
		const next = pool.run(2);
		assert.equal(await state(next), 'pending', 'its place is not free before it ends');
		board.open(3);
		assert.equal(await next, 2);
		assert.deepEqual(pool.threads, [thread]);
	});

	test('a signal that is asked for late is aborted already', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 2});
		const controller = controllerOf(t);
		const source = `
			import {workerData} from 'node:worker_threads';
			const cells = new Int32Array(workerData.board);
			export default async (task, context) => {
				Atomics.store(cells, 3, 1);
				while (!Atomics.load(cells, 4)) await new Promise(setImmediate);
				Atomics.store(cells, 5, context.signal.aborted ? 2 : 1);
			};`;
		const job = pool.run(1, {
			signal: controller.signal,
			filename: `data:text/javascript,${encodeURIComponent(source)}`,
		});
		await until(() => board.cell(3) === 1);
		controller.abort(REASON);
		assert.equal(await failure(job), REASON);
		// The first may be taken before the interrupt is heard, but not one that the worker was woken for.
		await pool.run(1);
		await pool.run(2);
		await pool.run(3);
		board.open(4);
		await until(() => board.cell(5) !== 0);
		assert.equal(board.cell(5), 2);
	});

	test('a synchronous function is left alone until the grace is over, and then replaced', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 20});
		const controller = controllerOf(t);
		const job = pool.run({id: 1, gate: 3}, {name: 'hold', signal: controller.signal});
		await board.saw(1);
		const [thread] = pool.threads;
		const waiting = range(2, 5).map(id => pool.run({id}, {name: 'note'}));
		controller.abort(REASON);
		assert.equal(await state(job), 'rejected');
		assert.deepEqual(pool.threads, [thread]);
		assert.equal(await failure(job), REASON);
		assert.deepEqual(await Promise.all(waiting), range(2, 5));
		assert.equal(pool.threads.includes(thread), false);
		assert.deepEqual(board.log, range(1, 6), 'what was queued ran once');
	});

	test('an endless loop as well', async t => {
		const pool = open(t, {abortGrace: 1});
		await pool.run(0);
		const errors = [];
		pool.on('error', error => errors.push(error));
		const signal = AbortSignal.timeout(20);
		assert.equal((await failure(pool.run(1, {name: 'spin', signal}))).name, 'TimeoutError');
		assert.equal(await pool.run(2), 2);
		assert.deepEqual(errors, []);
	});

	test('one that ends within the grace keeps its thread', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 60_000});
		const controller = controllerOf(t);
		const job = pool.run({id: 1, gate: 3}, {name: 'hold', signal: controller.signal});
		await board.saw(1);
		const [thread] = pool.threads;
		controller.abort(REASON);
		assert.equal(await failure(job), REASON);
		board.open(3);
		assert.equal(await pool.run(2), 2);
		assert.deepEqual(pool.threads, [thread]);
		await sleep(0);
	});
});

describe('neighbours of a job that does not end', () => {
	test('end where they are, and what waits runs elsewhere', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 5, concurrentTasksPerWorker: 3});
		const controller = controllerOf(t);
		const job = pool.run({id: 1, ends: false}, {name: 'heed', signal: controller.signal});
		const neighbours = [2, 3].map(id => pool.run({id, gate: 3, result: `neighbour ${id}`}, {name: 'holdAsync'}));
		await board.saw(1, 2, 3);
		const [thread] = pool.threads;
		const waiting = range(4, 5).map(id => pool.run({id}, {name: 'note'}));
		controller.abort(REASON);
		assert.equal(await failure(job), REASON);
		await board.saw(-1);
		// Long after the grace they still run, undisturbed.
		await sleep(50);
		assert.deepEqual(pool.threads, [thread]);
		assert.equal(await state(neighbours[0]), 'pending');
		board.open(3);
		assert.deepEqual(await Promise.all(neighbours), ['neighbour 2', 'neighbour 3']);
		assert.deepEqual(await Promise.all(waiting), range(4, 5));
		assert.equal(pool.threads.includes(thread), false);
		assert.deepEqual(
			board.log.sort((a, b) => a - b),
			[-1, ...range(1, 8)],
		);
	});

	test('crash if it blocks the thread', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 5, concurrentTasksPerWorker: 3});
		const neighbour = pool.run({id: 1, gate: 3}, {name: 'holdAsync'});
		await board.saw(1);
		const job = pool.run({id: 2, gate: 4}, {name: 'hold', timeout: 5});
		assert.equal((await failure(job)).code, 'ERR_TASK_TIMEOUT');
		const error = await failure(neighbour);
		assert.equal(error.code, 'ERR_WORKER_CRASHED');
		assert.match(error.message, /blocked/);
		assert.equal(await pool.run(3), 3);
		await pool.close();
	});

	test('crash if it blocks the thread after it has heard of its abort', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 5, concurrentTasksPerWorker: 3});
		const neighbour = pool.run({id: 1, gate: 3}, {name: 'holdAsync'});
		const job = pool.run({id: 2, gate: 4}, {name: 'holdOnceAborted', timeout: 5});
		assert.equal((await failure(job)).code, 'ERR_TASK_TIMEOUT');
		await board.saw(-2);
		assert.equal((await failure(neighbour)).code, 'ERR_WORKER_CRASHED');
		await pool.close();
	});

	test('are not waited for if they were aborted too', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 5, concurrentTasksPerWorker: 2});
		const controllers = [controllerOf(t), controllerOf(t)];
		const jobs = controllers.map(({signal}, index) =>
			failure(pool.run({id: index + 1, ends: false}, {name: 'heed', signal})),
		);
		await board.saw(1, 2);
		controllers[0].abort(REASON);
		await sleep(20);
		controllers[1].abort(REASON);
		assert.deepEqual(await Promise.all(jobs), [REASON, REASON]);
		assert.equal(await pool.run(3), 3);
	});
});

describe('listeners of a signal', () => {
	test('are gone after every kind of end', async t => {
		const {board, pool} = openBoard(t, {maxQueue: 100, concurrentTasksPerWorker: 2});
		const controller = controllerOf(t);
		const {signal} = controller;
		for (const start of [
			() => pool.run(1, {signal}),
			() => pool.run({message: 'x'}, {name: 'fail', signal}),
			() => pool.run({message: 'x'}, {name: 'failLater', signal}),
			() => pool.run(1, {name: 'nope', signal}),
			() => pool.run(() => {}, {signal}),
			() => pool.run(1, {signal, lane: 'express'}),
			() => pool.run(new SharedArrayBuffer(1), {signal}),
			() => pool.run(0, {name: 'exit', signal}),
			() => pool.run(1, {name: 'heed', signal, timeout: 1}),
			() => pool.map(range(1, 100), {signal}),
			() => pool.map([1, 2, {message: 'x'}], {name: 'fail', signal}),
			() => pool.map([], {signal}),
		]) {
			await start().catch(() => {});
			await until(() => listeners(controller) === 0); // a map that has failed still has jobs that run
		}

		const stream = pool.stream(range(1, 9), {signal});
		await stream.next();
		assert.equal(listeners(controller), 1);
		await stream.return();
		await until(() => listeners(controller) === 0);

		const jobs = range(1, 5).map(id => pool.run({id, gate: 3}, {name: 'holdAsync', signal}));
		const map = pool.map(range(1, 50), {signal});
		assert.equal(listeners(controller), 1, 'one for any number of jobs');
		const all = Promise.allSettled([...jobs, map]);
		controller.abort(REASON);
		assert.equal(listeners(controller), 0);
		board.open(3);
		await all;
	});
});

describe('the moment of the end', () => {
	test('an abort and a result that meet give one of the two', async t => {
		const {pool} = openBoard(t, {concurrentTasksPerWorker: 2, maxThreads: 2});
		await pool.map(range(0, 10));
		const seen = {fulfilled: 0, rejected: 0};
		for (let round = 0; round < 400; round++) {
			const controller = new AbortController();
			const job = pool.run(round, {signal: controller.signal, name: round % 3 ? 'echo' : 'later'});
			for (let turns = round % 20; turns > 0; turns--) {
				await new Promise(resolve => setImmediate(resolve));
			}

			controller.abort(REASON);
			const [{status, value, reason}] = await Promise.allSettled([job]);
			seen[status]++;
			assert.ok(status === 'fulfilled' ? value === round : reason === REASON);
			assert.equal(listeners(controller), 0);
		}

		assert.deepEqual(await pool.map(range(0, 100)), range(0, 100));
		assert.equal(pool.queueSize, 0);
		await until(() => pool.stats().online.active === 0);
		const {granted, settled, pending} = pool.stats().online;
		assert.deepEqual([pending, granted - settled], [0, 0]);
		assert.equal(seen.fulfilled + seen.rejected, 400);
	});

	test('the number of an aborted job is of no harm to who gets it next', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 4});
		for (let round = 0; round < 100; round++) {
			const controller = new AbortController();
			const aborted = pool.run(1, {signal: controller.signal, name: 'later'});
			await new Promise(resolve => setImmediate(resolve));
			controller.abort(REASON);
			const heeding = pool.run({id: 1000 + round, gate: 3}, {name: 'heed', signal: new AbortController().signal});
			await aborted.catch(() => {});
			board.open(3);
			assert.equal(await heeding, 1000 + round);
		}

		assert.equal(
			board.log.some(id => id < 0),
			false,
		);
	});
});

describe('timeout', () => {
	test('rejects a job that runs too long, and its function sees its signal', async t => {
		const {board, pool} = openBoard(t);
		const rejected = await failure(pool.run({id: 1}, {name: 'heed', timeout: 10}));
		assert.equal(rejected.code, 'ERR_TASK_TIMEOUT');
		assert.equal(rejected.name, 'TaskTimeoutError');
		assert.match(rejected.message, /^the task '\w+' timed out after 10 ms$/);
		await board.saw(-1);
		assert.equal(await pool.run(1), 1);
		assert.equal(pool.threads.length, 1);
	});

	test('counts from the start of the job', async t => {
		const {board, pool} = openBoard(t);
		const running = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const waiting = pool.run({id: 2}, {name: 'note', timeout: 60});
		await sleep(150);
		assert.equal(await state(waiting), 'pending');
		board.open(3);
		await running;
		assert.equal(await waiting, 2);
	});

	test('replaces the thread of a synchronous function after the grace', async t => {
		const pool = open(t, {abortGrace: 10});
		await assert.rejects(pool.run(1, {name: 'spin', timeout: 10}), {code: 'ERR_TASK_TIMEOUT'});
		assert.equal(await pool.run(2), 2);
	});

	test('of a map and a stream is that of each item', async t => {
		const {pool} = openBoard(t, {maxThreads: 2});
		assert.deepEqual(await pool.map(range(0, 300), {timeout: 10_000}), range(0, 300));
		await assert.rejects(pool.map([{id: 1}, {id: 2}], {name: 'heed', timeout: 10}), {code: 'ERR_TASK_TIMEOUT'});
		await assert.rejects(pool.stream([{id: 3}], {name: 'heed', timeout: 10}).next(), {code: 'ERR_TASK_TIMEOUT'});
	});

	test('and a signal: whichever comes first', async t => {
		const {board, pool} = openBoard(t);
		const controller = controllerOf(t);
		const {signal} = controller;
		await assert.rejects(pool.run({id: 1}, {name: 'heed', timeout: 5, signal}), {code: 'ERR_TASK_TIMEOUT'});
		const job = pool.run({id: 2}, {name: 'heed', timeout: 60_000, signal});
		await board.saw(2);
		controller.abort(REASON);
		assert.equal(await failure(job), REASON);
		assert.equal(await pool.run(3), 3);
	});
});

test('of jobs that share a signal none begins because another of them ends by it', async t => {
	const {board, pool} = openBoard(t);
	for (let round = 0; round < 30; round++) {
		const controller = controllerOf(t);
		const {signal} = controller;
		const first = 1000 * (round + 1);
		const jobs = range(first, 200).map(id => failure(pool.run({id}, {name: 'heed', signal})));
		await board.saw(first);
		controller.abort(REASON);
		assert.deepEqual(new Set(await Promise.all(jobs)), new Set([REASON]));
		await board.saw(-first);
		assert.deepEqual(board.log.slice(-2), [first, -first]);
	}
});

const skip = 'P_LANES_BINARY' in process.env && 'the sanitizer keeps memory that was freed for a while';

test('a job that leaves the queue takes its bytes along', {skip}, async t => {
	const {board, pool} = openBoard(t);
	const held = pool.run({id: 1, gate: 3}, {name: 'hold'});
	await board.saw(1);
	// One string for all: Rust has a copy for each job, and V8's heap, which is collected when it likes, has none.
	const text = 'x'.repeat(4 << 20);
	const before = process.memoryUsage.rss();
	for (let round = 0; round < 500; round++) {
		const controller = new AbortController();
		const job = pool.run(text, {signal: controller.signal});
		controller.abort();
		await assert.rejects(job, {name: 'AbortError'});
	}

	// The allocator and V8 keep some hundred MiB, however many rounds there are.
	assert.ok(process.memoryUsage.rss() - before < 500 * 2 ** 20, 'of 2,000 MiB');
	board.open(3);
	await held;
});
