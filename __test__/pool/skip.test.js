'use strict';

// Functions in workers that leave their items out of the results, and maps of async iterables.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {pLimit, skip} = require('p-lanes');
const {failure, fixture, open, range} = require('./helpers.js');
const {Source, collect} = require('./streams.js');

const ways = {
	'in a pool': () => ({}),
	'in bundles': () => ({size: 3000}),
	'under a limit': () => ({limit: pLimit(2)}),
};

for (const [how, way] of Object.entries(ways)) {
	describe(`skip ${how}`, () => {
		const opened = t => {
			const {size = 20, ...options} = way();
			return {size, pool: open(t, {filename: fixture('skipping.js'), ...options})};
		};

		test('leaves items out of a map', async t => {
			const {pool, size} = opened(t);
			const even = range(0, size).filter(n => n % 2 === 0);
			assert.deepEqual(await pool.map(range(0, size)), even);
			assert.deepEqual(await pool.map(range(0, size), {stopOnError: false}), even);
			assert.deepEqual(await pool.map([1, 3]), []);
			const outcomes = await pool.settle(range(0, size));
			assert.deepEqual(
				outcomes.map(({index, value}) => [index, value]),
				even.map(n => [n, n]),
			);
		});

		test('leaves items out of a stream', async t => {
			const {pool} = opened(t);
			assert.deepEqual(await collect(pool.stream(range(0, 6))), [0, 2, 4]);
			assert.deepEqual(
				await collect(pool.stream([2, 3, -1], {settle: true})).then(all => all.map(({index}) => index)),
				[0, 2],
			);
			const error = await failure(collect(pool.stream([3, -1, 2], {stopOnError: false, ordered: false})));
			assert.deepEqual(
				error.failures.map(({item, index, reason}) => [item, index, reason.message]),
				[[-1, 1, 'below 0: -1']],
			);
		});

		test('is the result of a single task', async t => {
			const {pool} = opened(t);
			assert.deepEqual([await pool.run(1), await pool.run(2)], [skip, 2]);
		});
	});

	describe(`a map of an async iterable ${how}`, () => {
		const opened = t => open(t, {filename: fixture('skipping.js'), limit: way().limit});

		test('gives the results in order, and pulls as there is room', async t => {
			const pool = opened(t);
			const source = new Source(100, index => index * 2);
			assert.deepEqual(
				await pool.map(source.async),
				range(0, 100).map(n => n * 2),
			);
			assert.equal(source.returned, 0);
			const outcomes = await pool.settle(new Source(4, index => index - 2).async);
			assert.deepEqual(
				outcomes.map(({item, index, status}) => [item, index, status]),
				[
					[-2, 0, 'rejected'],
					[-1, 1, 'rejected'],
					[0, 2, 'fulfilled'],
				],
			);
		});

		test('ends at the first failure and closes its source', async t => {
			const source = new Source(Number.POSITIVE_INFINITY, index => (index === 5 ? -1 : index));
			await assert.rejects(opened(t).map(source.async), new RangeError('below 0: -1'));
			await opened(t).run(0);
			assert.equal(source.returned, 1);
		});

		test('rejects when its signal aborts', async t => {
			const controller = new AbortController();
			const source = {[Symbol.asyncIterator]: () => ({next: () => new Promise(() => {})})};
			const map = opened(t).map(source, {signal: controller.signal});
			controller.abort(new Error('enough'));
			await assert.rejects(map, new Error('enough'));
		});
	});
}
