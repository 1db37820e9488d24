'use strict';

// What a stream of a pool gives, in which order, and how far ahead it pulls.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {open, openBoard, range, sleep, state, until} = require('./helpers.js');
const {Source, collect, kinds} = require('./streams.js');

describe('stream', () => {
	for (const kind of kinds) {
		test(`gives results in the order of the items of a ${kind} source`, async t => {
			const pool = open(t, {maxThreads: 2});
			const source = new Source(500);
			assert.deepEqual(
				await collect(pool.stream(source[kind], {name: 'double'})),
				range(0, 500).map(item => 2 * item),
			);
			assert.equal(source.returned, 0, 'it ended by itself');
		});

		test(`gives all results of a ${kind} source as they come`, async t => {
			const pool = open(t, {maxThreads: 2});
			const results = await collect(pool.stream(new Source(500)[kind], {ordered: false}));
			assert.deepEqual(
				results.sort((a, b) => a - b),
				range(0, 500),
			);
		});

		test(`of an empty ${kind} source is empty`, async t => {
			const pool = open(t);
			assert.deepEqual(await collect(pool.stream(new Source(0)[kind])), []);
			assert.equal(pool.threads.length, 0);
		});

		test(`pulls a ${kind} source no further than \`highWaterMark\` beyond what was given out`, async t => {
			const pool = open(t);
			for (const highWaterMark of [1, 3, 20]) {
				const source = new Source();
				const stream = pool.stream(source[kind], {highWaterMark});
				assert.equal(source.pulled, 0, 'nothing before it is asked for');
				for (let given = 1; given < 30; given++) {
					await stream.next();
					assert.ok(source.pulled <= given + highWaterMark, `${source.pulled} pulled for ${given}`);
				}

				await sleep(20);
				assert.ok(source.pulled <= 29 + highWaterMark, 'nor while nobody asks');
				await stream.return();
			}
		});
	}

	test('ordered: a slow job holds back later results; not ordered: it does not', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 4});
		const items = gate => [{id: 1, gate, result: 'slow'}, ...[2, 3, 4].map(id => ({id, gate: 3, result: id}))];
		board.open(3);
		const asTheyCome = pool.stream(items(4), {name: 'holdAsync', ordered: false});
		assert.deepEqual(
			(await Promise.all([asTheyCome.next(), asTheyCome.next(), asTheyCome.next()])).map(({value}) => value).sort(),
			[2, 3, 4],
		);
		board.open(4);
		assert.deepEqual(await collect(asTheyCome), ['slow']);

		const inOrder = pool.stream(items(5), {name: 'holdAsync'});
		const first = inOrder.next();
		await board.saw(4);
		assert.equal(await state(first), 'pending');
		board.open(5);
		assert.equal((await first).value, 'slow');
		assert.deepEqual(await collect(inOrder), [2, 3, 4]);
	});

	test('the bound counts results that were not taken yet', async t => {
		const {board, pool} = openBoard(t);
		const source = new Source(Number.POSITIVE_INFINITY, index => ({id: index + 1}));
		const stream = pool.stream(source.sync, {name: 'note', highWaterMark: 5});
		await stream.next();
		await until(() => pool.stats().online.active === 0 && pool.queueSize === 0);
		assert.ok(board.log.length <= 6);
		assert.equal(source.pulled, board.log.length);
		await stream.return();
	});

	test('without `highWaterMark` the bound is twice the number of jobs that the pool can run', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, concurrentTasksPerWorker: 3});
		const source = new Source(Number.POSITIVE_INFINITY, index => ({id: index + 1, gate: 3}));
		const stream = pool.stream(source.sync, {name: 'holdAsync'});
		const first = stream.next();
		await until(() => source.pulled === 12);
		await sleep(5);
		assert.equal(source.pulled, 12);
		board.open(3);
		await first;
		await stream.return();
	});

	test('leaves room in the queue', async t => {
		const {board, pool} = openBoard(t, {maxQueue: 4});
		const source = new Source(100, index => ({id: index + 1, gate: 3, result: index}));
		const stream = pool.stream(source.sync, {name: 'hold', highWaterMark: 50});
		const first = stream.next();
		await board.saw(1);
		assert.equal(source.pulled, 3);
		const single = pool.run(1);
		board.open(3);
		assert.equal(await single, 1);
		assert.equal((await first).value, 0);
		assert.deepEqual(await collect(stream), range(1, 99));
	});

	test('several streams run at the same time', async t => {
		const pool = open(t, {maxThreads: 2});
		const all = await Promise.all(range(0, 5).map(() => collect(pool.stream(new Source(100).async))));
		assert.deepEqual(all, Array(5).fill(range(0, 100)));
	});

	test('gives each of several pending `next` its own result', async t => {
		const pool = open(t);
		const stream = pool.stream(range(0, 5));
		const given = await Promise.all(range(0, 7).map(() => stream.next()));
		assert.deepEqual(
			given.map(({value}) => value),
			[0, 1, 2, 3, 4, undefined, undefined],
		);
	});

	test('is an iterator that can be piped', async t => {
		const pool = open(t);
		const {Readable} = require('node:stream');
		const source = Readable.from(range(0, 20));
		const piped = Readable.from(pool.stream(source, {name: 'double'}));
		assert.deepEqual(
			await collect(piped),
			range(0, 20).map(item => 2 * item),
		);
	});

	test('gives a slow consumer all results', async t => {
		const pool = open(t, {maxThreads: 2});
		const results = [];
		for await (const result of pool.stream(new Source(20).async)) {
			await sleep(2);
			results.push(result);
		}

		assert.deepEqual(results, range(0, 20));
	});
});

test('promises in a source are awaited', async t => {
	const pool = open(t);
	const promises = range(0, 5).map(async item => item);
	assert.deepEqual(await collect(pool.stream(promises, {name: 'double'})), [0, 2, 4, 6, 8]);
});
