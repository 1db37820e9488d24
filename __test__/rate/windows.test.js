'use strict';

// Windows and budgets in the place of a token bucket, on a clock that is set by hand.

const {clock, pass, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {timeOfDay} = require('../../lib/common/time.js');
const {turns} = require('../flow/helpers.js');
const {INTERVAL, calls, rated} = require('./rated.js');

describe('a sliding window', () => {
	test('starts its limit at once, and no more in any interval', async () => {
		const {limit, note, times} = rated({limit: 3, window: 'sliding'});
		const first = calls(limit, 2, note);
		await turns();
		await pass(limit, 400);
		const rest = calls(limit, 5, note);
		await turns();
		assert.deepEqual(times(), [0, 0, 400]);
		await pass(limit, 599);
		assert.deepEqual(times(), [0, 0, 400]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 0, 400, 1000, 1000]);
		await pass(limit, 400);
		await pass(limit, 600);
		await Promise.all([first, rest]);
		assert.deepEqual(times(), [0, 0, 400, 1000, 1000, 1400, 2000]);
	});

	test('is told with its limit as what may start at once', async () => {
		const {limit, note} = rated({limit: 3, window: 'sliding'});
		await calls(limit, 2, note);
		const stats = {available: 1, limit: 3, interval: INTERVAL, burst: 3, window: 'sliding'};
		assert.deepEqual(limit.stats().rate, stats);
		assert.deepEqual(limit.rate, {limit: 3, interval: INTERVAL, window: 'sliding'});
		limit.rate = {...limit.rate, limit: 5};
		assert.equal(limit.stats().rate.available, 3, 'what has started counts');
	});
});

describe('fixed windows', () => {
	test('begin where the time of day without the offset is a multiple of the interval', async () => {
		const offset = (timeOfDay() + 300.5) % INTERVAL;
		const {limit, note, times} = rated({limit: 2, window: 'fixed', offset});
		const all = calls(limit, 5, note);
		await turns();
		assert.deepEqual(times(), [0, 0]);
		await pass(limit, 300);
		assert.deepEqual(times(), [0, 0]);
		await pass(limit, 1);
		assert.deepEqual(
			times().map(time => Math.ceil(time)),
			[0, 0, 301, 301],
		);
		await pass(limit, 999);
		assert.equal(times().length, 4);
		await pass(limit, 1);
		await all;
		assert.equal(times().length, 5);
	});

	test('are the same for offsets that differ by intervals', () => {
		const at = offset =>
			pLimit({concurrency: 1, rate: {limit: 1, interval: 1000, window: 'fixed', offset}}).rate.offset;
		assert.deepEqual([at(250), at(-750), at(10_250)], [250, 250, 250]);
		assert.deepEqual([at(0), at(undefined), at(-5000)], [undefined, undefined, undefined]);
	});
});

describe('a budget', () => {
	test('does not come back by time, but by a charge or a new rate', async () => {
		const {limit, note, times} = rated({limit: 2, interval: Number.POSITIVE_INFINITY});
		const all = calls(limit, 5, note);
		await turns();
		await pass(limit, 1e9);
		assert.equal(times().length, 2);
		limit.charge(-1);
		await turns();
		assert.equal(times().length, 3);
		limit.rate = {limit: 4, interval: Number.POSITIVE_INFINITY};
		await turns();
		assert.equal(times().length, 5);
		await all;
		assert.deepEqual(limit.rate, {limit: 4, interval: Number.POSITIVE_INFINITY});
		assert.equal(limit.stats().rate.available, 0);
	});
});

describe('a window', () => {
	const base = {limit: 5, interval: 100};
	for (const [rate, message] of [
		[
			{...base, window: 'sliding', burst: 5},
			'`rate.burst` must be left out with a `window`, whose whole `limit` may start at once, got 5',
		],
		[{...base, window: 'rolling'}, "`rate.window` must be 'sliding' or 'fixed', got 'rolling'"],
		[{...base, window: 'sliding', offset: 5}, "`rate.offset` must be left out without `window: 'fixed'`, got 5"],
		[{...base, offset: 5}, "`rate.offset` must be left out without `window: 'fixed'`, got 5"],
		[{...base, window: 'fixed', offset: Number.NaN}, '`rate.offset` must be a number of milliseconds, got NaN'],
		[
			{limit: 5, interval: Number.POSITIVE_INFINITY, burst: 2},
			'`rate.burst` must be left out where the `interval` never ends, got 2',
		],
		[
			{limit: 5, interval: Number.POSITIVE_INFINITY, window: 'fixed'},
			"`rate.window` must be left out where the `interval` never ends, got 'fixed'",
		],
	]) {
		test(message, () => {
			const error = {code: 'ERR_INVALID_ARG', message};
			assert.throws(() => pLimit({concurrency: 1, rate}), error);
			const limit = pLimit({concurrency: 1, rate: base});
			assert.throws(() => {
				limit.rate = rate;
			}, error);
			assert.deepEqual(limit.rate, {...base, burst: 1});
		});
	}

	test('is one for each key, and keeps its key until it is empty', async () => {
		const limits = pLimit.keyed({
			concurrency: 1,
			rate: {limit: 2, interval: 1000, window: 'sliding'},
			idleTimeout: 100,
		});
		await limits('a')(async () => {});
		clock.pass(150);
		await turns();
		assert.equal(limits.size, 1);
	});
});
