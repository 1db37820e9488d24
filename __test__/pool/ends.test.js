'use strict';

// The end of a pool and of its threads: `closeTimeout`, the `close` event, and `teardown`.

const assert = require('node:assert/strict');
const {once} = require('node:events');
const {describe, test} = require('node:test');
const {Board} = require('./board.js');
const {failure, fixture, open, openBoard, range, sleep, state, until} = require('./helpers.js');

const overdue = {
	name: 'PoolClosedError',
	code: 'ERR_POOL_CLOSED',
	message: 'the pool was destroyed before this job had ended: the close took longer than `closeTimeout` (20 ms)',
};

/** The events of a pool from now on. */
const eventsOf = pool => {
	const events = [];
	for (const name of ['close', 'error', 'workerDestroy']) {
		pool.on(name, () => events.push(name));
	}

	return events;
};

describe('`closeTimeout`', () => {
	test('ends a close as `destroy()` does', async t => {
		const {board, pool} = openBoard(t, {closeTimeout: 20, maxThreads: 2, reserve: 0});
		const jobs = [1, 2, 3].map(id => failure(pool.run({id, gate: 3}, {name: 'hold'})));
		const map = failure(pool.map([{id: 4, gate: 3}], {name: 'hold'}));
		await board.saw(1, 2);
		await pool.close();
		for (const {name, code, message} of [...(await Promise.all(jobs)), await map]) {
			assert.deepEqual({name, code, message}, overdue);
		}

		assert.deepEqual([pool.threads.length, pool.queueSize], [0, 0]);
		assert.deepEqual(board.log.length, 2);
	});

	test('with `force` counts for what runs', async t => {
		const {board, pool} = openBoard(t, {closeTimeout: 20});
		const running = failure(pool.run({id: 1, gate: 3}, {name: 'hold'}));
		await board.saw(1);
		const waiting = failure(pool.run({id: 2}, {name: 'note'}));
		await pool.close({force: true});
		assert.equal((await waiting).message, 'the pool was closed before this job could run');
		assert.equal((await running).message, overdue.message);
	});

	test('has no effect on a close that is in time, nor before a close', async t => {
		const pool = open(t, {closeTimeout: 60_000, maxThreads: 2});
		const results = pool.map(range(0, 100));
		await pool.close();
		assert.deepEqual(await results, range(0, 100));

		const {board, pool: other} = openBoard(t, {closeTimeout: 0});
		const job = other.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		await sleep(20);
		assert.equal(await state(job), 'pending');
		board.open(3);
		await job;
	});

	test('is `Infinity` by default', async t => {
		const {board, pool} = openBoard(t);
		assert.equal(pool.options.closeTimeout, Number.POSITIVE_INFINITY);
		const job = pool.run({id: 1, gate: 3, result: 'ended'}, {name: 'hold'});
		await board.saw(1);
		const end = pool.close();
		await sleep(20);
		assert.equal(await state(end), 'pending');
		board.open(3);
		await end;
		assert.equal(await job, 'ended');
	});
});

describe("the 'close' event", () => {
	for (const [what, end] of [
		['close()', pool => pool.close()],
		['close({force: true})', pool => pool.close({force: true})],
		['destroy()', pool => pool.destroy()],
		['await using', pool => pool[Symbol.asyncDispose]()],
		['two closes', pool => Promise.all([pool.close(), pool.close()])],
		['a close and a destroy', pool => Promise.all([pool.close(), pool.destroy()])],
		['a destroy and a close', pool => Promise.all([pool.destroy(), pool.close()])],
	]) {
		test(`comes once, after all threads, and before the end of ${what}`, async t => {
			const pool = open(t, {maxThreads: 2});
			const events = eventsOf(pool);
			await Promise.all([pool.run(1), pool.run(2)]);
			assert.deepEqual(events, []);
			await end(pool);
			assert.deepEqual(events, ['workerDestroy', 'workerDestroy', 'close']);
			await pool.close();
			await pool.destroy();
			assert.equal(events.length, 3);
		});
	}

	test('comes from a pool that never ran anything, and from one whose close took too long', async t => {
		const pool = open(t);
		await Promise.all([once(pool, 'close'), pool.close()]);

		const {board, pool: other} = openBoard(t, {closeTimeout: 1});
		const events = eventsOf(other);
		const job = failure(other.run({id: 1, gate: 3}, {name: 'hold'}));
		await board.saw(1);
		await other.close();
		await job;
		assert.deepEqual(events, ['workerDestroy', 'close']);
	});

	test('does not come from a close that was refused', async t => {
		const pool = open(t);
		const events = eventsOf(pool);
		await assert.rejects(pool.close({force: 1}));
		await pool.run(1);
		assert.deepEqual(events, []);
	});
});

/** A pool with a `setup` and a `teardown` that note 1 and 2, and 3 at its end. */
const openTeardown = (t, way, options) => {
	const board = new Board();
	const workerData = {...board.workerData, way};
	return {board, pool: open(t, {filename: fixture('teardown.js'), workerData, ...options})};
};

describe('`teardown`', () => {
	test('runs in each thread before the end of a close, after its jobs', async t => {
		const {board, pool} = openTeardown(t, 'none', {maxThreads: 2, reserve: 0});
		// One in each thread, so both are ready.
		const jobs = [7, 8].map(id => pool.run(id, {name: 'hold'}));
		await board.saw(7, 8);
		const end = pool.close();
		await sleep(5);
		const sorted = log => log.sort((a, b) => a - b);
		assert.deepEqual(sorted(board.log), [1, 1, 7, 8], 'none while a job runs');
		board.open(3);
		await Promise.all([...jobs, end]);
		assert.deepEqual(sorted(board.log.slice(4)), [2, 2, 3, 3]);
	});

	test('is waited for', async t => {
		const {board, pool} = openTeardown(t, 'wait');
		const events = eventsOf(pool);
		await pool.run(1);
		const end = pool.close();
		await board.saw(2);
		await sleep(5);
		assert.equal(await state(end), 'pending');
		assert.equal(pool.threads.length, 1);
		board.open(3);
		await end;
		assert.deepEqual(board.log, [1, 2, 3]);
		assert.deepEqual(events, ['workerDestroy', 'close']);
	});

	test('runs in a thread that was idle for too long, and the next jobs run in another one', async t => {
		const {board, pool} = openTeardown(t, 'none', {minThreads: 0, idleTimeout: 1});
		await pool.run(1);
		await until(() => pool.threads.length === 0);
		assert.deepEqual(board.log, [1, 2, 3]);
		assert.equal(await pool.run(5), 5);
		await until(() => pool.threads.length === 0);
		assert.deepEqual(board.log, [1, 2, 3, 1, 2, 3]);
	});

	test('keeps the place of its thread until it has ended', async t => {
		const {board, pool} = openTeardown(t, 'wait', {minThreads: 0, idleTimeout: 1});
		await pool.run(1);
		await board.saw(2);
		const job = pool.run(5);
		await sleep(5);
		assert.equal(await state(job), 'pending');
		assert.equal(pool.threads.length, 1);
		board.open(3);
		assert.equal(await job, 5);
	});

	for (const [what, exported] of [
		['a default export', 'parts'],
		['a promise of it', 'Promise.resolve(parts)'],
	]) {
		test(`may be that of ${what}, as \`setup\` may`, async t => {
			const board = new Board();
			const source = `
				import {workerData} from 'node:worker_threads';
				const cells = new Int32Array(workerData.board);
				const note = cell => { Atomics.store(cells, cell, 1); };
				const parts = {run: task => task, setup() { note(4); }, teardown() { note(3); }};
				export default ${exported};`;
			const filename = `data:text/javascript,${encodeURIComponent(source)}`;
			const pool = open(t, {filename, name: 'run', workerData: board.workerData});
			assert.equal(await pool.run(1), 1);
			assert.equal(board.cell(4), 1);
			await pool.close();
			assert.equal(board.cell(3), 1);
		});
	}

	for (const [what, end] of [
		['destroy()', pool => pool.destroy()],
		['a crash', pool => failure(pool.run(0, {filename: fixture('work.js'), name: 'exit'}))],
		['a job that does not end', pool => failure(pool.run(0, {filename: fixture('work.js'), name: 'spin', timeout: 1}))],
	]) {
		test(`does not run at ${what}`, async t => {
			const {board, pool} = openTeardown(t, 'none', {abortGrace: 1});
			await pool.run(1);
			const [thread] = pool.threads;
			await end(pool);
			await until(() => !pool.threads.includes(thread));
			assert.deepEqual(board.log, [1]);
		});
	}

	test('does not run where `setup` did not', async t => {
		const board = new Board();
		const source = `
			import {workerData} from 'node:worker_threads';
			const cells = new Int32Array(workerData.board);
			export const setup = () => { Atomics.store(cells, 3, 1); return new Promise(() => {}); };
			export const teardown = () => Atomics.store(cells, 4, 1);`;
		const filename = `data:text/javascript,${encodeURIComponent(source)}`;
		const pool = open(t, {filename, minThreads: 1, workerData: board.workerData});
		await until(() => board.cell(3) === 1);
		await pool.close();
		assert.equal(board.cell(4), 0);
	});

	for (const way of ['fail', 'failLater']) {
		test(`that fails is reported, and does not hold a close: ${way}`, async t => {
			const {board, pool} = openTeardown(t, way, {maxThreads: 2});
			const errors = [];
			pool.on('error', error => errors.push(error));
			const events = eventsOf(pool);
			await Promise.all([pool.run(1), pool.run(2)]);
			const count = pool.threads.length;
			await until(() => board.log.filter(id => id === 1).length === count);
			await pool.run(3);
			await pool.close();
			assert.deepEqual(
				errors.map(({name, message}) => `${name}: ${message}`),
				errors.map(() => 'RangeError: can not clean up'),
			);
			assert.ok(errors.length > 0 && errors.length <= count);
			assert.equal(events.at(-1), 'close');
			assert.equal(board.log.includes(3), false);
		});
	}

	test('that fails is a warning if nobody listens', async t => {
		const {pool} = openTeardown(t, 'fail');
		const warnings = [];
		const onWarning = warning => warnings.push(warning.message);
		process.on('warning', onWarning);
		t.after(() => process.off('warning', onWarning));
		await pool.run(1);
		await pool.close();
		await until(() => warnings.length > 0);
		assert.deepEqual(warnings, ['can not clean up']);
	});

	for (const [source, shown] of [
		['5', '5'],
		['{a: 1}', '{ a: 1 }'],
		['undefined', 'undefined'],
	]) {
		test(`that fails is reported whatever it throws: ${source}`, async t => {
			const module = `export default task => task; export const teardown = async () => { throw ${source}; };`;
			const pool = open(t, {filename: `data:text/javascript,${encodeURIComponent(module)}`});
			const errors = [];
			pool.on('error', error => errors.push(error));
			await pool.run(1);
			await pool.close();
			assert.deepEqual(
				errors.map(({code, message}) => `${code}: ${message}`),
				[`ERR_WORKER_CRASHED: \`teardown\` of the worker thread failed: ${shown}`],
			);
			assert.ok('cause' in errors[0]);
		});
	}

	test('that fails in a thread that was idle for too long is reported', async t => {
		const {pool} = openTeardown(t, 'fail', {minThreads: 0, idleTimeout: 1});
		const errors = [];
		pool.on('error', error => errors.push(error.message));
		await pool.run(1);
		await until(() => errors.length > 0);
		assert.deepEqual(errors, ['can not clean up']);
		assert.equal(await pool.run(5), 5);
	});

	for (const way of ['hang', 'spin']) {
		const message = 'the worker thread was terminated: its `teardown` took longer than 20 ms';

		test(`that does not end is terminated after \`closeTimeout\`, and reported: ${way}`, async t => {
			const {pool} = openTeardown(t, way, {closeTimeout: 20, minThreads: 0, idleTimeout: 1});
			const errors = [];
			pool.on('error', error => errors.push(error));
			await pool.run(1);
			await until(() => pool.threads.length === 0);
			assert.deepEqual(
				errors.map(error => [error.code, error.message]),
				[['ERR_WORKER_CRASHED', message]],
			);
		});

		test(`that does not end does not hold a close: ${way}`, async t => {
			const {pool} = openTeardown(t, way, {closeTimeout: 20});
			const errors = [];
			pool.on('error', error => errors.push(error.message));
			await pool.run(1);
			await pool.close();
			assert.equal(pool.threads.length, 0);
			// None if the time was over before the thread had begun with it.
			assert.deepEqual(errors, errors.length === 0 ? [] : [message]);
		});
	}

	test('that exits, and a destroy meanwhile, are no errors', async t => {
		for (const way of ['exit', 'hang']) {
			const {board, pool} = openTeardown(t, way);
			const events = eventsOf(pool);
			await pool.run(1);
			const end = pool.close();
			await board.saw(2);
			if (way === 'hang') {
				pool.destroy();
			}

			await end;
			assert.deepEqual(events, ['workerDestroy', 'close']);
		}
	});
});
