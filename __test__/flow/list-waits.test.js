'use strict';

// `queueTimeout` of lists and streams: the wait counts from the moment at which the last item has begun.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {later, outcomeOf, turns} = require('./helpers.js');

/** Ways to run items under a limit. Each gives the outcomes of all of them. */
const ways = {
	map: (lane, items, fn) => lane.map(items, fn),
	settle: async (lane, items, fn) => (await lane.settle(items, fn)).map(({value}) => value),
	stream: async (lane, items, fn) => {
		const results = [];
		for await (const result of lane.stream(items, fn, {highWaterMark: items.length})) {
			results.push(result);
		}

		return results;
	},
	transform: async (lane, items, fn) => {
		const results = [];
		const stream = lane.transform(fn, {highWaterMark: items.length});
		for (const item of items) {
			stream.write(item);
		}

		stream.end();
		for await (const result of stream) {
			results.push(result);
		}

		return results;
	},
};

/** A function that takes 60 ms of the fake clock, and counts. */
const slow = () => {
	const ends = [];
	const fn = item =>
		new Promise(resolve => {
			ends.push(() => resolve(item));
		});
	const goOn = async () => {
		await turns();
		await clock.pass(60);
		for (const end of ends.splice(0)) {
			end();
		}

		await turns();
	};
	return {fn, goOn};
};

describe('queueTimeout of a list', () => {
	for (const [name, way] of Object.entries(ways)) {
		for (const options of [{}, {name: `list waits: ${name}`}, {nested: 'lend'}]) {
			test(`${name}: late items do not fail while others begin, ${JSON.stringify(options)}`, async () => {
				const limit = pLimit({concurrency: 2, ...options});
				const {fn, goOn} = slow();
				const items = Array.from({length: 20}, (_, index) => index);
				const all = later(way(limit.with({queueTimeout: 100}), items, fn));
				for (let round = 0; round < 10; round++) {
					await goOn();
				}

				assert.deepEqual(await outcomeOf(all), items);
			});
		}

		test(`${name}: when none has begun for so long, all that wait fail`, async () => {
			const limit = pLimit({concurrency: 1});
			const {fn, goOn} = slow();
			const all = later(way(limit.with({queueTimeout: 100}), [1, 2, 3, 4], fn));
			await goOn(); // the second has begun
			await clock.pass(99);
			assert.equal(limit.pendingCount, 2);
			await clock.pass(1);
			assert.equal(limit.pendingCount, 0);
			await goOn();
			const outcome = await outcomeOf(all);
			assert.deepEqual(outcome, name === 'settle' ? [1, 2, undefined, undefined] : {rejected: 'ERR_QUEUE_TIMEOUT'});
		});
	}

	test('in keyed limits with a total, and as the limit of single calls beside', async () => {
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		const {fn, goOn} = slow();
		const lane = limits('a').with({queueTimeout: 100});
		const all = later(lane.map([1, 2, 3, 4], fn));
		const single = later(lane(() => assert.fail('it ran')));
		for (let round = 0; round < 4; round++) {
			await goOn();
		}

		assert.deepEqual(await outcomeOf(all), [1, 2, 3, 4]);
		assert.deepEqual(await outcomeOf(single), {rejected: 'ERR_QUEUE_TIMEOUT'}, 'a call waits from its call on');
	});
});
