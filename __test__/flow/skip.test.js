'use strict';

// A mapper that returns `skip` leaves its item out of the results.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {asyncOf, collect, counted, idle, turns} = require('./helpers.js');

const {skip} = pLimit;

const even = x => (x % 2 === 0 ? x : skip);

const ways = {
	map: (lane, items, options) => lane.map(items, even, options),
	'map of an async iterable': (lane, items, options) => lane.map(asyncOf(items), even, options),
	stream: (lane, items, options) => collect(lane.stream(items, even, options)),
	'stream of promises': (lane, items, options) => collect(lane.stream(items, async x => even(x), options)),
	transform: (lane, items, options) => {
		const transform = lane.transform(even, options);
		for (const item of items) {
			transform.write(item);
		}

		transform.end();
		return collect(transform);
	},
};

for (const [how, bound] of [
	['in slots', {}],
	['as tasks', {timeout: 1e6}],
]) {
	describe(`skip, items ${how}`, () => {
		for (const [name, way] of Object.entries(ways)) {
			test(`${name}: leaves items out, first, last and all`, async () => {
				const limit = pLimit(2);
				const lane = limit.with(bound);
				assert.deepEqual(await way(lane, [1, 2, 3, 5, 4, 7]), [2, 4]);
				assert.deepEqual(await way(lane, [1, 3, 5]), []);
				assert.deepEqual(await way(lane, [2, 4]), [2, 4]);
				assert.equal(limit.stats().online.rejected, 0);
				idle(limit);
			});

			test(`${name}: outcomes keep their indexes`, async () => {
				const outcomes = await way(pLimit(2).with(bound), [1, 2, 3, 4], {settle: true});
				assert.deepEqual(outcomes, [
					{item: 2, index: 1, status: 'fulfilled', value: 2},
					{item: 4, index: 3, status: 'fulfilled', value: 4},
				]);
			});

			test(`${name}: counts as done, and not as failed`, async () => {
				const told = [];
				await way(pLimit(2).with(bound), [1, 2, 3], {onProgress: ({done, failed}) => told.push([done, failed])});
				await turns();
				assert.deepEqual(told.at(-1), [3, 0]);
			});
		}
	});
}

describe('skip', () => {
	test('is one symbol for all copies of the package', () => {
		assert.equal(skip, Symbol.for('p-lanes.skip'));
	});

	test('lets a stream of nothing but such items end, with any bound on what is pulled', async () => {
		for (const options of [{highWaterMark: 0}, {highWaterMark: 3, ordered: false}, {stopOnError: false}]) {
			const source = counted(50);
			assert.deepEqual(await collect(pLimit(1).stream(source, () => skip, options)), []);
			assert.equal(source.pulled, 50);
		}
	});

	test('is no result of a call', async () => {
		assert.equal(await pLimit(1)(() => skip), skip);
	});

	test('as a reason is a reason', async () => {
		const [outcome] = await pLimit(1).settle([1], () => Promise.reject(skip));
		assert.deepEqual(outcome, {item: 1, index: 0, status: 'rejected', reason: skip});
		await assert.rejects(collect(pLimit(1).stream([1], () => Promise.reject(skip))), error => error === skip);
	});
});
