'use strict';

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {deferred, turns} = require('./helpers.js');

describe('map', () => {
	test('stopOnError: what has not begun is dropped', async () => {
		const limit = pLimit(2);
		const began = [];
		const map = limit.map(
			[1, 2, 3, 4, 5, 6],
			async x => {
				began.push(x);
				await tick();
				if (x === 2) {
					throw new Error('two');
				}
			},
			{stopOnError: true},
		);
		await assert.rejects(map, /two/);
		await limit.onIdle();
		assert.ok(began.length <= 4);
		assert.equal(limit.pendingCount, 0);
	});

	test('stopOnError false: all run, and all errors are told, in the order of the items', async () => {
		const began = [];
		const fourth = deferred();
		const map = pLimit(4).map(
			[1, 2, 3, 4],
			async x => {
				began.push(x);
				if (x === 2) {
					await fourth.promise;
				}

				if (x % 2 === 0) {
					fourth.resolve();
					throw new Error(`even ${x}`);
				}
			},
			{stopOnError: false},
		);
		const error = await map.catch(error => error);
		assert.ok(error instanceof AggregateError);
		assert.deepEqual(
			error.errors.map(({message}) => message),
			['even 2', 'even 4'],
		);
		assert.equal(error.message, '2 of 4 items failed');
		assert.deepEqual(began, [1, 2, 3, 4]);
	});

	test('without it p-limit’s way: fails with the first, runs all', async () => {
		const limit = pLimit(1);
		const began = [];
		const map = limit.map([1, 2, 3], async x => {
			began.push(x);
			throw new Error(`${x}`);
		});
		await assert.rejects(map, /1/);
		await limit.onIdle();
		assert.deepEqual(began, [1, 2, 3]);
	});

	test('signal: rejects at once, drops what waits, leaves no listener', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const {signal} = controller;
		let ran = 0;
		const map = limit.map(
			Array.from({length: 100}),
			async () => {
				ran++;
				await tick();
			},
			{signal},
		);
		await tick();
		controller.abort();
		await assert.rejects(map, {name: 'AbortError'});
		assert.equal(limit.pendingCount, 0);
		await limit.onIdle();
		assert.ok(ran < 10);

		const other = new AbortController();
		await limit.map([1, 2], x => tick(x), {signal: other.signal});
		assert.equal(getEventListeners(other.signal, 'abort').length, 0);
	});

	test('signal: aborted by the iterable, nothing runs and no listener is left', async () => {
		const controller = new AbortController();
		const items = (function* () {
			yield 1;
			controller.abort('enough');
			yield 2;
		})();
		const map = pLimit(1).map(items, () => assert.fail('it ran'), {signal: controller.signal});
		await assert.rejects(map, error => error === 'enough');
		assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
	});

	test('shuffle: another order, the same results', async () => {
		const items = Array.from({length: 200}, (_, index) => index);
		const began = [];
		const results = await pLimit(3).map(
			items,
			(x, index) => {
				began.push(x);
				assert.equal(x, index);
				return -x;
			},
			{shuffle: true},
		);
		assert.deepEqual(
			results,
			items.map(x => -x),
		);
		assert.notDeepEqual(began, items);
		assert.deepEqual(began.toSorted?.((a, b) => a - b) ?? [...began].sort((a, b) => a - b), items);
	});

	test('with options that each item has of its own', async () => {
		const limit = pLimit(2);
		let calls = 0;
		const lane = limit.with({retry: {retries: 1, minTimeout: 0}, timeout: 1000});
		const results = await lane.map([1, 2, 3], async x => {
			calls++;
			if (calls === 1) {
				throw new Error('once');
			}

			return x;
		});
		assert.deepEqual([results, calls], [[1, 2, 3], 4]);
		await assert.rejects(
			limit.with({timeout: 1}).map([1], () => new Promise(resolve => setTimeout(resolve, 20))),
			{code: 'ERR_TASK_TIMEOUT'},
		);
		await limit.onIdle();
	});

	test('priority and weight', async () => {
		const limit = pLimit(4);
		let running = 0;
		let most = 0;
		await limit.with({weight: 2}).map([1, 2, 3, 4, 5], async () => {
			most = Math.max(most, ++running);
			await tick();
			running--;
		});
		assert.equal(most, 2);
	});

	for (const method of ['map', 'settle']) {
		for (const options of [{}, {timeout: 1000}]) {
			test(`${method}, with ${JSON.stringify(options)}: all items are let in, or none`, async () => {
				const limit = pLimit({concurrency: 1, maxQueue: 2});
				let runs = 0;
				const work = () => {
					runs++;
				};
				await assert.rejects(limit.with(options)[method]([1, 2, 3, 4], work), {code: 'ERR_QUEUE_FULL'});
				await turns();
				assert.equal(runs, 0);
				assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
				await limit.with(options)[method]([1, 2, 3], work);
				assert.equal(runs, 3);
				await limit.drain();
				await assert.rejects(limit.with(options)[method]([1], work), {code: 'ERR_LIMIT_CLOSED'});
			});
		}
	}

	test('bad options', async () => {
		const limit = pLimit(1);
		for (const [options, message] of [
			[null, /^`options` must be an object, got null$/],
			[{signal: 1}, /^`signal` must be an AbortSignal, got 1$/],
			[{stopOnError: 1}, /^`stopOnError` must be a boolean, got 1$/],
			[{shuffle: 'yes'}, /^`shuffle` must be a boolean, got 'yes'$/],
		]) {
			await assert.rejects(
				limit.map([1], x => x, options),
				{code: 'ERR_INVALID_ARG', message},
			);
		}
	});
});

describe('settle', () => {
	test('gives what Promise.allSettled would, and the item and its index', async () => {
		const results = await pLimit(2).settle([1, 2, 3], async x => {
			if (x === 2) {
				throw new Error('two');
			}

			return x * 10;
		});
		assert.deepEqual(results, [
			{item: 1, index: 0, status: 'fulfilled', value: 10},
			{item: 2, index: 1, status: 'rejected', reason: new Error('two')},
			{item: 3, index: 2, status: 'fulfilled', value: 30},
		]);
		assert.deepEqual(await pLimit(1).settle([], () => {}), []);
	});
});
