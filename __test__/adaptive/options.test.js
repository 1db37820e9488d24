'use strict';

// What is refused of a concurrency that is to be found, by name and with what was given; and what it begins with.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');

const whole = 'must be a whole number from 1 or more, got';

describe('refused', () => {
	for (const [concurrency, message, rest] of [
		[{min: 0}, `\`concurrency.min\` ${whole} 0`],
		[{min: 1.5}, `\`concurrency.min\` ${whole} 1.5`],
		[{min: '2'}, `\`concurrency.min\` ${whole} '2'`],
		[{max: 0}, `\`concurrency.max\` ${whole} 0`],
		[{max: Number.POSITIVE_INFINITY}, `\`concurrency.max\` ${whole} Infinity`],
		[{max: Number.NaN}, `\`concurrency.max\` ${whole} NaN`],
		[{initial: -1}, `\`concurrency.initial\` ${whole} -1`],
		[{initial: {}}, `\`concurrency.initial\` ${whole} {}`],
		[{algorithm: 'vegas'}, "`concurrency.algorithm` must be 'latency' or 'gradient' or 'aimd', got 'vegas'"],
		[{algorithm: 1}, "`concurrency.algorithm` must be 'latency' or 'gradient' or 'aimd', got 1"],
		[{isOverload: true}, '`concurrency.isOverload` must be a function, got true'],
		[{min: 5, max: 3}, '`concurrency.min` must be from 1 to `concurrency.max` (3), got 5'],
		[{min: 201}, '`concurrency.min` must be from 1 to `concurrency.max` (200), got 201'],
		[
			{min: 2, max: 4, initial: 5},
			'`concurrency.initial` must be from `concurrency.min` (2) to `concurrency.max` (4), got 5',
		],
		[
			{min: 2, initial: 1},
			'`concurrency.initial` must be from `concurrency.min` (2) to `concurrency.max` (200), got 1',
		],
		[{min: 2}, '`concurrency.min` must be above `reserve` (2), got 2', {reserve: 2}],
		[{min: 2}, "`reserve` must be a whole number from 0, 'auto' or {wait}, got 1.5", {reserve: 1.5}],
	]) {
		test(`${message}`, () => {
			assert.throws(() => pLimit({concurrency, ...rest}), {name: 'InvalidArgError', code: 'ERR_INVALID_ARG', message});
		});
	}

	for (const [what, concurrency] of [
		['an object without any of the options', {}],
		['one with none that is given', {min: undefined, max: null}],
		['another object', new Number(2)],
		['an array', [1, 2]],
		['null', null],
	]) {
		test(`as p-limit does: ${what}`, () => {
			assert.throws(() => pLimit({concurrency}), {
				name: 'TypeError',
				message: 'Expected `concurrency` to be a number from 1 and up',
			});
		});
	}
});

describe('the start', () => {
	for (const [concurrency, initial] of [
		[{max: 100}, 20],
		[{max: 5}, 5],
		[{min: 30}, 30],
		[{initial: 3}, 3],
		[{min: 4, max: 4}, 4],
		[{max: Number.MAX_SAFE_INTEGER, initial: Number.MAX_SAFE_INTEGER}, Number.MAX_SAFE_INTEGER],
		[{algorithm: 'aimd'}, 20],
	]) {
		test(`of ${JSON.stringify(concurrency)} is ${initial}`, () => {
			const limit = pLimit({concurrency});
			assert.equal(limit.concurrency, initial);
			assert.equal(limit.offline.concurrency, initial);
			const {adaptive, concurrency: ofStats} = limit.stats();
			assert.equal(ofStats, initial);
			assert.deepEqual(adaptive, {
				samples: 0,
				baseline: 0,
				recent: 0,
				inFlight: 0,
				queue: 0,
				overloads: 0,
				stray: 0.02,
				reason: 'initial',
				raises: 0,
				reductions: 0,
			});
		});
	}

	test('of a function with a limit of its own', async () => {
		const limited = pLimit.limitFunction(async value => value, {concurrency: {max: 3}});
		assert.equal(await limited('a'), 'a');
	});

	test('a limit with a number has no such figures', () => {
		assert.equal(pLimit(2).stats().adaptive, undefined);
	});
});
