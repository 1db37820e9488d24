'use strict';

// Jobs of a pool under an adaptive limit.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Pool, compress, decompress} = require('p-lanes');
const pLimit = require('p-lanes');
const path = require('node:path');

const filename = path.join(__dirname, '..', 'pool', 'fixtures', 'work.js');

const open = t => {
	const pool = new Pool({filename, maxThreads: 2});
	t.after(() => pool.destroy());
	return pool;
};

describe('jobs tell an adaptive limit', () => {
	test('that they are too many, by the errors of their functions', async t => {
		const pool = open(t);
		const limit = pLimit({concurrency: {initial: 20, isOverload: ({message}) => message === 'too many'}});
		await assert.rejects(pool.run({message: 'another'}, {name: 'fail', limit}), {message: 'another'});
		assert.equal(limit.concurrency, 20);
		await assert.rejects(pool.run({message: 'too many'}, {name: 'fail', limit}), {message: 'too many'});
		assert.equal(limit.concurrency, 18);
	});

	test('of each attempt that fails, where the limit’s lane has them run again', async t => {
		const pool = open(t);
		const limit = pLimit({
			concurrency: {initial: 20, isOverload: ({message, code}) => message === 'busy' || code === 'ERR_INVALID_DATA'},
		});
		const lane = limit.with({retry: {retries: 1, minTimeout: 1}});
		await assert.rejects(pool.run({message: 'busy'}, {name: 'fail', limit: lane}), {message: 'busy'});
		assert.deepEqual([limit.concurrency, limit.stats().adaptive.reductions], [16, 2]);
		await assert.rejects(pool.map([{message: 'busy'}], {name: 'fail', limit: lane}), {message: 'busy'});
		assert.deepEqual([limit.concurrency, limit.stats().adaptive.reductions], [13, 4]);
		await assert.rejects(decompress('zstd', 'garbage', {limit: lane}), {code: 'ERR_INVALID_DATA'});
		assert.equal(limit.stats().adaptive.reductions, 6);
	});

	test('how long they take', async t => {
		const pool = open(t);
		const limit = pLimit({concurrency: {initial: 2, max: 4}});
		const results = await pool.map(Array.from({length: 50}).keys(), {name: 'later', limit});
		assert.equal(results.length, 50);
		assert.ok(limit.stats().adaptive.samples > 0);
	});

	test('and so do calls of kernels', async () => {
		const limit = pLimit({concurrency: {initial: 1, max: 4}});
		await Promise.all(Array.from({length: 20}, () => compress('zstd', 'data'.repeat(10_000), {limit})));
		assert.ok(limit.stats().adaptive.samples > 0);
		assert.equal(limit.stats().online.settled, 20);
	});
});
