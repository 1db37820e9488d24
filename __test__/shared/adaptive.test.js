'use strict';

// An adaptive limit of several threads.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {newName, open} = require('./helpers.js');

describe('who joins', () => {
	test('may say the defaults, or leave them out', () => {
		const name = newName();
		const limit = pLimit({name, concurrency: {max: 10}});
		for (const concurrency of [{min: 1, max: 10, initial: 10, algorithm: 'latency'}, {max: 10}, 10]) {
			assert.equal(pLimit({name, concurrency}).concurrency, limit.concurrency);
		}
	});

	test('may not say otherwise', () => {
		const name = newName();
		const limit = pLimit({name, concurrency: {max: 10}});
		const is = "adaptive from 1 to 10, at first 10, by 'latency'";
		for (const [concurrency, message] of [
			[Number.POSITIVE_INFINITY, 'is 10, got Infinity'],
			[{max: 10, initial: 5}, `is ${is}, got adaptive from 1 to 10, at first 5, by 'latency'`],
			[{max: 10, algorithm: 'aimd'}, `is ${is}, got adaptive from 1 to 10, at first 10, by 'aimd'`],
			[{min: 10, max: 9}, `is ${is}, got adaptive from 10 to 9, at first 10, by 'latency'`],
		]) {
			assert.throws(() => pLimit({name, concurrency}), {
				code: 'ERR_INVALID_ARG',
				message: `\`concurrency\` of the limit '${name}' ${message}`,
			});
		}

		const fixed = newName();
		pLimit({name: fixed, concurrency: 3});
		assert.throws(() => pLimit({name: fixed, concurrency: {max: 3}}), {message: / is 3, got adaptive from 1 to 3, /});
		assert.equal(limit.concurrency, 10);
	});
});

const overload = async ({pLimit}, options) => {
	const limit = pLimit(options);
	await limit.settle(Array.from({length: 10}), async () => {
		throw Object.assign(new Error('too many requests'), {status: 429});
	});
};

describe('an overload in a thread that has joined', () => {
	for (const [kind, options] of [
		['by the bare name', {}],
		['by the number that it is now', {concurrency: 40}],
		['by the same options', {concurrency: {initial: 40}}],
	]) {
		test(`${kind} lowers the limit of all`, async t => {
			const {threads} = open(t);
			const name = newName();
			const limit = pLimit({name, concurrency: {initial: 40}});
			await threads[0].run(overload, {name, ...options});
			const {reason, reductions} = limit.stats().adaptive;
			assert.deepEqual({reason, isLower: limit.concurrency < 40}, {reason: 'overload', isLower: true});
			assert.ok(reductions > 0);
		});
	}
});
