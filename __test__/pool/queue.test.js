'use strict';

// How many jobs may wait, and how one learns of it.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {failure, openBoard, range, until} = require('./helpers.js');

/** What the pool counts. */
const counts = pool => {
	const {online, offline} = pool.stats();
	return [pool.queueSize, pool.completed, online.active, online.pending, online.granted, offline.pending];
};

describe('maxQueue', () => {
	for (const [options, most] of [
		[{maxQueue: 3}, 3],
		[{maxQueue: 0}, 0],
		[{maxThreads: 2, maxQueue: 'auto'}, 4],
	]) {
		test(`${JSON.stringify(options)}: so many jobs wait, and no more`, async t => {
			const {board, pool} = openBoard(t, options);
			const held = range(1, pool.maxThreads).map(id => pool.run({id, gate: 3}, {name: 'hold'}));
			await until(() => board.log.length === pool.maxThreads);
			const waiting = range(0, most).map(id => pool.run(id));
			const before = counts(pool);
			const rejected = await failure(pool.run('more'));
			assert.equal(rejected.name, 'QueueFullError');
			assert.equal(rejected.code, 'ERR_QUEUE_FULL');
			assert.equal(
				rejected.message,
				`\`maxQueue\` (${most}) jobs wait already; wait for the 'drain' event, or raise it`,
			);
			await assert.rejects(pool.offline.run('more'), {code: 'ERR_QUEUE_FULL'});
			await assert.rejects(pool.map(['more']), {code: 'ERR_QUEUE_FULL'});
			assert.throws(() => pool.stream(['more']), {code: 'ERR_QUEUE_FULL'});
			assert.deepEqual(counts(pool), before);
			board.open(3);
			assert.deepEqual(await Promise.all(waiting), range(0, most));
			await Promise.all(held);
			assert.equal(await pool.run('again'), 'again');
		});
	}

	for (const [way, start] of Object.entries({
		run: (pool, tasks) => tasks.map(task => pool.offline.run(task, {name: 'hold'})),
		map: (pool, tasks) => [pool.offline.map(tasks, {name: 'hold'})],
		stream: (pool, tasks) => {
			const stream = pool.offline.stream(tasks, {name: 'hold', highWaterMark: 2});
			return tasks.map(() => stream.next());
		},
	})) {
		test(`offline jobs have all of \`maxThreads\` beside an online job of the reserve: ${way}`, async t => {
			const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 1, maxQueue: 0});
			const before = [1, 2].map(id => pool.offline.run({id, gate: 3}, {name: 'hold'}));
			await board.saw(1, 2);
			const online = pool.run({id: 3, gate: 5}, {name: 'hold'}); // on the reserve, as both other threads are held
			await board.saw(3);
			await assert.rejects(pool.offline.run('more'), {code: 'ERR_QUEUE_FULL'});
			board.open(3);
			await Promise.all(before);
			const all = start(pool, [
				{id: 4, gate: 4},
				{id: 5, gate: 4},
			]);
			await board.saw(4, 5);
			await assert.rejects(pool.offline.run('more'), {code: 'ERR_QUEUE_FULL'});
			board.open(4);
			board.open(5);
			await Promise.all([...all, online]);
		});
	}

	for (const [way, start] of Object.entries({
		map: (pool, tasks) => [pool.map(tasks, {name: 'hold'})],
		stream: (pool, tasks) => {
			const stream = pool.stream(tasks, {name: 'hold', highWaterMark: 2});
			return tasks.map(() => stream.next());
		},
	})) {
		test(`a ${way} of online jobs has all of the reserve beside offline jobs`, async t => {
			const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 2, maxQueue: 0});
			const offline = [1, 2].map(id => pool.offline.run({id, gate: 3}, {name: 'hold'}));
			await board.saw(1, 2);
			const online = start(pool, [
				{id: 4, gate: 3},
				{id: 5, gate: 3},
			]);
			await board.saw(4, 5);
			board.open(3);
			await Promise.all([...offline, ...online]);
		});
	}

	test('there is no limit unless it is set', async t => {
		const {pool} = openBoard(t);
		assert.equal((await Promise.all(range(0, 5000).map(id => pool.run(id)))).length, 5000);
		assert.equal(pool.needsDrain, false);
	});
});

describe("'needsDrain' and 'drain'", () => {
	test('tell when the queue is full, and when it is empty again', async t => {
		const {board, pool} = openBoard(t, {maxQueue: 2});
		const events = [];
		for (const event of ['needsDrain', 'drain']) {
			pool.on(event, () => events.push([event, pool.needsDrain]));
		}

		const first = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const second = pool.run({id: 2, gate: 4}, {name: 'hold'});
		assert.deepEqual([events, pool.needsDrain], [[], false]);
		const third = pool.run(3);
		assert.deepEqual([events, pool.needsDrain], [[], true], 'no listener runs within a call');
		await until(() => events.length === 1);
		assert.deepEqual(events[0], ['needsDrain', true]);
		board.open(3);
		await first;
		await board.saw(2);
		assert.equal(pool.needsDrain, true, 'one waits still');
		board.open(4);
		await Promise.all([second, third]);
		await until(() => events.length === 2);
		assert.deepEqual(events[1], ['drain', false]);
	});

	for (const [options, full] of [
		[{}, 2],
		[{maxThreads: 2, maxQueue: Number.POSITIVE_INFINITY}, 4],
		[{maxThreads: 2, concurrentTasksPerWorker: 3}, 12],
		[{maxQueue: 5}, 6],
		[{maxThreads: 2, maxQueue: 0}, 2],
	]) {
		test(`${JSON.stringify(options)}: ${full} jobs fill the pool, which tells it once`, async t => {
			const {board, pool} = openBoard(t, options);
			const events = [];
			for (const event of ['needsDrain', 'drain']) {
				pool.on(event, () => events.push(event));
			}

			for (const round of [1, 2]) {
				const gate = 2 + round;
				const jobs = [];
				const add = () => jobs.push(pool.run({id: 1, gate}, {name: 'holdAsync'}));
				for (let job = 1; job < full; job++) {
					add();
					assert.equal(pool.needsDrain, false, `${job} jobs`);
				}

				add();
				assert.equal(pool.needsDrain, true);
				if (options.maxQueue === undefined) {
					range(0, 10).forEach(add); // a queue without a bound takes more
				}

				board.open(gate);
				await Promise.all(jobs);
				assert.equal(pool.needsDrain, false);
				await new Promise(setImmediate);
				assert.deepEqual(events, Array(round).fill(['needsDrain', 'drain']).flat());
			}
		});
	}

	test('let a producer of a queue without a bound wait', async t => {
		const {pool} = openBoard(t, {maxThreads: 2});
		const results = [];
		let longest = 0;
		for (const id of range(0, 200)) {
			results.push(pool.run(id));
			longest = Math.max(longest, pool.queueSize);
			if (pool.needsDrain) {
				await new Promise(resolve => pool.once('drain', resolve));
			}
		}

		assert.deepEqual(await Promise.all(results), range(0, 200));
		assert.ok(longest <= 4, `${longest} jobs waited`);
	});

	test('let a producer wait', async t => {
		const {pool} = openBoard(t, {maxThreads: 2, maxQueue: 5});
		const results = [];
		for (const id of range(0, 200)) {
			if (pool.needsDrain) {
				await new Promise(resolve => pool.once('drain', resolve));
			}

			results.push(pool.run(id));
		}

		assert.deepEqual(await Promise.all(results), range(0, 200));
	});
});
