'use strict';

// Which options are refused, with which error, and that a refused option changes nothing. The refusals that p-limit has, too,
// are in compat/options.test.js.

const assert = require('node:assert/strict');
const path = require('node:path');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');

const noop = () => {};
const {InvalidArgError} = pLimit;

describe('bad input', () => {
	for (const [options, message] of [
		[
			{concurrency: 2, reserve: 2},
			"`reserve` must be a whole number from 0 to below `concurrency` (2), 'auto' or {wait}, got 2",
		],
		[
			{concurrency: 2, reserve: 3},
			"`reserve` must be a whole number from 0 to below `concurrency` (2), 'auto' or {wait}, got 3",
		],
		[
			{concurrency: 2, reserve: -1},
			"`reserve` must be a whole number from 0 to below `concurrency` (2), 'auto' or {wait}, got -1",
		],
		[
			{concurrency: 2, reserve: 0.5},
			"`reserve` must be a whole number from 0 to below `concurrency` (2), 'auto' or {wait}, got 0.5",
		],
		[
			{concurrency: 2, reserve: '1'},
			"`reserve` must be a whole number from 0 to below `concurrency` (2), 'auto' or {wait}, got '1'",
		],
		[
			{concurrency: 2, reserve: Number.NaN},
			"`reserve` must be a whole number from 0 to below `concurrency` (2), 'auto' or {wait}, got NaN",
		],
		[
			{concurrency: Number.POSITIVE_INFINITY, reserve: Number.POSITIVE_INFINITY},
			"`reserve` must be a whole number from 0 to below `concurrency` (Infinity), 'auto' or {wait}, got Infinity",
		],
		[
			{concurrency: 2, reserve: {wait: 0}},
			'`reserve.wait` must be a number of milliseconds from 0.000001 to 2147483647, got 0',
		],
		[
			{concurrency: 2, reserve: {}},
			'`reserve.wait` must be a number of milliseconds from 0.000001 to 2147483647, got undefined',
		],
		[{concurrency: 2, reserve: {wait: 5, most: 1}}, /^`reserve.most` is not an option/],
		[
			{concurrency: 2, offlineShare: Number.POSITIVE_INFINITY},
			'`offlineShare` must be a number from 0 to 1, got Infinity',
		],
		[{concurrency: 2, offlineShare: -0.1}, '`offlineShare` must be a number from 0 to 1, got -0.1'],
		[{concurrency: 2, offlineShare: 1.5}, '`offlineShare` must be a number from 0 to 1, got 1.5'],
		[{concurrency: 2, offlineShare: Number.NaN}, '`offlineShare` must be a number from 0 to 1, got NaN'],
		[{concurrency: 2, offlineShare: 'half'}, "`offlineShare` must be a number from 0 to 1, got 'half'"],
	]) {
		test(`${message}`, () => {
			assert.throws(() => pLimit(options), {name: 'InvalidArgError', code: 'ERR_INVALID_ARG', message});
		});
	}

	test('a concurrency that the reserve forbids is refused, and the old one stays', () => {
		const limit = pLimit({concurrency: 4, reserve: 2});
		assert.throws(
			() => {
				limit.concurrency = 2;
			},
			{code: 'ERR_INVALID_ARG', message: '`concurrency` must be above `reserve` (2), got 2'},
		);
		assert.equal(limit.concurrency, 4);
	});

	test('refused calls change no count', async () => {
		const limit = pLimit(2);
		const running = limit(() => new Promise(setImmediate));
		const state = () => {
			const withoutAge = (key, value) => (key === 'age' ? undefined : value);
			return JSON.stringify({...limit.stats(), counts: [limit.activeCount, limit.pendingCount]}, withoutAge);
		};
		const before = state();
		for (const [call, message] of [
			[() => limit(1), '`fn` must be a function, got 1'],
			[() => limit(), '`fn` must be a function, got undefined'],
			[() => limit.offline('a'), "`fn` must be a function, got 'a'"],
			[() => limit.map(5, noop), '`iterable` must be iterable, async iterable or array-like, got 5'],
			[() => limit.map({}, noop), '`iterable` must be iterable, async iterable or array-like, got {}'],
			[() => limit.map(undefined, noop), '`iterable` must be iterable, async iterable or array-like, got undefined'],
			[() => limit.map([1], 'a'), "`mapper` must be a function, got 'a'"],
			[() => limit.offline.map([]), '`mapper` must be a function, got undefined'],
		]) {
			await assert.rejects(call, error => {
				assert.ok(error instanceof InvalidArgError && error instanceof TypeError);
				assert.deepEqual([error.code, error.message], ['ERR_INVALID_ARG', message]);
				return true;
			});
		}

		assert.equal(state(), before);
		await running;
	});

	test('long values are cut in the message', async () => {
		await assert.rejects(pLimit(1)('a'.repeat(10_000)), error => error.message.length < 150);
	});

	test('values that cannot be shown, or not in a line, are refused all the same', async () => {
		const unshowable = {
			[Symbol.for('nodejs.util.inspect.custom')]() {
				throw new Error('never seen');
			},
		};
		await assert.rejects(pLimit(1)(unshowable), {message: '`fn` must be a function, got a value of type object'});
		await assert.rejects(pLimit(1)(new Error('a stack')), {message: '`fn` must be a function, got Error: a stack'});
	});

	test('options that p-limit knows not of may be left undefined', () => {
		pLimit({concurrency: 1, reserve: undefined, offlineShare: undefined});
	});

	test('shares from 0 to 1 are taken', () => {
		for (const offlineShare of [0, 1e-9, 0.5, 1]) {
			pLimit({concurrency: 1, offlineShare});
		}
	});
});

describe('InvalidArgError', () => {
	test('knows errors of another copy of the package', () => {
		const root = path.join(__dirname, '..', path.sep);
		for (const file of Object.keys(require.cache)) {
			if (file.startsWith(root) && !file.endsWith('.node')) {
				delete require.cache[file];
			}
		}

		const {InvalidArgError: copy} = require('p-lanes');
		assert.notEqual(copy, InvalidArgError);
		assert.ok(new copy('x') instanceof InvalidArgError);
		assert.ok(!(new TypeError('x') instanceof InvalidArgError));
		for (const value of [undefined, null, 1, {}]) {
			assert.ok(!(value instanceof InvalidArgError));
		}
	});
});
