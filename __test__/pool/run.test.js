'use strict';

// What is run: which function of which module, with what, and what comes of it.

const assert = require('node:assert/strict');
const path = require('node:path');
const {describe, test} = require('node:test');
const {pathToFileURL} = require('node:url');
const {Pool} = require('p-lanes');
const {failure, fixture, open, openBoard, until} = require('./helpers.js');

describe('run', () => {
	test('gives what the function returns, at once or later', async t => {
		const pool = open(t);
		assert.equal(await pool.run('text'), 'text');
		assert.equal(await pool.run(21, {name: 'double'}), 42);
		assert.equal(await pool.run(1, {name: 'later'}), 1);
		assert.equal(await pool.run(undefined), undefined);
		assert.equal(await pool.run(), undefined);
		assert.equal(await pool.run(1, {name: 'nothing'}), undefined);
	});

	test('rejects with what the function throws, at once or later', async t => {
		const pool = open(t);
		await assert.rejects(pool.run({message: 'no', kind: 'RangeError'}, {name: 'fail'}), new RangeError('no'));
		await assert.rejects(pool.run({message: 'later'}, {name: 'failLater'}), new Error('later'));
		assert.equal(await pool.run(1), 1, 'and goes on');
	});

	test('a function gets a context with a signal', async t => {
		const pool = open(t);
		assert.deepEqual(await pool.run(0, {name: 'context'}), ['object', true, false]);
		assert.equal(await pool.run(0, {name: 'sameSignal'}), true);
	});

	for (const [what, filename] of [
		['a path', fixture('esm.mjs')],
		['a relative path', path.relative(process.cwd(), fixture('esm.mjs'))],
		['a URL', pathToFileURL(fixture('esm.mjs'))],
		['the text of a URL', pathToFileURL(fixture('esm.mjs')).href],
		[
			'a data: URL',
			"data:text/javascript,export default task => ['esm', task]; export const named = task => ['named', task]",
		],
	]) {
		test(`\`filename\` may be ${what}`, async t => {
			const pool = open(t, {filename});
			assert.deepEqual(await pool.run(1), ['esm', 1]);
			assert.deepEqual(await pool.run(2, {name: 'named'}), ['named', 2]);
		});
	}

	test('CommonJS may export a function, functions, or be compiled from a module', async t => {
		const pool = open(t, {filename: fixture('function.js')});
		assert.deepEqual(await pool.run(1), ['function', 1]);
		assert.deepEqual(await pool.run(1, {name: 'named'}), ['property', 1]);
		assert.deepEqual(await pool.run(1, {filename: fixture('compiled.js')}), ['compiled', 1]);
		assert.deepEqual(await pool.run(1, {filename: fixture('work.js')}), 1);
	});

	test('`filename` and `name` of a task stand above those of the pool', async t => {
		const pool = open(t, {name: 'double'});
		assert.equal(await pool.run(2), 4);
		assert.equal(await pool.run(2, {name: 'echo'}), 2);
		assert.deepEqual(await pool.run(2, {filename: fixture('esm.mjs'), name: 'default'}), ['esm', 2]);
		assert.deepEqual(await pool.run(2, {filename: fixture('esm.mjs'), name: 'named'}), ['named', 2]);
		assert.equal(await pool.run(2), 4);
	});

	test('a task with another `filename` keeps the `name` of the pool', async t => {
		const filename = fixture('esm.mjs');
		const pool = open(t, {name: 'named'});
		assert.deepEqual(await pool.run(2, {filename}), ['named', 2]);
		assert.deepEqual(await pool.map([2], {filename}), [['named', 2]]);
		assert.deepEqual((await pool.stream([2], {filename}).next()).value, ['named', 2]);
		assert.deepEqual(await pool.run(2, {filename, name: null}), ['named', 2]);
		const withoutFile = open(t, {filename: undefined, name: 'named'});
		assert.deepEqual(await withoutFile.run(2, {filename}), ['named', 2]);
	});

	test('a pool may have no file, and a task has to name it then', async t => {
		const pool = new Pool({maxThreads: 1});
		t.after(() => pool.destroy());
		await assert.rejects(pool.run(1), {
			code: 'ERR_INVALID_ARG',
			message: '`filename` must be given to the pool or with the task, got undefined',
		});
		assert.equal(pool.threads.length, 0);
		assert.equal(await pool.run(1, {filename: fixture('work.js')}), 1);
	});

	test('jobs that share a function load it once', async t => {
		const pool = open(t, {concurrentTasksPerWorker: 4});
		const source = 'globalThis.loads = (globalThis.loads ?? 0) + 1; export default () => globalThis.loads;';
		const filename = `data:text/javascript,${encodeURIComponent(source)}`;
		assert.deepEqual(await pool.map([1, 2, 3, 4], {filename}), [1, 1, 1, 1]);
	});
});

describe('what is not there', () => {
	const missing = path.join(__dirname, 'nowhere.js');

	for (const [what, filename] of [
		['file', missing],
		['file of a URL', pathToFileURL(missing)],
		['file of a relative path', path.relative(process.cwd(), missing)],
	]) {
		test(`a ${what} is refused with where it was looked for`, async t => {
			const expected = {
				name: 'InvalidArgError',
				code: 'ERR_INVALID_ARG',
				message: `\`filename\` must be a file that exists: there is no ${missing}`,
			};
			assert.throws(() => new Pool({filename, minThreads: 1}), expected);
			const pool = open(t);
			await assert.rejects(pool.run(1, {filename}), expected);
			await assert.rejects(pool.map([1], {filename}), expected);
			assert.throws(() => pool.stream([1], {filename}), expected);
			assert.equal(pool.threads.length, 0);
		});
	}

	test('a directory is no file', () => {
		assert.throws(() => new Pool({filename: __dirname}), {
			message: `\`filename\` must be a file that exists: there is no ${__dirname}`,
		});
	});

	test('an export is refused with which, where, and what there is', async t => {
		const pool = open(t, {filename: fixture('esm.mjs')});
		const url = pathToFileURL(fixture('esm.mjs')).href;
		const rejected = await failure(pool.run(1, {name: 'other'}));
		assert.equal(rejected.code, 'ERR_INVALID_ARG');
		assert.equal(
			rejected.message,
			`\`name\` must be an exported function: there is no 'other' in ${url}; it exports 'default', 'named', 'notFunction'`,
		);
		await assert.rejects(pool.run(1, {name: 'notFunction'}), {
			message: `\`name\` must be an exported function: 'notFunction' in ${url} is 1; it also exports 'default', 'named'`,
		});
		await assert.rejects(pool.run(1, {filename: fixture('nothing.mjs')}), {
			message: /nothing\.mjs; it exports nothing/,
		});
		assert.deepEqual(await pool.run(1), ['esm', 1]);
	});

	test('a module that throws rejects the jobs that name it', async t => {
		const pool = open(t);
		const broken = fixture('broken.mjs');
		await assert.rejects(pool.run(1, {filename: broken}), {name: 'RangeError', message: 'broken at import'});
		await assert.rejects(pool.run(1, {filename: broken}), {name: 'RangeError', message: 'broken at import'});
		const channel = new MessageChannel();
		await assert.rejects(
			pool.run(channel.port1, {filename: broken, transferList: [channel.port1]}),
			new RangeError('broken at import'),
			'also where the task comes by post',
		);
		channel.port2.close();
		assert.equal(await pool.run(1), 1);
		assert.equal(pool.threads.length, 1);
	});

	test('and where it is the module of the pool, no worker can start', async t => {
		const pool = open(t, {filename: fixture('broken.mjs')});
		const threads = [];
		pool.on('workerCreate', worker => threads.push(worker));
		const rejected = await failure(pool.run(1));
		assert.equal(rejected.code, 'ERR_WORKER_CRASHED');
		assert.equal(rejected.message, 'the worker thread could not be started: RangeError: broken at import');
		assert.equal(rejected.cause.name, 'RangeError');
		assert.equal(rejected.cause.message, 'broken at import');
		assert.equal(threads.length, 3);
	});
});

const BEGAN = 3;
const FAILURES = 4;
const TOGETHER = 5;

describe('setup', () => {
	test('is awaited once in each worker before its first job', async t => {
		const {board, pool} = openBoard(t, {filename: fixture('setup.js'), maxThreads: 2, minThreads: 2});
		assert.deepEqual(await pool.map(Array(50).fill(0)), Array(50).fill(true));
		await until(() => pool.threads.length === 2 && board.cell(BEGAN) === 2);
		assert.deepEqual(await pool.map(Array(50).fill(0)), Array(50).fill(true));
		assert.equal(board.cell(BEGAN), 2);
	});

	test('is tried again when it fails', async t => {
		const {board, pool} = openBoard(t, {filename: fixture('setup.js')});
		board.set(FAILURES, 2);
		assert.equal(await pool.run(1), true);
		assert.equal(board.cell(BEGAN), 3);
	});

	test('that fails three times rejects the jobs that wait, and later ones try again', async t => {
		const {board, pool} = openBoard(t, {filename: fixture('setup.js')});
		board.set(FAILURES, 3);
		const rejected = await Promise.all([failure(pool.run(1)), failure(pool.run(2)), failure(pool.map([3, 4]))]);
		assert.equal(board.cell(BEGAN), 3);
		for (const {code, cause} of rejected) {
			assert.equal(code, 'ERR_WORKER_CRASHED');
			assert.equal(cause.name, 'RangeError');
			assert.equal(cause.message, 'setup 2 failed');
		}

		assert.equal(pool.queueSize, 0);
		assert.equal(await pool.run(1), true);
		assert.equal(board.cell(BEGAN), 4);
	});

	test('that fails in several threads at once counts as one attempt', async t => {
		const {board, pool} = openBoard(t, {filename: fixture('setup.js'), maxThreads: 3});
		board.set(FAILURES, 1000);
		board.set(TOGETHER, 3);
		const rejected = await Promise.all([1, 2, 3].map(task => failure(pool.run(task))));
		assert.deepEqual(new Set(rejected.map(({code}) => code)), new Set(['ERR_WORKER_CRASHED']));
		assert.equal(board.cell(BEGAN), 5, 'three at once, and then one at a time');
	});

	test('that fails with no job waiting is told as an error, and is not tried for ever', async t => {
		const {board, pool} = openBoard(t, {filename: fixture('setup.js'), minThreads: 1});
		board.set(FAILURES, 3);
		let error;
		pool.on('error', given => {
			error = given;
		});
		await until(() => error !== undefined);
		assert.equal(error.code, 'ERR_WORKER_CRASHED');
		assert.equal(error.cause.message, 'setup 2 failed');
		assert.equal(pool.threads.length, 0);
		assert.equal(await pool.run(1), true);
	});
});
