'use strict';

// What is refused of a rate and of a cost, by name and with what was given; and what is there where nothing is said.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {inspect} = require('node:util');
const pLimit = require('p-lanes');

const LONGEST = 2 ** 31 - 1;
const rate = {limit: 10, interval: 1000};
const ofLimit = '`rate.limit` must be a whole number from 1 or more';
const ofInterval = `\`rate.interval\` must be a number of milliseconds from 0.000001 to ${LONGEST}, or Infinity for a budget`;
const ofBurst = '`rate.burst` must be a whole number from 1 or more';

describe('a rate', () => {
	const refused = [
		[10, '`rate` must be an object, got 10'],
		['10/s', "`rate` must be an object, got '10/s'"],
		[{interval: 1000}, `${ofLimit}, got undefined`],
		[{...rate, limit: 0}, `${ofLimit}, got 0`],
		[{...rate, limit: 1.5}, `${ofLimit}, got 1.5`],
		[{...rate, limit: '10'}, `${ofLimit}, got '10'`],
		[{...rate, limit: Number.POSITIVE_INFINITY}, `${ofLimit}, got Infinity`],
		[{...rate, limit: 2 ** 53}, `${ofLimit}, got 9007199254740992`],
		[{limit: 10}, `${ofInterval}, got undefined`],
		[{...rate, interval: 0}, `${ofInterval}, got 0`],
		[{...rate, interval: 1e-7}, `${ofInterval}, got 1e-7`],
		[{...rate, interval: -1}, `${ofInterval}, got -1`],
		[{...rate, interval: Number.NaN}, `${ofInterval}, got NaN`],
		[{...rate, interval: LONGEST + 1}, `${ofInterval}, got ${LONGEST + 1}`],
		[{...rate, interval: Number.NEGATIVE_INFINITY}, `${ofInterval}, got -Infinity`],
		[{...rate, interval: '1s'}, `${ofInterval}, got '1s'`],
		[{...rate, burst: 0}, `${ofBurst}, got 0`],
		[{...rate, burst: 0.5}, `${ofBurst}, got 0.5`],
		[{...rate, burst: Number.POSITIVE_INFINITY}, `${ofBurst}, got Infinity`],
	];
	for (const [given, message] of refused) {
		test(message, () => {
			const error = {name: 'InvalidArgError', code: 'ERR_INVALID_ARG', message};
			assert.throws(() => pLimit({concurrency: 1, rate: given}), error);
			const limit = pLimit({concurrency: 1, rate});
			assert.throws(() => {
				limit.rate = given;
			}, error);
			assert.deepEqual(limit.rate, {...rate, burst: 1});
		});
	}

	test('is read and assigned in full: a burst that is left out is 1', () => {
		const limit = pLimit({concurrency: 1, rate: {...rate, burst: 5}});
		assert.deepEqual(limit.rate, {...rate, burst: 5});
		limit.rate = {limit: 3, interval: 0.25};
		assert.deepEqual(limit.rate, {limit: 3, interval: 0.25, burst: 1});
		assert.deepEqual(limit.stats().rate, {available: 1, ...limit.rate}, 'there is no room for more');
	});

	test("is the limit's, whichever of its lanes it is read from and assigned to", () => {
		const ages = {limit: 1, interval: LONGEST, burst: 7};
		const limit = pLimit({concurrency: 1, rate});
		const lane = limit.offline.with({cost: 2});
		lane.rate = ages;
		for (const one of [limit, limit.online, limit.offline, lane]) {
			assert.deepEqual(one.rate, ages);
			one.charge(1);
		}

		assert.equal(Math.round(limit.stats().rate.available), -3);
		assert.throws(
			() => {
				lane.rate = {};
			},
			{code: 'ERR_INVALID_ARG'},
		);
	});

	for (const options of [{}, {name: 'without a rate'}]) {
		test(`is not assigned to a limit that was made without one: ${JSON.stringify(options)}`, () => {
			const limit = pLimit({concurrency: 1, ...options});
			assert.throws(
				() => {
					limit.rate = rate;
				},
				{
					name: 'InvalidArgError',
					code: 'ERR_INVALID_ARG',
					message: '`rate` can be changed only where the limit was made with one',
				},
			);
			assert.equal(limit.rate, undefined);
		});
	}

	test('of nothing is not assigned', () => {
		const limit = pLimit({concurrency: 1, rate});
		assert.throws(
			() => {
				limit.rate = undefined;
			},
			{code: 'ERR_INVALID_ARG', message: '`rate` must be an object, got undefined'},
		);
	});

	test('may be one of a nanosecond, which is what the clock can tell', () => {
		const shortest = {limit: 1, interval: 1e-6, burst: 1};
		assert.deepEqual(pLimit({concurrency: 1, rate: shortest}).stats().rate, {available: 1, ...shortest});
	});

	test('has a concurrency beside it', () => {
		assert.throws(() => pLimit({rate}), {
			name: 'TypeError',
			message: 'Expected `concurrency` to be a number from 1 and up',
		});
		assert.throws(() => pLimit({concurrency: 2, reserve: 2, rate}), {code: 'ERR_INVALID_ARG', message: /^`reserve`/});
	});

	test('is as given, with a burst of 1 and all of it there at first', () => {
		assert.deepEqual(pLimit({concurrency: 1, rate}).stats().rate, {available: 1, burst: 1, ...rate});
		const given = {limit: Number.MAX_SAFE_INTEGER, interval: 0.5, burst: Number.MAX_SAFE_INTEGER};
		assert.deepEqual(pLimit({concurrency: 1, rate: given}).stats().rate, {available: given.burst, ...given});
		const longest = {limit: 1, interval: LONGEST, burst: undefined};
		assert.equal(pLimit({concurrency: 1, rate: longest}).stats().rate.interval, LONGEST);
	});

	test('none is none: there are no figures of it', () => {
		const stats = pLimit({concurrency: 1, rate: undefined}).stats();
		assert.equal(stats.rate, undefined);
		assert.equal(stats.online.rateWait, undefined);
		assert.equal(stats.offline.rateWait, undefined);
	});
});

describe('a charge', () => {
	for (const given of [undefined, '3', 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31)]) {
		test(`is none of ${given}`, () => {
			const limit = pLimit({concurrency: 1, rate});
			assert.throws(() => limit.charge(given), {
				name: 'InvalidArgError',
				code: 'ERR_INVALID_ARG',
				message: `\`cost\` must be a whole number from -2147483647 to 2147483647, got ${inspect(given)}`,
			});
			assert.equal(limit.stats().rate.available, 1);
		});
	}

	test('is no matter to a limit without a rate', async () => {
		const limit = pLimit(1);
		limit.charge(5);
		assert.equal(await limit(() => 'ran'), 'ran');
	});
});

describe('a cost', () => {
	for (const [cost, shown] of [
		[-1, '-1'],
		[0.5, '0.5'],
		['1', "'1'"],
		[Number.NaN, 'NaN'],
		[Number.POSITIVE_INFINITY, 'Infinity'],
		[2 ** 31, '2147483648'],
	]) {
		const message = `\`cost\` must be a whole number from 0 to 2147483647, got ${shown}`;
		test(message, () => {
			const limit = pLimit({concurrency: 1, rate});
			assert.throws(() => limit.with({cost}), {name: 'InvalidArgError', code: 'ERR_INVALID_ARG', message});
			assert.equal(limit.stats().rate.available, 1);
		});
	}

	test('is bound like other options, and is no matter to a limit without a rate', async () => {
		const limit = pLimit({concurrency: 1, rate: {limit: 1, interval: LONGEST, burst: 9}});
		const costly = limit.with({cost: 3});
		await costly(() => {});
		await costly.with({priority: 1, cost: undefined})(() => {});
		await costly.with({cost: 0})(() => {});
		assert.equal(Math.floor(limit.stats().rate.available), 3);
		assert.equal(await pLimit(1).with({cost: 7})(() => 'ran'), 'ran');
	});
});
