'use strict';

// Items of maps and streams that have costs of their own (`cost`). The clock is set by hand.

const {pLimit, passPaused} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {asyncOf, collect, counted, idle, later, outcomeOf, turns} = require('../flow/helpers.js');
const {rated} = require('./rated.js');

/** Goes on in steps of 100 ms. */
const steps = async (limit, number) => {
	for (let i = 0; i < number; i++) {
		await passPaused(limit, 100);
	}
};

const costs = [1, 3, 0, 2];

const ways = {
	map: (lane, mapper, options) => lane.map(costs, mapper, options),
	settle: async (lane, mapper, options) => (await lane.settle(costs, mapper, options)).map(({value}) => value),
	'map of an async iterable': (lane, mapper, options) => lane.map(asyncOf(costs), mapper, options),
	stream: (lane, mapper, options) => collect(lane.stream(costs, mapper, options)),
};

describe('a cost for each item', () => {
	for (const [name, way] of Object.entries(ways)) {
		for (const lane of ['online', 'offline']) {
			test(`${name}, ${lane}: each takes its own, in the order of the items`, async () => {
				const {limit, note, starts} = rated({limit: 10}, {concurrency: 4});
				const mapper = (cost, index) => note(`${index}: ${cost}`);
				const results = way(limit[lane], mapper, {cost: (item, index) => item + index - index});
				await turns();
				await steps(limit, 10);
				assert.deepEqual(await results, ['0: 1', '1: 3', '2: 0', '3: 2']);
				assert.deepEqual(starts, [
					['0: 1', 0],
					['1: 3', 100], // it costs more than the burst: it starts when that is there, and what follows waits
					['2: 0', 100],
					['3: 2', 400],
				]);
				idle(limit);
			});
		}

		test(`${name}: a cost that is bound is not theirs, and other options are`, async () => {
			const {limit, note, starts} = rated({limit: 10}, {concurrency: 4});
			const lane = limit.with({cost: 1000, timeout: 1e6, weight: 2, label: 'item'});
			const results = way(lane, item => note(String(item)), {cost: () => 0});
			await turns();
			assert.deepEqual(await results, ['1', '3', '0', '2']);
			assert.equal(starts.at(-1)[1], 0);
			assert.equal(limit.stats().rate.available, 1);
		});
	}

	test('is taken from each limit of a chain', async () => {
		const first = pLimit({concurrency: 2, rate: {limit: 1, interval: 1000, burst: 100}});
		const second = pLimit({concurrency: 2, rate: {limit: 1, interval: 1000, burst: 100}});
		await first.chain(second).map([5, 10], () => {}, {cost: item => item});
		assert.deepEqual([first.stats().rate.available, second.stats().rate.available], [85, 85]);
		await collect(first.chain(second).stream([5, 10], () => {}, {cost: item => item}));
		assert.deepEqual([first.stats().rate.available, second.stats().rate.available], [70, 70]);
		await first.chain(second, {cost: 1}).map([5, 10], () => {}, {cost: item => item});
		assert.deepEqual([first.stats().rate.available, second.stats().rate.available], [55, 68]);
	});

	test('may name quotas: the others take the weight, and a chain takes what it has', async () => {
		const quota = {limit: 1, interval: 1e9, burst: 100};
		const limit = pLimit({concurrency: 2, rate: {requests: quota, tokens: quota}});
		const behind = pLimit({concurrency: 2, rate: {tokens: quota, bytes: quota}});
		const left = ({rates}) => Object.values(rates).map(({available}) => Math.floor(available));
		const cost = tokens => ({tokens});
		await limit.map([5, 10], () => {}, {cost});
		assert.deepEqual(left(limit.stats()), [98, 85]);
		await collect(limit.chain(behind).stream([5, 10], () => {}, {cost}));
		assert.deepEqual(left(limit.stats()), [96, 70]);
		assert.deepEqual(left(behind.stats()), [85, 98]);
	});

	test('that names a quota that is not there is refused, and nothing has changed', async () => {
		const quota = {limit: 1, interval: 1e9, burst: 100};
		const limit = pLimit({concurrency: 2, rate: {tokens: quota}});
		let ran = 0;
		const map = limit.map([1, 2], () => ran++, {cost: item => (item === 2 ? {token: 1} : {tokens: 1})});
		await assert.rejects(map, {code: 'ERR_INVALID_ARG', message: /token/});
		await turns();
		assert.deepEqual([ran, limit.stats().rates.tokens.available], [0, 100]);
		idle(limit);
	});

	test('is taken again by each attempt', async () => {
		const limit = pLimit({concurrency: 1, rate: {limit: 1, interval: 1e9, burst: 100}});
		let attempts = 0;
		const flaky = () => {
			attempts++;
			if (attempts < 3) {
				throw new Error('again');
			}
		};
		const map = limit.with({retry: {retries: 5, minTimeout: 0}}).map([7], flaky, {cost: item => item});
		await turns();
		await steps(limit, 3);
		await map;
		assert.equal(Math.floor(limit.stats().rate.available), 79);
	});

	for (const [what, cost] of [
		['a negative number', -1],
		['a fraction', 1.5],
		['no number', '1'],
		['nothing', undefined],
		['more than there can be', 2 ** 31],
	]) {
		test(`that is ${what}: a map rejects, and nothing has changed`, async () => {
			const limit = pLimit({concurrency: 2, rate: {limit: 1, interval: 1000, burst: 100}});
			let ran = 0;
			for (const method of ['map', 'settle']) {
				const map = limit[method]([1, 2], () => ran++, {cost: (_, index) => (index === 1 ? cost : 1)});
				await assert.rejects(map, {
					code: 'ERR_INVALID_ARG',
					message: /^`cost` must be a function that .* \(item 1\), got /,
				});
			}

			await turns();
			assert.equal(ran, 0);
			assert.equal(limit.stats().rate.available, 100);
			assert.equal(limit.stats().online.refused, 0);
			idle(limit);
		});

		test(`that is ${what}: a stream ends behind the items before it, and closes its source`, async () => {
			for (const options of [{}, {settle: true}, {stopOnError: false}]) {
				const limit = pLimit(2);
				const source = counted();
				const stream = limit.stream(source, x => x, {...options, cost: item => (item === 2 ? cost : 0)});
				const first = [(await stream.next()).value, (await stream.next()).value];
				assert.deepEqual(
					first.map(each => each.value ?? each),
					[0, 1],
				);
				await assert.rejects(stream.next(), {code: 'ERR_INVALID_ARG', message: /\(item 2\)/});
				assert.deepEqual(await stream.next(), {done: true, value: undefined});
				assert.deepEqual([source.returned, source.pulled], [1, 3]);
				idle(limit);
			}
		});
	}

	test('whose function throws rejects with that', async () => {
		const error = new Error('no cost');
		const cost = () => {
			throw error;
		};
		const limit = pLimit(1);
		await assert.rejects(
			limit.map([1], x => x, {cost}),
			given => given === error,
		);
		await assert.rejects(collect(limit.stream([1], x => x, {cost, settle: true})), given => given === error);
		await assert.rejects(
			limit.map(asyncOf([1]), x => x, {cost, settle: true}),
			given => given === error,
		);
		idle(limit);
	});

	test('is a function', async () => {
		const refused = {code: 'ERR_INVALID_ARG', message: /^`cost` must be a function of an item and its index; `with\(/};
		await assert.rejects(
			pLimit(1).map([1], x => x, {cost: 1}),
			refused,
		);
		assert.throws(() => pLimit(1).stream([1], x => x, {cost: 1}), refused);
		assert.throws(() => pLimit(1).transform(x => x, {cost: 1}), refused);
		assert.deepEqual(await pLimit(1).map([1], x => x, {cost: null}), [1]);
	});

	test('of a map with `maxQueue`: what is refused is counted, and no item runs', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 1});
		let ran = 0;
		await assert.rejects(
			limit.map([1, 2, 3], () => ran++, {cost: () => 1}),
			{code: 'ERR_QUEUE_FULL'},
		);
		await turns();
		assert.equal(ran, 0);
		assert.equal(limit.stats().online.refused, 1);
		idle(limit);
	});

	test('a signal drops the items that wait for theirs', async () => {
		const {limit, note, starts} = rated({limit: 10}, {concurrency: 4});
		const controller = new AbortController();
		const map = later(limit.map([1, 5, 5], note, {cost: item => item, signal: controller.signal}));
		await turns();
		controller.abort(new Error('enough'));
		assert.deepEqual(await outcomeOf(map), {rejected: 'Error'});
		await steps(limit, 20);
		assert.deepEqual(starts, [[1, 0]]);
		idle(limit);
	});
});
