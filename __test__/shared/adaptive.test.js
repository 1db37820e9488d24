'use strict';

// An adaptive limit of several threads.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('../../index.js');
const {newName, open} = require('./helpers.js');

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
