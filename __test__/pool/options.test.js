'use strict';

// `pool.options`: the options in force.

const assert = require('node:assert/strict');
const {availableParallelism} = require('node:os');
const {describe, test} = require('node:test');
const {pathToFileURL} = require('node:url');
const {SHARE_ENV} = require('node:worker_threads');
const pLimit = require('p-lanes');
const {poolNames} = require('../../lib/pool/options.js');
const {addonEnv, fixture, open} = require('./helpers.js');

const {Pool} = pLimit;

describe('the options of a pool', () => {
	test('have all names and their defaults', () => {
		const {options, minThreads, maxThreads} = new Pool();
		assert.deepEqual(Object.keys(options).sort(), [...poolNames].sort());
		assert.deepEqual(options, {
			filename: undefined,
			name: 'default',
			worker: undefined,
			minThreads: availableParallelism(),
			maxThreads: availableParallelism(),
			idleTimeout: 0,
			startTimeout: 30_000,
			closeTimeout: Number.POSITIVE_INFINITY,
			maxQueue: Number.POSITIVE_INFINITY,
			concurrentTasksPerWorker: 1,
			reserve: 'auto',
			niceIncrement: 10,
			offlineShare: 1 / 16,
			abortGrace: 1000,
			limit: undefined,
			resourceLimits: undefined,
			env: undefined,
			argv: undefined,
			execArgv: undefined,
			workerData: undefined,
		});
		assert.deepEqual([options.minThreads, options.maxThreads], [minThreads, maxThreads]);
	});

	test('are those that were given', t => {
		const given = {
			filename: fixture('work.js'),
			name: 'echo',
			worker: require.resolve('p-lanes/worker'),
			minThreads: 0,
			maxThreads: 3,
			idleTimeout: 1,
			startTimeout: 2,
			closeTimeout: 3,
			maxQueue: 4,
			concurrentTasksPerWorker: 5,
			reserve: 2,
			niceIncrement: 7,
			offlineShare: 0.5,
			abortGrace: 6,
			limit: pLimit(1),
			resourceLimits: {stackSizeMb: 4},
			env: {A: 'a'},
			argv: ['a'],
			execArgv: ['--no-warnings'],
			workerData: new Map([[1, {a: 1}]]),
		};
		assert.deepEqual(open(t, given).options, given);
		assert.equal(open(t, given).options.limit, given.limit);
	});

	test('are what the pool makes of them', t => {
		const pool = open(t, {maxQueue: 'auto', maxThreads: 3, filename: pathToFileURL(fixture('work.js')), argv: [1]});
		const {maxQueue, filename, argv, minThreads} = pool.options;
		assert.deepEqual(
			{maxQueue, filename, argv, minThreads},
			{
				maxQueue: 9,
				filename: fixture('work.js'),
				argv: ['1'],
				minThreads: 3,
			},
		);
		assert.equal(open(t, {filename: 'node:path'}).options.filename, 'node:path');
		assert.equal(open(t, {env: SHARE_ENV}).options.env, SHARE_ENV);
	});

	test('can not be changed, also not by what was given', async t => {
		const given = {
			env: {...addonEnv, A: 'a'},
			argv: ['a'],
			execArgv: ['--no-warnings'],
			resourceLimits: {stackSizeMb: 4},
			workerData: {list: [1]},
		};
		const pool = open(t, given);
		const {options} = pool;
		assert.equal(pool.options, options);
		for (const change of [
			() => {
				pool.options = {};
			},
			() => {
				options.maxThreads = 9;
			},
			() => {
				options.env.A = 'b';
			},
			() => {
				options.resourceLimits.stackSizeMb = 1;
			},
			() => options.argv.push('b'),
			() => options.execArgv.push('b'),
		]) {
			assert.throws(change, TypeError);
		}

		given.argv.push('b');
		given.workerData.list.push(2);
		options.workerData.list.push(3);
		assert.deepEqual(options.argv, ['a']);
		assert.deepEqual(options.workerData, {list: [1]});
		assert.deepEqual((await pool.run(0, {name: 'environment'})).workerData, {list: [1]});
	});
});
