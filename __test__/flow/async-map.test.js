'use strict';

// `map` and `settle` of an async iterable: pulled as there is room, and ended when an error ends the map.

const assert = require('node:assert/strict');
const {AsyncLocalStorage} = require('node:async_hooks');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {deferred, idle, later, listeners, outcomeOf, turns} = require('./helpers.js');

/** An async source that counts, and fails at `failAt`. */
const counted = ({size = Number.POSITIVE_INFINITY, failAt, error} = {}) => {
	const source = {pulled: 0, returned: 0};
	source[Symbol.asyncIterator] = () => ({
		async next() {
			if (source.pulled === failAt) {
				throw error;
			}

			return source.pulled < size ? {done: false, value: source.pulled++} : {done: true, value: undefined};
		},
		async return() {
			source.returned++;
			return {done: true, value: undefined};
		},
	});
	return source;
};

const ways = {
	'in slots': {},
	'as tasks': {timeout: 1e6},
};

for (const [how, bound] of Object.entries(ways)) {
	describe(`a map of an async iterable, items ${how}`, () => {
		test('gives the results in the order of the items, whatever ends first', async () => {
			const limit = pLimit(3);
			const own = [deferred(), deferred(), deferred()];
			const map = limit.with(bound).map(counted({size: 3}), (item, index) => own[item].promise.then(x => [x, index]));
			await turns();
			own[2].resolve('c');
			own[0].resolve('a');
			await turns();
			own[1].resolve('b');
			assert.deepEqual(await map, [
				['a', 0],
				['b', 1],
				['c', 2],
			]);
			idle(limit);
		});

		test('pulls at most twice the concurrency before an item has ended, and goes on as each ends', async () => {
			const limit = pLimit(2);
			const source = counted({size: 10});
			const held = [];
			const map = limit.with(bound).map(source, item => {
				const own = deferred();
				held.push(own);
				return own.promise.then(() => item);
			});
			await turns();
			assert.deepEqual([source.pulled, held.length], [4, 2]);
			for (let ended = 0; ended < 10; ended++) {
				held[ended].resolve();
				await turns();
				assert.equal(source.pulled, Math.min(10, 5 + ended));
			}

			assert.deepEqual(await map, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
			assert.equal(source.returned, 0, 'it has ended by itself');
		});

		test('one item that takes long does not hold up the others', async () => {
			const {promise, resolve} = deferred();
			const ran = [];
			const map = pLimit(2)
				.with(bound)
				.map(counted({size: 100}), item => {
					ran.push(item);
					return item === 0 ? promise : item;
				});
			await turns(1000);
			assert.equal(ran.length, 100);
			resolve(0);
			assert.equal((await map).length, 100);
		});

		test('with `stopOnError` it closes its source at the first failure', async () => {
			const limit = pLimit(2);
			const source = counted();
			const fail = item => (item === 5 ? Promise.reject(new Error('five')) : item);
			await assert.rejects(limit.with(bound).map(source, fail, {stopOnError: true}), new Error('five'));
			await turns();
			assert.equal(source.returned, 1);
			idle(limit);
		});

		test('an error of the source rejects it, once the items before have ended', async () => {
			const error = new RangeError('no more');
			for (const options of [{}, {stopOnError: true}, {stopOnError: false}, {settle: true}]) {
				const limit = pLimit(2);
				const {promise, resolve} = deferred();
				const source = counted({failAt: 1, error});
				const map = later(limit.with(bound).map(source, () => promise, options));
				assert.equal(await outcomeOf(map), 'pending');
				resolve();
				await assert.rejects(map, given => given === error);
				idle(limit);
			}
		});

		test('its signal rejects it at once, and closes a source that does not answer', async () => {
			for (const [as, bind] of [
				['an option', false],
				['bound', true],
			]) {
				const limit = pLimit(2);
				const controller = new AbortController();
				const {signal} = controller;
				let returned = 0;
				const source = {
					[Symbol.asyncIterator]: () => ({
						next: () => new Promise(() => {}),
						return: async () => {
							returned++;
							return {};
						},
					}),
				};
				const lane = limit.with(bind ? {...bound, signal} : bound);
				const map = later(lane.map(source, x => x, bind ? {} : {signal}));
				assert.equal(await outcomeOf(map), 'pending');
				controller.abort(new Error('enough'));
				await assert.rejects(map, new Error('enough'), as);
				await turns();
				assert.deepEqual([returned, listeners(controller)], [1, 0]);
				idle(limit);
			}
		});

		test('items that are cleared reject with an AbortError', async () => {
			const limit = pLimit(1);
			const {promise, resolve} = deferred();
			const settled = limit.with(bound).settle(counted({size: 2}), () => promise);
			await turns();
			assert.equal(limit.pendingCount, 1);
			limit.clearQueue();
			resolve('ran');
			const [first, second] = await settled;
			assert.deepEqual([first.value, second.reason.name], ['ran', 'AbortError']);
		});
	});
}

describe('a map of an async iterable', () => {
	test('of nothing', async () => {
		assert.deepEqual(await pLimit(1).map(counted({size: 0}), x => x), []);
		assert.deepEqual(await pLimit(1).settle(counted({size: 0}), x => x), []);
		assert.deepEqual(await pLimit(1).map(counted({size: 0}), x => x, {stopOnError: false}), []);
	});

	test('takes what is a list as a list, also if it is async iterable', async () => {
		const both = [1, 2];
		both[Symbol.asyncIterator] = () => assert.fail();
		assert.deepEqual(await pLimit(1).map(both, x => x), [1, 2]);
		const iterable = {*[Symbol.iterator]() {}, [Symbol.asyncIterator]: () => assert.fail()};
		assert.deepEqual(await pLimit(1).map(iterable, x => x), []);
	});

	test('tells how far it is, and the total when its source has ended', async () => {
		const told = [];
		await pLimit(1).map(counted({size: 3}), x => x, {onProgress: ({done, total}) => told.push([done, total])});
		assert.deepEqual(told.at(-1), [3, 3]);
		const stop = () => {
			throw new Error('told enough');
		};
		await assert.rejects(
			pLimit(1).map(counted({size: 1}), x => x, {onProgress: stop}),
			new Error('told enough'),
		);
	});

	test('runs the source and the mapper in the async context of its call', async () => {
		const storage = new AsyncLocalStorage();
		const seen = [];
		const source = (async function* () {
			for (let i = 0; i < 4; i++) {
				seen.push(storage.getStore());
				await null;
				yield i;
			}
		})();
		await storage.run('call', () => pLimit(1).map(source, async () => seen.push(storage.getStore())));
		assert.deepEqual([...new Set(seen)], ['call']);
	});

	test('ends as a stream does when its limit is drained', async () => {
		const limit = pLimit(1);
		const source = counted();
		const settled = later(limit.settle(source, x => x));
		limit.drain();
		await assert.rejects(settled, {code: 'ERR_LIMIT_CLOSED'});
		assert.equal(source.returned, 1);
	});

	test('can not be shuffled, and takes a mapper', async () => {
		const source = counted();
		await assert.rejects(
			pLimit(1).map(source, x => x, {shuffle: true}),
			{
				code: 'ERR_INVALID_ARG',
				message: /^`shuffle` must be false or left out with an async iterable/,
			},
		);
		await assert.rejects(pLimit(1).map(source, 5), {code: 'ERR_INVALID_ARG', message: /^`mapper` must be/});
		await assert.rejects(
			pLimit(1).map(source, x => x, {cost: 5}),
			{code: 'ERR_INVALID_ARG', message: /^`cost` must be/},
		);
		assert.deepEqual([source.pulled, source.returned], [0, 0]);
	});
});
