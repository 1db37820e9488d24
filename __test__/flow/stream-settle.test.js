'use strict';

// A stream whose outcomes are results, whatever the mapper does (`settle`).

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {pipeline} = require('node:stream/promises');
const pLimit = require('p-lanes');
const {busy, collect, counted, idle, outcomeOf} = require('./helpers.js');

const error = new Error('even');
const mapper = x => {
	if (x % 2 === 0) {
		throw error;
	}

	return x;
};

const expected = length =>
	Array.from({length}, (_, x) => ({
		item: x,
		index: x,
		...(x % 2 === 0 ? {status: 'rejected', reason: error} : {status: 'fulfilled', value: x}),
	}));

describe('stream with `settle`', () => {
	for (const [name, options] of [
		['items in slots', {}],
		['items as tasks', {timeout: 1000}],
	]) {
		test(`${name}: gives each failure as a result`, async () => {
			const limit = pLimit(2);
			const lane = limit.with(options);
			assert.deepEqual(await collect(lane.stream(counted(9), mapper, {settle: true})), expected(9));
			assert.deepEqual(await collect(lane.stream(counted(9), mapper, {settle: true, stopOnError: false})), expected(9));
			const unordered = await collect(lane.stream(counted(9), mapper, {settle: true, ordered: false}));
			assert.equal(unordered.filter(({status}) => status === 'rejected').length, 5);
			assert.equal(limit.stats().online.rejected, 15, 'the limit knows that they failed');
			idle(limit);
		});
	}

	test('ends when its source throws, and when its signal aborts', async () => {
		const limit = pLimit(2);
		const source = function* () {
			yield 0;
			throw new RangeError('no more');
		};
		await assert.rejects(collect(limit.stream(source(), mapper, {settle: true})), new RangeError('no more'));
		const signal = AbortSignal.abort(new Error('enough'));
		await assert.rejects(collect(limit.stream([1], mapper, {settle: true, signal})), new Error('enough'));
		idle(limit);
	});

	test('gives the refusal of a drained limit for the item that it refuses, and ends', async () => {
		const {limit, free} = busy();
		const stream = limit.stream(counted(), mapper, {settle: true, highWaterMark: 1});
		const first = stream.next();
		assert.equal(await outcomeOf(first), 'pending');
		limit.drain();
		free();
		const results = [(await first).value, ...(await collect(stream))];
		assert.deepEqual(results.slice(0, 2), expected(2));
		assert.equal(results.length, 3);
		assert.equal(results[2].reason.code, 'ERR_LIMIT_CLOSED');
	});

	test('in a pipeline', async () => {
		const results = [];
		await pipeline([0, 1], pLimit(1).transform(mapper, {settle: true}), async source => {
			for await (const result of source) {
				results.push(result);
			}
		});
		assert.deepEqual(results, expected(2));
	});

	test('refuses `stopOnError: true`', () => {
		const refused = {code: 'ERR_INVALID_ARG', message: /^`stopOnError` must be false or left out with `settle`/};
		assert.throws(() => pLimit(1).stream([], mapper, {settle: true, stopOnError: true}), refused);
		assert.throws(() => pLimit(1).stream([], mapper, {settle: 'yes'}), {code: 'ERR_INVALID_ARG'});
	});
});
