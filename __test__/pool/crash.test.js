'use strict';

// Workers that end when they should not.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {pathToFileURL} = require('node:url');
const {failure, open, openBoard, range, until} = require('./helpers.js');

const crash = {name: 'WorkerCrashedError', code: 'ERR_WORKER_CRASHED'};

describe('a worker that ends', () => {
	test('by process.exit rejects its job with the code', async t => {
		const pool = open(t);
		await assert.rejects(pool.run(7, {name: 'exit'}), {
			...crash,
			message: 'the worker thread ended with code 7 while it ran this job',
		});
		assert.equal(await pool.run(1), 1, 'another takes its place');
	});

	test('by an uncaught error rejects its job with that as the cause', async t => {
		const pool = open(t);
		const rejected = await failure(pool.run({message: 'from a timer'}, {name: 'uncaught'}));
		assert.equal(rejected.code, 'ERR_WORKER_CRASHED');
		assert.match(rejected.message, /^the worker thread ended with code 1 while it ran this job: \w+: from a timer$/);
		assert.equal(rejected.cause.message, 'from a timer');
		assert.equal(await pool.run(1), 1);
	});

	test('rejects all that it ran, and no other', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 0, concurrentTasksPerWorker: 3, minThreads: 2});
		await until(() => pool.stats().threads === 2);
		const held = range(1, 5).map(id => pool.run({id, gate: 3}, {name: 'holdAsync'}));
		held.map(job => job.catch(() => {}));
		await board.saw(...range(1, 5));
		await assert.rejects(pool.run({id: 6}, {name: 'exitNoting'}), crash);
		board.open(3);
		const outcomes = await Promise.allSettled(held);
		assert.equal(outcomes.filter(({status}) => status === 'rejected').length, 2);
		for (const {reason} of outcomes) {
			assert.ok(reason === undefined || reason.code === 'ERR_WORKER_CRASHED');
		}
	});

	test('leaves what was queued to others, which run it once', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, reserve: 0});
		const held = [1, 2].map(id => pool.run({id, gate: 2 + id}, {name: 'hold'}));
		await board.saw(1, 2);
		const leaving = failure(pool.run({id: 3}, {name: 'exitNoting'}));
		const queued = range(100, 100).map(id => pool.run({id}, {name: 'note'}));
		board.open(3);
		assert.equal((await leaving).code, 'ERR_WORKER_CRASHED');
		assert.deepEqual(await Promise.all(queued), range(100, 100));
		board.open(4);
		await Promise.all(held);
		const {log} = board;
		assert.equal(new Set(log).size, log.length);
		assert.equal(log.length, 103);
	});

	test('again and again, is replaced each time', async t => {
		const {board, pool} = openBoard(t);
		const jobs = range(1, 6).flatMap(id => [
			pool.run({id}, {name: 'exitNoting'}),
			pool.run({id: 100 + id}, {name: 'note'}),
		]);
		const outcomes = await Promise.allSettled(jobs);
		assert.deepEqual(
			outcomes.map(({value, reason}) => value ?? reason.code),
			range(1, 6).flatMap(id => ['ERR_WORKER_CRASHED', 100 + id]),
		);
		assert.deepEqual(
			board.log,
			range(1, 6).flatMap(id => [id, 100 + id]),
		);
	});

	test('just after its results were given, has given them', async t => {
		const pool = open(t);
		const source = `
			import pLimit from ${JSON.stringify(pathToFileURL(require.resolve('p-lanes')).href)};
			const {move} = pLimit;
			export default task => {
				if (task === 'last') process.exit(5);
				return task % 2 ? new SharedArrayBuffer(task) : move(new Uint8Array(task));
			};`;
		const filename = `data:text/javascript,${encodeURIComponent(source)}`;
		const results = range(1, 40).map(task => pool.run(task, {filename}));
		const last = failure(pool.run('last', {filename}));
		assert.deepEqual(
			(await Promise.all(results)).map(({byteLength}) => byteLength),
			range(1, 40),
		);
		assert.equal((await last).code, 'ERR_WORKER_CRASHED');
	});

	test('for want of memory rejects its job', async t => {
		const pool = open(t, {resourceLimits: {maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4}});
		const rejected = await failure(pool.run(1, {name: 'fillHeap'}));
		assert.equal(rejected.code, 'ERR_WORKER_CRASHED');
		assert.equal(rejected.cause.code, 'ERR_WORKER_OUT_OF_MEMORY');
		assert.equal(await pool.run(1), 1);
	});

	test('rejects a map and a stream that it ran for', async t => {
		const pool = open(t);
		await assert.rejects(pool.map([1], {name: 'exit'}), crash);
		await assert.rejects(pool.stream([1], {name: 'exit'}).next(), crash);
		assert.equal(await pool.run(1), 1);
	});
});

/** The URL of a module whose function ends at once. A little later its thread throws, at the first job. */
const throwingLater = source => {
	const module = `export default task => { if (task === 1) setTimeout(() => { throw ${source}; }, 5); return task; };`;
	return `data:text/javascript,${encodeURIComponent(module)}`;
};

const EXITING = 'export default () => { setTimeout(() => process.exit(3), 5); };';

const warningsOf = t => {
	const warnings = [];
	const onWarning = warning => warnings.push(warning);
	process.on('warning', onWarning);
	t.after(() => process.off('warning', onWarning));
	return warnings;
};

describe("the 'error' event", () => {
	test('tells what no job tells', async t => {
		const pool = open(t);
		const errors = [];
		pool.on('error', error => errors.push(error));
		assert.equal(await pool.run({message: 'too late'}, {name: 'uncaughtLater'}), 'ended');
		await until(() => errors.length > 0);
		assert.equal(errors[0].message, 'too late');
		await assert.rejects(pool.run(1, {name: 'exit'}), crash);
		assert.equal(await pool.run(1), 1);
		assert.equal(errors.length, 1);
	});

	test('is a warning where nobody listens', async t => {
		const pool = open(t);
		const warnings = warningsOf(t);
		await pool.run({message: 'nobody hears'}, {name: 'uncaughtLater'});
		await until(() => warnings.length > 0);
		assert.equal(warnings[0].message, 'nobody hears');
		assert.equal(await pool.run(1), 1);
	});

	// A warning can only be made of an error or a string. Where nobody listened, any other value ended the process.
	for (const [source, shown] of [
		['5', '5'],
		['{a: 1}', '{ a: 1 }'],
		["Symbol('s')", 'Symbol(s)'],
		['undefined', 'undefined'],
		["'text'", "'text'"],
	]) {
		const text = `the worker thread ended with code 1 while it ran no job: ${shown}`;

		test(`is an error whatever was thrown: ${source}`, async t => {
			const pool = open(t, {filename: throwingLater(source)});
			const errors = [];
			pool.on('error', error => errors.push(error));
			await pool.run(1);
			await until(() => errors.length > 0);
			assert.equal(errors[0].code, 'ERR_WORKER_CRASHED');
			assert.equal(errors[0].message, text);
			assert.ok('cause' in errors[0]);
			assert.equal(await pool.run(2), 2);
		});

		test(`is a warning whatever was thrown: ${source}`, async t => {
			const pool = open(t, {filename: throwingLater(source)});
			const warnings = warningsOf(t);
			await pool.run(1);
			await until(() => warnings.length > 0);
			assert.equal(warnings[0].message, text);
			assert.equal(await pool.run(2), 2);
		});
	}

	test('says that no job ran in a thread that has exited', async t => {
		const pool = open(t, {filename: `data:text/javascript,${encodeURIComponent(EXITING)}`});
		const errors = [];
		pool.on('error', error => errors.push(error.message));
		await pool.run(1);
		await until(() => errors.length > 0);
		assert.deepEqual(errors, ['the worker thread ended with code 3 while it ran no job']);
	});
});
