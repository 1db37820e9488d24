'use strict';

// `limit.map`: what it takes, in which order it runs, how it fails.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, noop, task} = require('./packages.js');

forEachPackage(({pLimit}) => {
	describe('map', () => {
		test('takes any iterable or array-like, passes item and index, and gives results in order', async () => {
			const limit = pLimit(2);
			const label = async (item, index) => {
				await (index % 2 ? undefined : turn());
				return `${item}${index}`;
			};
			const generate = function* () {
				yield* ['a', 'b', 'c'];
			};
			for (const iterable of [
				['a', 'b', 'c'],
				new Set(['a', 'b', 'c']),
				generate(),
				'abc',
				{length: 3, 0: 'a', 1: 'b', 2: 'c'},
			]) {
				assert.deepEqual(await limit.map(iterable, label), ['a0', 'b1', 'c2']);
			}

			assert.deepEqual(await limit.map([], label), []);
			// biome-ignore lint/suspicious/noSparseArray: holes are items
			assert.deepEqual(await limit.map([, 1], item => item), [undefined, 1]);
		});

		test('gives its mapper two arguments', async () => {
			assert.deepEqual(await pLimit(1).map(['a'], (...args) => args), [['a', 0]]);
		});

		test('takes all items at once', async () => {
			const limit = pLimit(1);
			let taken = 0;
			const generate = function* () {
				for (; taken < 5; taken++) {
					yield taken;
				}
			};
			const mapped = limit.map(generate(), noop);
			assert.equal(taken, 5);
			await mapped;
			const list = [1, 2, 3];
			const copied = limit.map(list, item => item);
			list.length = 0;
			assert.deepEqual(await copied, [1, 2, 3]);
		});

		test('does not await promises among the items', async () => {
			const input = Promise.resolve(1);
			assert.deepEqual(await pLimit(1).map([input], item => item === input), [true]);
		});

		test('the first failure rejects the map, and the other items still run', async () => {
			const limit = pLimit(1);
			const ran = [];
			const mapped = limit.map([0, 1, 2, 3], item => {
				ran.push(item);
				if (item % 2) {
					throw new Error(`no ${item}`);
				}
			});
			await assert.rejects(mapped, {message: 'no 1'});
			await turn();
			assert.deepEqual(ran, [0, 1, 2, 3]);
			assert.equal(limit.activeCount, 0);
		});

		test('stays within the concurrency and starts in order', async () => {
			const limit = pLimit(3);
			let running = 0;
			let most = 0;
			const order = [];
			await limit.map(Array.from({length: 40}).keys(), async item => {
				order.push(item);
				running++;
				most = Math.max(most, running);
				await turn();
				running--;
			});
			assert.equal(most, 3);
			assert.deepEqual(order, [...order.keys()]);
		});

		test('items count as pending, and later calls queue behind them', async () => {
			const limit = pLimit(1);
			const order = [];
			const before = limit(() => order.push('before'));
			const mapped = limit.map([0, 1, 2], item => order.push(item));
			const after = limit(() => order.push('after'));
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 4]);
			await Promise.all([before, mapped, after]);
			assert.deepEqual(order, ['before', 0, 1, 2, 'after']);
		});

		test('two maps run in the order they were made', async () => {
			const limit = pLimit(2);
			const order = [];
			const push = item => turn().then(() => order.push(item));
			await Promise.all([limit.map([0, 1, 2], push), limit.map([3, 4, 5], push)]);
			assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
		});

		test('a higher concurrency takes effect in a map that runs', async () => {
			const limit = pLimit(1);
			const tasks = Array.from({length: 4}, task);
			const mapped = limit.map(tasks, one => one.run());
			await turn();
			limit.concurrency = 3;
			await turn();
			assert.deepEqual(
				tasks.map(one => one.started),
				[true, true, true, false],
			);
			for (const one of tasks) {
				one.resolve(1);
			}

			assert.deepEqual(await mapped, [1, 1, 1, 1]);
		});

		for (const [kind, mapper] of [
			['async', async () => {}],
			['plain', () => 1],
		]) {
			test(`when the caller continues, the slot is free and the next task has started: ${kind} mapper`, async () => {
				const limit = pLimit(1);
				const next = task();
				const mapped = limit.map([1, 2], mapper);
				const after = limit(next.run);
				await mapped;
				assert.ok(next.started);
				next.resolve();
				await after;
			});
		}

		test('works when it is called without its limit', async () => {
			const {map} = pLimit(1);
			assert.deepEqual(await map([1, 2], item => item + 1), [2, 3]);
		});

		test('adopts thenables and takes any number of plain values', async () => {
			const limit = pLimit(2);
			// biome-ignore lint/suspicious/noThenProperty: this is the subject
			assert.deepEqual(await limit.map([1, 2], item => ({then: resolve => resolve(item * 2)})), [2, 4]);
			const many = Array.from({length: 30_000}, (_, index) => index);
			assert.deepEqual(await limit.map(many, item => item), many);
			const failing = limit.map(many, item => {
				throw new Error(`no ${item}`);
			});
			await assert.rejects(failing, {message: 'no 0'});
		});

		test('an iterable that throws rejects the map; the items taken before still run', async () => {
			const limit = pLimit(1);
			const ran = [];
			const broken = function* () {
				yield 0;
				yield 1;
				throw new Error('broken');
			};
			const mapped = limit.map(broken(), item => {
				ran.push(item);
				throw new Error('and nobody hears of this one');
			});
			await assert.rejects(mapped, {message: 'broken'});
			await turn();
			assert.deepEqual(ran, [0, 1]);
			assert.equal(await limit(() => 'good'), 'good');
		});

		test('rejects with a TypeError without an iterable or without a mapper function', async () => {
			const limit = pLimit(1);
			await assert.rejects(limit.map(undefined, noop), TypeError);
			await assert.rejects(limit.map(null, noop), TypeError);
			await assert.rejects(limit.map([1], undefined), TypeError);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});

		test('its `length` is 2', () => {
			assert.equal(pLimit(1).map.length, 2);
		});
	});
});
