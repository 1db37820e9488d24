'use strict';

// Jobs of a pool under an adaptive limit.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Pool, compress, decompress} = require('p-lanes');
const pLimit = require('p-lanes');
const path = require('node:path');

const filename = path.join(__dirname, '..', 'pool', 'fixtures', 'work.js');

/** How many overloads a limit has heard of. */
const heard = limit => limit.stats().adaptive.overloads;

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
		assert.equal(heard(limit), 0);
		await assert.rejects(pool.run({message: 'too many'}, {name: 'fail', limit}), {message: 'too many'});
		assert.equal(heard(limit), 1);
	});

	test('of each attempt that fails, where the limit’s lane has them run again', async t => {
		const pool = open(t);
		const limit = pLimit({
			concurrency: {initial: 20, isOverload: ({message, code}) => message === 'busy' || code === 'ERR_INVALID_DATA'},
		});
		const lane = limit.with({retry: {retries: 1, minTimeout: 1}});
		await assert.rejects(pool.run({message: 'busy'}, {name: 'fail', limit: lane}), {message: 'busy'});
		assert.equal(heard(limit), 2);
		await assert.rejects(pool.map([{message: 'busy'}], {name: 'fail', limit: lane}), {message: 'busy'});
		assert.equal(heard(limit), 4);
		await assert.rejects(decompress('zstd', 'garbage', {limit: lane}), {code: 'ERR_INVALID_DATA'});
		assert.equal(heard(limit), 6);
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
