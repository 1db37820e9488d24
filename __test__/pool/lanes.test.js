'use strict';

// Who runs next, and how many at once.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const {getPriority} = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {describe, test} = require('node:test');
const {failure, fixture, open, openBoard, range, until} = require('./helpers.js');

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
	const openReserve = (t, options) => openBoard(t, {reserve: 'auto', ...options});

	for (const [options, most] of [
		[{maxThreads: 3}, 3],
		[{maxThreads: 3, reserve: 0}, 3],
		[{maxThreads: 3, reserve: 2}, 3],
		[{maxThreads: 1}, 1],
		[{maxThreads: 2, concurrentTasksPerWorker: 4}, 8],
		[{maxThreads: 1, reserve: 1, concurrentTasksPerWorker: 3}, 3],
	]) {
		test(`${JSON.stringify(options)}: ${most} offline jobs at once, and online jobs beside them`, async t => {
			const {board, pool} = openReserve(t, options);
			await pool.offline.map(Array(40).fill(2), {name: 'crowd'});
			assert.ok(board.cell(2) <= most, `${board.cell(2)} at once`);
			const held = range(1, most + 2).map(id => pool.offline.run({id, gate: 3}, {name: 'holdAsync'}));
			await until(() => board.log.length === most);
			if (options.reserve !== 0) {
				assert.equal(await pool.run('past'), 'past');
			}

			assert.equal(board.log.length, most);
			assert.equal(pool.stats().offline.active, most);
			assert.equal(pool.stats().offline.pending, 2);
			board.open(3);
			await Promise.all(held);
		});
	}

	test('lets an online job begin although the queue is full of offline jobs', async t => {
		const {board, pool} = openReserve(t, {maxThreads: 1, maxQueue: 0});
		const held = pool.offline.run({id: 1, gate: 3}, {name: 'hold'});
		assert.equal((await failure(pool.offline.run(1))).code, 'ERR_QUEUE_FULL');
		await board.saw(1); // else its thread could be ready first, and take the online job
		const online = pool.run({id: 2, gate: 4}, {name: 'hold'});
		await board.saw(2);
		assert.equal((await failure(pool.run(1))).code, 'ERR_QUEUE_FULL');
		board.open(3);
		board.open(4);
		await Promise.all([held, online]);
	});

	const held = (pool, lane, ids) => ids.map(id => pool[lane].run({id, gate: 3}, {name: 'hold'}));

	test("'auto' starts no thread as long as no online job has come", async t => {
		const {board, pool} = openReserve(t, {maxThreads: 2});
		const jobs = held(pool, 'offline', [1, 2, 3]);
		await board.saw(1, 2);
		assert.equal(pool.threads.length, 2);
		jobs.push(...held(pool, 'online', [4]));
		assert.equal(pool.threads.length, 3);
		await board.saw(4);
		board.open(3);
		await Promise.all(jobs);
	});

	test("'auto' starts a thread beside the first offline job if an online job has come before", async t => {
		const {board, pool} = openReserve(t, {maxThreads: 2});
		await pool.run({id: 1}, {name: 'note'});
		assert.equal(pool.threads.length, 1);
		const jobs = held(pool, 'offline', [2, 3]);
		assert.equal(pool.threads.length, 3);
		await board.saw(2, 3);
		board.open(3);
		await Promise.all(jobs);
	});

	test("'auto' starts as many as there are online jobs, up to half of `maxThreads`", async t => {
		const {board, pool} = openReserve(t, {maxThreads: 4});
		const jobs = held(pool, 'offline', range(1, 4));
		await board.saw(1, 2, 3, 4);
		jobs.push(...held(pool, 'online', [5, 6, 7]));
		assert.equal(pool.threads.length, 6);
		await board.saw(1, 2, 3, 4, 5, 6);
		assert.equal(board.log.length, 6, 'the third online job waits');
		board.open(3);
		await Promise.all(jobs);
	});

	test('a number is started with the first offline job, and not before', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 1, reserve: 3});
		await pool.run({id: 1}, {name: 'note'});
		assert.equal(pool.threads.length, 1);
		const jobs = held(pool, 'offline', [2]);
		assert.equal(pool.threads.length, 4);
		await board.saw(2);
		board.open(3);
		await Promise.all(jobs);
	});

	test('ends with the last offline job, unless the pool keeps its threads', async t => {
		for (const [minThreads, left] of [
			[0, 0],
			[1, 1],
			[2, 3],
		]) {
			const pool = open(t, {maxThreads: 2, minThreads, reserve: 1});
			await pool.offline.map(range(0, 10));
			await pool.map(range(0, 10));
			await until(() => pool.threads.length === left);
			await pool.close();
		}
	});

	const skip = process.platform !== 'linux';

	for (const [options, online, offline] of [
		[{}, 0, 10],
		[{niceIncrement: 19}, 0, 19],
		[{niceIncrement: 0}, 0, 0],
		[{concurrentTasksPerWorker: 2}, 0, 10],
	]) {
		test(`${JSON.stringify(options)}: nice values of ${online} online and of ${offline} offline`, {skip}, async t => {
			const {board, pool} = openReserve(t, {maxThreads: 2, reserve: 1, ...options});
			const niceOf = lane => pool[lane].map(range(0, 20), {name: 'nice'});
			const own = getPriority();
			const expected = {online: own + online, offline: Math.min(19, own + offline)};
			assert.deepEqual(new Set(await niceOf('online')), new Set([expected.online]));
			assert.deepEqual(new Set(await niceOf('offline')), new Set([expected.offline]));
			// While the others have all that they may, only the thread of the reserve can run it. It has run no offline job.
			const ids = range(1, 2 * pool.options.concurrentTasksPerWorker);
			const jobs = ids.map(id => pool.offline.run({id, gate: 3}, {name: 'holdAsync'}));
			await board.saw(...ids);
			assert.equal(await pool.run(0, {name: 'nice'}), expected.online);
			board.open(3);
			await Promise.all(jobs);
		});
	}

	test('the threads of libuv keep their priority, although an offline job is the first that needs them', {skip}, () => {
		const script = `
			const {readFileSync, readdirSync} = require('node:fs');
			const {Pool} = require('p-lanes');
			const pool = new Pool({filename: ${JSON.stringify(fixture('work.js'))}, maxThreads: 1});
			pool.offline.run(1, {name: 'readsFile'}).then(async () => {
				const niceOf = id => {
					const stat = readFileSync('/proc/self/task/' + id + '/stat', 'utf8');
					return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16];
				};
				const values = readdirSync('/proc/self/task').map(niceOf);
				console.log(values.filter(nice => nice !== values[0]).length);
				await pool.close();
			});`;
		const {stdout, stderr} = spawnSync(process.execPath, ['-e', script], {
			cwd: path.join(__dirname, '../..'),
			encoding: 'utf8',
		});
		assert.deepEqual({stdout, stderr}, {stdout: '1\n', stderr: ''});
	});

	test('online may use every thread', async t => {
		const {board, pool} = openReserve(t, {maxThreads: 2});
		const held = [1, 2].map(id => pool.run({id, gate: 3}, {name: 'hold'}));
		await board.saw(1, 2);
		board.open(3);
		assert.equal(new Set(await Promise.all(held)).size, 2);
	});
});
