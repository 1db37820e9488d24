'use strict';

// What a worker thread knows of itself, and pools inside of threads.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const {describe, test} = require('node:test');
const {pathToFileURL} = require('node:url');
const {SHARE_ENV} = require('node:worker_threads');
const pLimit = require('p-lanes');
const {addonEnv, fixture, open, until} = require('./helpers.js');

describe('a worker thread', () => {
	test('has the `workerData`, `env`, `argv`, `execArgv` and `resourceLimits` that were given', async t => {
		const pool = open(t, {
			workerData: {list: [1, new Map([['a', 1]])]},
			env: {...addonEnv, P_LANES_TEST: 'given'},
			argv: ['one', 2],
			execArgv: ['--no-warnings'],
			resourceLimits: {maxOldGenerationSizeMb: 64},
		});
		const {env, argv, execArgv, limits, workerData} = await pool.run(0, {name: 'environment'});
		assert.equal(env, 'given');
		assert.deepEqual(argv, ['one', '2']);
		assert.deepEqual(execArgv, ['--no-warnings']);
		assert.equal(limits.maxOldGenerationSizeMb, 64);
		assert.deepEqual(workerData, {list: [1, new Map([['a', 1]])]});
	});

	test('has no `workerData` where none was given', async t => {
		const pool = open(t);
		assert.equal((await pool.run(0, {name: 'environment'})).workerData, undefined);
		assert.deepEqual(await pool.run(0, {name: 'ours'}), {isWorkerThread: true, workerData: undefined});
	});

	test('sees the same through the package, and by import', async t => {
		const pool = open(t, {workerData: 'mine'});
		assert.deepEqual(await pool.run(0, {name: 'ours'}), {isWorkerThread: true, workerData: 'mine'});
		const source = "import {workerData} from 'node:worker_threads'; export default () => workerData;";
		const filename = `data:text/javascript,${encodeURIComponent(source)}`;
		assert.equal(await pool.run(0, {filename}), 'mine');
	});

	test('may share the environment', async t => {
		process.env.P_LANES_TEST = 'shared';
		t.after(() => {
			delete process.env.P_LANES_TEST;
		});
		const pool = open(t, {env: SHARE_ENV});
		assert.equal((await pool.run(0, {name: 'environment'})).env, 'shared');
	});

	test('is not the main thread', () => {
		assert.equal(pLimit.isWorkerThread, false);
		assert.equal(pLimit.workerData, undefined);
	});

	test('may run TypeScript through a loader', async t => {
		const execArgv = ['--import', pathToFileURL(fixture('typescript.mjs')).href];
		const pool = open(t, {filename: fixture('typed.ts'), execArgv});
		assert.equal(await pool.run({left: 40, right: 2}), 42);
	});
});

const script = body =>
	spawnSync(process.execPath, ['-e', body], {
		cwd: path.join(__dirname, '../..'),
		encoding: 'utf8',
		timeout: 60_000,
	});

describe('pools inside of threads', () => {
	test('a job may use a pool of its own', async t => {
		const pool = open(t, {filename: fixture('nested.js')});
		assert.deepEqual(await pool.run([1, 2, 3]), [2, 4, 6]);
	});

	test('one that a thread leaves behind ends with it', async t => {
		const pool = open(t, {filename: fixture('nested.js')});
		for (let round = 0; round < 3; round++) {
			await assert.rejects(pool.run([1], {name: 'leave'}), {code: 'ERR_WORKER_CRASHED'});
		}

		assert.deepEqual(await pool.run([1]), [2]);
	});

	test('twenty threads that load the package, make a pool, use it and are terminated at once', () => {
		const {status, signal, stdout, stderr} = script(`
			const {Worker} = require('node:worker_threads');
			const body = \`
				const {parentPort} = require('node:worker_threads');
				const {Pool} = require('p-lanes');
				const pool = new Pool({filename: ${JSON.stringify(fixture('work.js'))}, maxThreads: 1});
				const go = () => pool.map(Array(20).fill(1)).then(() => { parentPort.postMessage('ran'); go(); });
				go();
			\`;
			(async () => {
				const workers = Array.from({length: 20}, () => new Worker(body, {eval: true}));
				await Promise.all(workers.map(worker => new Promise(resolve => worker.once('message', resolve))));
				await Promise.all(workers.map(worker => worker.terminate()));
				console.log('survived');
			})();`);
		assert.deepEqual([status, signal, stdout, stderr], [0, null, 'survived\n', '']);
	});

	test('and at any moment of that', () => {
		const {status, signal, stdout, stderr} = script(`
			const {Worker} = require('node:worker_threads');
			const body = \`
				const {Pool} = require('p-lanes');
				const pool = new Pool({filename: ${JSON.stringify(fixture('work.js'))}, maxThreads: 2});
				const go = () => pool.map(Array(20).fill(1)).then(go);
				go();
			\`;
			(async () => {
				await Promise.all(Array.from({length: 20}, async (_, index) => {
					const worker = new Worker(body, {eval: true});
					await new Promise(resolve => setTimeout(resolve, index * 25));
					await worker.terminate();
				}));
				console.log('survived');
			})();`);
		assert.deepEqual([status, signal, stdout, stderr], [0, null, 'survived\n', '']);
	});
});

test('a listener that throws disturbs nobody', async t => {
	const pool = open(t, {filename: fixture('work.js'), maxThreads: 1, maxQueue: 1});
	const caught = [];
	const onError = error => caught.push(error.message);
	const others = process.listeners('uncaughtException');
	process.removeAllListeners('uncaughtException');
	process.on('uncaughtException', onError);
	t.after(() => {
		process.off('uncaughtException', onError);
		for (const other of others) {
			process.on('uncaughtException', other);
		}
	});
	for (const event of ['workerCreate', 'workerDestroy', 'needsDrain', 'drain']) {
		pool.on(event, () => {
			throw new Error(event);
		});
	}

	assert.deepEqual(await Promise.all([pool.run(1, {name: 'double'}), pool.run(2, {name: 'double'})]), [2, 4]);
	await assert.rejects(pool.run(1, {name: 'exit'}), {code: 'ERR_WORKER_CRASHED'});
	assert.equal(await pool.run(3, {name: 'double'}), 6);
	await until(() => new Set(caught).size === 4);
});
