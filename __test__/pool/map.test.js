'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {failure, fixture, open, openBoard, range, state, until} = require('./helpers.js');

/** Items that count how many were pulled, and whether they were told to stop. */
const counted = (length, item = index => index) => {
	const source = {
		pulled: 0,
		returned: 0,
		[Symbol.iterator]: () => ({
			next() {
				if (source.pulled === length) {
					return {done: true, value: undefined};
				}

				return {done: false, value: item(source.pulled++)};
			},
			return() {
				source.returned++;
				return {};
			},
		}),
	};
	return source;
};

describe('map', () => {
	test('gives the results in the order of the items', async t => {
		const pool = open(t, {maxThreads: 2});
		assert.deepEqual(
			await pool.map(range(0, 3000), {name: 'double'}),
			range(0, 3000).map(item => 2 * item),
		);
		assert.deepEqual(await pool.map(new Set(['a', 'b'])), ['a', 'b']);
		assert.deepEqual(await pool.map('text'), ['t', 'e', 'x', 't']);
		assert.deepEqual(await pool.map([undefined, undefined], {name: 'nothing'}), [undefined, undefined]);
	});

	test('gives them in order also where they end in another', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 0});
		const results = pool.map(
			range(1, 9).map(id => ({id, gate: id === 1 ? 3 : 4, result: id})),
			{name: 'hold'},
		);
		board.open(4);
		await board.saw(...range(1, 9));
		board.open(3);
		assert.deepEqual(await results, range(1, 9));
	});

	test('of nothing starts no thread', async t => {
		const pool = open(t);
		assert.deepEqual(await pool.map([]), []);
		assert.equal(pool.threads.length, 0);
	});

	test('pulls a long iterable only as far as its jobs can run', async t => {
		const {board, pool} = openBoard(t);
		const held = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const source = counted(10_000);
		const results = pool.map(source);
		assert.ok(source.pulled > 0);
		assert.ok(source.pulled <= 1024, `${source.pulled} pulled`);
		board.open(3);
		await held;
		assert.deepEqual(await results, range(0, 10_000));
		assert.equal(source.returned, 0, 'it ended by itself');
	});

	test('pulls no more than half of the queue holds', async t => {
		const {board, pool} = openBoard(t, {maxQueue: 10});
		const held = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const source = counted(100);
		const results = pool.map(source);
		assert.equal(source.pulled, 5);
		const single = pool.run('single');
		assert.equal(await state(single), 'pending');
		board.open(3);
		await held;
		assert.equal(await single, 'single');
		assert.deepEqual(await results, range(0, 100));
	});

	test('gets on with no queue at all', async t => {
		const pool = open(t, {maxQueue: 0, maxThreads: 2});
		assert.deepEqual(await Promise.all([pool.map(range(0, 50))]), [range(0, 50)]);
	});

	test('several share the threads', async t => {
		const pool = open(t, {maxThreads: 2, maxQueue: 20});
		const maps = await Promise.all(range(0, 8).map(() => pool.map(range(0, 200))));
		assert.deepEqual(maps, Array(8).fill(range(0, 200)));
	});
});

describe('a map that fails', () => {
	test('rejects with the first failure, and pulls and queues no more', async t => {
		const {board, pool} = openBoard(t, {maxQueue: 8});
		const source = counted(1000, index => (index === 2 ? {message: 'third', kind: 'RangeError'} : {kind: 'none'}));
		const rejected = await failure(pool.map(source, {name: 'fail'}));
		assert.equal(rejected.name, 'TypeError', 'the first item has failed first');
		const pulled = source.pulled;
		assert.ok(pulled < 10);
		assert.equal(source.returned, 1);
		assert.equal(pool.queueSize, 0);
		assert.deepEqual(await pool.map(range(0, 3)), [0, 1, 2]);
		assert.equal(source.pulled, pulled);
		assert.deepEqual(board.log, []);
	});

	test('lets end what runs', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 2});
		const items = [{id: 1, gate: 3}, null, ...range(2, 50).map(id => ({id}))];
		assert.equal((await failure(pool.map(items, {name: 'holdAsync'}))).name, 'TypeError');
		assert.equal(pool.queueSize, 0);
		assert.equal(board.log[0], 1);
		const {granted} = pool.stats().online;
		board.open(3);
		await until(() => pool.stats().online.active === 0);
		assert.equal(pool.stats().online.granted, granted);
		assert.equal(pool.stats().online.rejected, 1);
		assert.equal(pool.threads.length, 1);
	});

	test('because the iterable throws', async t => {
		const pool = open(t);
		let returned = 0;
		const source = {
			[Symbol.iterator]: () => ({
				next() {
					throw new RangeError('no more');
				},
				return() {
					returned++;
				},
			}),
		};
		await assert.rejects(pool.map(source), new RangeError('no more'));
		assert.equal(returned, 0, 'it knows already');
		await assert.rejects(
			pool.map({
				[Symbol.iterator]() {
					throw new RangeError('none at all');
				},
			}),
			new RangeError('none at all'),
		);
		await assert.rejects(
			pool.map(
				(function* () {
					yield 1;
					throw new RangeError('after one');
				})(),
			),
			new RangeError('after one'),
		);
		assert.equal(pool.queueSize, 0);
		assert.equal(await pool.run(1), 1);
	});

	test('because an item can not be sent, tells the iterable', async t => {
		const pool = open(t);
		const source = counted(10, index => (index === 3 ? () => {} : index));
		await assert.rejects(pool.map(source), {code: 'ERR_NOT_CLONEABLE'});
		assert.equal(source.returned, 1);
		assert.equal(source.pulled, 4);
		assert.equal(pool.queueSize, 0);
	});

	test('keeps its reason though the iterable can not be stopped', async t => {
		const pool = open(t);
		const source = counted(5000, () => ({message: 'mine'}));
		const {[Symbol.iterator]: iterate} = source;
		source[Symbol.iterator] = () => ({
			...iterate(),
			return() {
				throw new Error('other');
			},
		});
		await assert.rejects(pool.map(source, {name: 'fail'}), new Error('mine'));
		assert.equal(await pool.run(1), 1);
	});
});

describe('a map that is aborted', () => {
	test('rejects with the reason, stops pulling, drops what waits and tells what runs', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, maxQueue: 20});
		const controller = new AbortController();
		const source = counted(1000, index => ({id: index + 1}));
		const results = pool.map(source, {name: 'heed', signal: controller.signal});
		await board.saw(1);
		await until(() => board.log.length === 2);
		const pulled = source.pulled;
		controller.abort(new Error('enough'));
		assert.equal(await state(results), 'rejected');
		await assert.rejects(results, new Error('enough'));
		assert.equal(pool.queueSize, 0);
		assert.equal(source.returned, 1);
		await until(() => board.log.filter(id => id < 0).length === 2);
		assert.deepEqual(await pool.map([1, 2]), [1, 2]);
		assert.equal(source.pulled, pulled);
		assert.equal(board.log.length, 4);
	});
});

test('results that are parts of a memory arrive without the rest of it', async t => {
	const pool = open(t, {filename: fixture('parts.js'), maxThreads: 2});
	const results = await pool.map(Array.from({length: 2000}, (_, index) => index));
	for (const [index, result] of results.entries()) {
		assert.deepEqual([...result], [index % 256, 1, 2]);
		assert.equal(result.buffer.byteLength, 3);
	}

	assert.equal(new Set(results.map(({buffer}) => buffer)).size, results.length);
});
