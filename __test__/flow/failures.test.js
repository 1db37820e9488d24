'use strict';

// Items that failed are told with their items and indexes (`stopOnError: false`), and so are outcomes (`settle`): of maps
// and of streams, however the items are queued.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {asyncOf, collect, counted, deferred, idle, outcomeOf, turns} = require('./helpers.js');

const {ItemsFailedError, isFulfilled, isRejected} = pLimit;

const letters = ['a', 'b', 'c', 'd'];
const errors = {b: new Error('b'), d: new RangeError('d')};

const mapper = async letter => {
	if (letter in errors) {
		throw errors[letter];
	}

	return letter.toUpperCase();
};

const failures = [
	{item: 'b', index: 1, reason: errors.b},
	{item: 'd', index: 3, reason: errors.d},
];
const outcomes = [
	{item: 'a', index: 0, status: 'fulfilled', value: 'A'},
	{item: 'b', index: 1, status: 'rejected', reason: errors.b},
	{item: 'c', index: 2, status: 'fulfilled', value: 'C'},
	{item: 'd', index: 3, status: 'rejected', reason: errors.d},
];

/** Gives all results of a stream, or the error behind those results. */
const ways = {
	map: (lane, options) => lane.map(letters, mapper, options),
	'map of an iterable': (lane, options) => lane.map(new Set(letters), mapper, options),
	'map, shuffled': (lane, options) => lane.map(letters, mapper, {...options, shuffle: true}),
	'map of an async iterable': (lane, options) => lane.map(asyncOf(letters), mapper, options),
	'map, told how far it is': (lane, options) => lane.map(letters, mapper, {...options, onProgress() {}}),
	'map with costs': (lane, options) => lane.map(letters, mapper, {...options, cost: () => 0}),
	stream: (lane, options) => collect(lane.stream(letters, mapper, options)),
	'stream of an async iterable': (lane, options) => collect(lane.stream(asyncOf(letters), mapper, options)),
	'stream with costs': (lane, options) => collect(lane.stream(letters, mapper, {...options, cost: () => 0})),
	transform: (lane, options) => {
		const transform = lane.transform(mapper, options);
		for (const letter of letters) {
			transform.write(letter);
		}

		transform.end();
		return collect(transform);
	},
};

for (const [how, bound] of [
	['in slots', {}],
	['as tasks', {timeout: 1e6}],
]) {
	describe(`items ${how}`, () => {
		for (const [name, way] of Object.entries(ways)) {
			test(`${name}: failures have their items and indexes, in the order of the items`, async () => {
				const limit = pLimit(2);
				await assert.rejects(way(limit.with(bound), {stopOnError: false}), error => {
					assert.ok(error instanceof ItemsFailedError);
					assert.ok(error instanceof AggregateError);
					assert.equal(error.code, 'ERR_ITEMS_FAILED');
					assert.equal(error.name, 'ItemsFailedError');
					assert.match(error.message, /^2 of [45] items failed$/);
					assert.deepEqual(error.failures, failures);
					assert.deepEqual(error.errors, [errors.b, errors.d]);
					return true;
				});
				await turns();
				idle(limit);
			});

			test(`${name}: outcomes have them, too`, async () => {
				const limit = pLimit(2);
				assert.deepEqual(await way(limit.with(bound), {settle: true}), outcomes);
				idle(limit);
			});
		}

		test('in any order, the index tells the place', async () => {
			const lane = pLimit(4).with(bound);
			const {promise, resolve} = deferred();
			const first = letter => (letter === 'a' ? promise : mapper(letter));
			const stream = lane.stream(letters, first, {settle: true, ordered: false});
			const early = [await stream.next(), await stream.next(), await stream.next()].map(({value}) => value);
			assert.deepEqual(
				early.sort((a, b) => a.index - b.index),
				outcomes.slice(1),
			);
			resolve('A');
			assert.deepEqual((await stream.next()).value, outcomes[0]);
		});
	});
}

describe('failures', () => {
	test('are shown once: the list of reasons, as of every AggregateError', async () => {
		const error = await pLimit(1)
			.map(letters, mapper, {stopOnError: false})
			.catch(error => error);
		assert.deepEqual(Object.keys(error).sort(), ['code', 'name']);
	});

	test('of a drained limit leave out the error that is of no item', async () => {
		const limit = pLimit(1);
		const {promise} = deferred();
		const source = (async function* () {
			yield 'b';
			await promise;
		})();
		const stream = limit.stream(source, mapper, {stopOnError: false});
		const read = stream.next();
		assert.equal(await outcomeOf(read), 'pending');
		limit.drain();
		await assert.rejects(read, error => {
			assert.deepEqual(
				error.failures,
				[failures[0]].map(failure => ({...failure, index: 0})),
			);
			assert.deepEqual(
				error.errors.map(({code, message}) => code ?? message),
				['b', 'ERR_LIMIT_CLOSED'],
			);
			return true;
		});
	});
});

describe('isFulfilled and isRejected', () => {
	test('tell outcomes apart, also those of Promise.allSettled', async () => {
		const all = await pLimit(1).settle(letters, mapper);
		assert.deepEqual(
			all.filter(isFulfilled).map(({value}) => value),
			['A', 'C'],
		);
		assert.deepEqual(
			all.filter(isRejected).map(({item}) => item),
			['b', 'd'],
		);
		const settled = await Promise.allSettled([1, Promise.reject(errors.b)]);
		assert.deepEqual([settled.filter(isFulfilled).length, settled.filter(isRejected).length], [1, 1]);
	});
});

describe('`stopOnError` of a map', () => {
	for (const [name, of] of [
		['a list', items => items],
		['an async iterable', asyncOf],
	]) {
		test(`${name}: true begins no more items`, async () => {
			const limit = pLimit(1);
			const begun = [];
			const map = limit.map(
				of(letters),
				letter => {
					begun.push(letter);
					return mapper(letter);
				},
				{stopOnError: true},
			);
			await assert.rejects(map, errors.b);
			await turns();
			assert.deepEqual(begun, ['a', 'b']);
			idle(limit);
		});

		test(`${name}: left out, the first failure rejects it and the others run`, async () => {
			const limit = pLimit(1);
			const begun = [];
			const map = limit.map(of(letters), letter => {
				begun.push(letter);
				return mapper(letter);
			});
			await assert.rejects(map, errors.b);
			await turns();
			assert.deepEqual(begun, letters);
			idle(limit);
		});
	}

	test('with `settle` it can not be true, and `settle` takes no `settle`', async () => {
		const refused = {code: 'ERR_INVALID_ARG', message: /^`stopOnError` must be false or left out with `settle`/};
		await assert.rejects(pLimit(1).map([], mapper, {settle: true, stopOnError: true}), refused);
		await assert.rejects(pLimit(1).map([], mapper, {settle: 1}), {code: 'ERR_INVALID_ARG'});
		await assert.rejects(pLimit(1).settle([], mapper, {settle: true}), {code: 'ERR_INVALID_ARG'});
		assert.deepEqual(await pLimit(1).map(counted(1), x => x, {settle: false}), [0]);
	});
});
