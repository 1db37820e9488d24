'use strict';

// What a thread waits for before it runs jobs, and that none waits for ever.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {failure, fixture, open, openBoard, range, until} = require('./helpers.js');

const data = source => `data:text/javascript,${encodeURIComponent(source)}`;
const crash = {name: 'WorkerCrashedError', code: 'ERR_WORKER_CRASHED'};

/** A module that notes 1, waits until gate 3 opens, and notes 2. Its function notes its task. */
const gated = `
	import {workerData} from 'node:worker_threads';
	const cells = new Int32Array(workerData.board);
	const note = id => Atomics.store(cells, 100 + Atomics.add(cells, 0, 1), id);
	note(1);
	while (Atomics.load(cells, 3) === 0) await new Promise(resolve => setTimeout(resolve, 1));
	note(2);
	export default note;`;

/** How long a thread needs before it runs a module: twice as much until it is enough, since machines differ. */
const startTimeouts = function* () {
	for (let startTimeout = 200; ; startTimeout *= 2) {
		yield startTimeout;
	}
};

/** What a thread waits for before anything else: Node, and then its module. */
const phases = ['what Node', 'the import of'];

/** A start that failed because of the module: the errors, and the time that was enough for each thread to get to `phase`. */
const failedStart = async (t, filename, phase) => {
	const earlier = phases.filter(one => one !== phase);
	for (const startTimeout of startTimeouts()) {
		const pool = open(t, {filename, startTimeout});
		let started = 0;
		pool.on('workerCreate', () => started++);
		const errors = await Promise.all([pool.run(1), pool.run(2, {timeout: 1}), pool.map([3])].map(failure));
		assert.equal(started, 3);
		assert.equal(pool.queueSize, 0);
		if (!errors.some(({message}) => earlier.some(phase => message.includes(phase)))) {
			return {errors, startTimeout};
		}
	}
};

describe('a start that takes longer than `startTimeout`', () => {
	for (const [what, source, waitedFor] of [
		['an import', 'await new Promise(() => {}); export default () => 1;', 'the import of'],
		['an import that never returns', 'for (;;); export default () => 1;', 'the import of'],
		['`setup`', 'export const setup = () => new Promise(() => {}); export default () => 1;', '`setup` of'],
		['a `setup` that never returns', 'export const setup = () => { for (;;); }; export default () => 1;', '`setup` of'],
		['an exported promise', 'export default new Promise(() => {});', "the promise that is exported as 'default' of"],
	]) {
		test(`rejects the jobs, and says that ${what} was waited for`, async t => {
			const filename = data(source);
			const {errors, startTimeout} = await failedStart(t, filename, waitedFor);
			for (const {name, code, message} of errors) {
				assert.deepEqual({name, code}, crash);
				const text = `${waitedFor} ${filename} took longer than \`startTimeout\` (${startTimeout} ms)`;
				assert.equal(message, `the worker thread could not be started: ${text}`);
			}
		});
	}

	test('says that `execArgv` was waited for', async t => {
		// The timer keeps the thread alive: without it a thread with nothing left to do may end before `startTimeout`.
		const execArgv = ['--import', data('setInterval(() => {}, 1000); await new Promise(() => {});')];
		const {code, message} = await failure(open(t, {execArgv, startTimeout: 20}).run(1));
		assert.equal(code, 'ERR_WORKER_CRASHED');
		assert.match(message, /: what Node and `execArgv` load took longer than `startTimeout` \(20 ms\)$/);
	});

	test('is followed by another one, which may be in time', async t => {
		const source = `
			import {workerData} from 'node:worker_threads';
			const cells = new Int32Array(workerData.board);
			if (Atomics.add(cells, 3, 1) === 0) await new Promise(() => {});
			export default task => task;`;
		for (const startTimeout of startTimeouts()) {
			const {board, pool} = openBoard(t, {filename: data(source), startTimeout});
			const outcome = await pool.run(5).catch(() => 'was too slow');
			if (board.cell(3) === 2 && outcome === 5) {
				return;
			}
		}
	});

	test('is reported if no job waits', async t => {
		const pool = open(t, {filename: data('await new Promise(() => {});'), minThreads: 1, startTimeout: 20});
		const errors = [];
		pool.once('error', error => errors.push(error));
		await until(() => errors.length > 0); // an idle pool does not keep the process alive
		assert.equal(errors[0].code, 'ERR_WORKER_CRASHED');
	});

	test('with `Infinity` is waited for, and with a close is not', async t => {
		const {board, pool} = openBoard(t, {filename: data(gated), startTimeout: Number.POSITIVE_INFINITY});
		const job = pool.run(5);
		await board.saw(1);
		board.open(3);
		await job;

		const stuck = open(t, {filename: data('await new Promise(() => {});'), minThreads: 1});
		await stuck.close();
		assert.equal(stuck.threads.length, 0);
	});
});

describe('a function that is loaded for a job', () => {
	test('and does not come is given up after the `timeout`, with its thread', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 5});
		for (const source of ['await new Promise(() => {});', 'for (;;);']) {
			await pool.run(0);
			const [first] = pool.threads;
			const filename = data(`${source} ${gated}`);
			const error = await failure(pool.run(9, {filename, timeout: 5}));
			assert.equal(error.code, 'ERR_TASK_TIMEOUT');
			assert.equal(await pool.run(1), 1);
			assert.equal(pool.threads.includes(first), false);
		}

		assert.equal(board.log.includes(9), false);
	});

	test('and does not come is given up after an abort, with its thread', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 5});
		const controller = new AbortController();
		const {signal} = controller;
		const job = failure(pool.run(9, {filename: data(gated), signal}));
		await board.saw(1);
		const [thread] = pool.threads;
		controller.abort('given up');
		assert.equal(await job, 'given up');
		assert.equal(await pool.run(1), 1);
		assert.equal(pool.threads.includes(thread), false);
	});

	test('and comes too late is not called, and its thread stays', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 1, reserve: 0, abortGrace: 60_000});
		const filename = data(gated);
		const controller = new AbortController();
		const job = failure(pool.run(9, {filename, signal: controller.signal}));
		await board.saw(1);
		const [thread] = pool.threads;
		controller.abort('given up');
		assert.equal(await job, 'given up');
		await until(() => pool.threads.length === 1);
		board.open(3);
		await pool.run(5, {filename});
		assert.deepEqual(board.log, [1, 2, 5]);
		assert.deepEqual(pool.threads, [thread]);
	});
});

/** How modules export a promise of a function, with the name of the export. */
const promises = {
	'an ES module': ['export default (async () => task => [task])();', 'default'],
	'an ES module, by name': ['export const later = Promise.resolve(task => [task]);', 'later'],
	'a default object': ['export default {later: Promise.resolve(task => [task])};', 'later'],
	'the promise of a default object': ['export default Promise.resolve({later: task => [task]});', 'later'],
	'a thenable': ['export default {then: resolve => resolve(task => [task])};', 'default'],
};

describe('a promise of a function works as an export', () => {
	for (const [what, [source, name]] of Object.entries(promises)) {
		test(`of ${what}`, async t => {
			const filename = data(source);
			const pool = open(t, {filename, name});
			assert.deepEqual(await pool.run(1), [1]);
			assert.deepEqual(await pool.map(range(0, 5)), [[0], [1], [2], [3], [4]]);
			assert.deepEqual(await open(t).run(1, {filename, name}), [1]);
		});
	}

	test('of a CommonJS module', async t => {
		const filename = fixture('promised.js');
		assert.deepEqual(await open(t, {filename}).run(1), ['default', 1]);
		assert.deepEqual(await open(t).run(1, {filename}), ['default', 1]);
		assert.deepEqual(await open(t, {filename: fixture('promised-names.js'), name: 'a'}).run(1), ['a', 1]);
	});

	test('that rejects, with its reason', async t => {
		const filename = data("export default Promise.reject(new RangeError('no model')).catch(async e => { throw e; });");
		const started = await failure(open(t, {filename}).run(1));
		assert.equal(started.code, 'ERR_WORKER_CRASHED');
		assert.equal(started.message, 'the worker thread could not be started: RangeError: no model');
		assert.match((await failure(open(t).run(1, {filename}))).message, /no model/);
	});
});

describe('an export that is no function is refused with what it is', () => {
	for (const [source, name, is] of [
		['export default 5;', 'default', '5'],
		['export default Promise.resolve(5);', 'default', 'a promise of 5'],
		['export default Promise.resolve();', 'default', 'a promise of undefined'],
		['export const a = [1];', 'a', '[ 1 ]'],
		['export default {a: 1};', 'a', "1; it also exports 'default'"],
		['export default {a() {}};', 'default', "{ a: [Function: a] }; it also exports 'a'"],
	]) {
		test(`${source} ${name}`, async t => {
			const filename = data(source);
			const error = await failure(open(t, {filename, name}).run(1));
			assert.equal(error.code, 'ERR_INVALID_ARG');
			assert.equal(error.message, `\`name\` must be an exported function: '${name}' in ${filename} is ${is}`);
		});
	}
});
