'use strict';

// How many jobs may wait, and how one learns of it.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {failure, openBoard, until} = require('./helpers.js');

const range = (from, length) => Array.from({length}, (_, index) => from + index);

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
