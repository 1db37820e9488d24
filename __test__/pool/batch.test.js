'use strict';

// Batches in which items fail: `stopOnError` and `settle` of `map` and `stream`. No task runs twice, however the tasks
// travel.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Pool, pLimit} = require('p-lanes');
const {Dispatcher} = require('../../lib/pool/dispatcher.js');
const {Job} = require('../../lib/pool/jobs.js');
const {failure, fixture, openBoard, range, state} = require('./helpers.js');
const {collect} = require('./streams.js');

const SIZE = 400;

/** By index: what those items do that are not plain. From 64 on, short tasks are bundled. */
const odd = new Map([
	[3, 'throw'],
	[70, 'throw'],
	[71, 'throw'],
	[100, 'reject'],
	[110, 'later'],
	[131, 'return a function'],
	[150, 'return shared memory'],
	[151, 'return a moved buffer'],
	[170, 'move a buffer again'],
	[171, 'move a buffer again'],
	[172, 'move a buffer again'],
	[190, 'throw shared memory'],
	[200, 'spin'],
	[230, 'throw'],
	[240, 'not sent'],
	[SIZE - 1, 'throw'],
]);

const items = how =>
	range(0, SIZE).map(id => {
		if (how.get(id) === 'not sent') {
			return () => {};
		}

		return how.has(id) ? {id, how: how.get(id)} : id;
	});

/** What an item has come to, as a word. */
const word = ({status, value, reason}) => {
	if (status === 'fulfilled') {
		return typeof value === 'number' ? value : value.constructor.name;
	}

	return reason.code ?? (reason instanceof Error ? reason.message : reason.constructor.name);
};

const wordOf = id =>
	({
		throw: `item ${id}`,
		reject: `item ${id}`,
		'throw shared memory': 'SharedArrayBuffer',
		'return a function': 'ERR_NOT_CLONEABLE',
		'return shared memory': 'SharedArrayBuffer',
		'return a moved buffer': 'ArrayBuffer',
		'move a buffer again': id === 170 ? 'ArrayBuffer' : 'ERR_INVALID_ARG',
		'not sent': 'ERR_NOT_CLONEABLE',
	})[odd.get(id)] ?? id;

const expected = range(0, SIZE).map(wordOf);
const isFailure = word => typeof word === 'string' && !word.endsWith('Buffer');
const failures = range(0, SIZE)
	.filter(id => isFailure(wordOf(id)) || odd.get(id) === 'throw shared memory')
	.map(wordOf);

const began = board => [...board.log].sort((a, b) => a - b);

const sent = range(0, SIZE).filter(id => odd.get(id) !== 'not sent');

/** Ways in which tasks travel. The second one counts all tasks as short ones, so that they are bundled. */
const ways = {
	'each a job': {options: {concurrentTasksPerWorker: 2}},
	'in bundles': {options: {}, bundles: true},
	'with a timeout': {options: {}, given: {timeout: 60_000}},
	'under a limit': {options: () => ({limit: pLimit(2)})},
	'under a limit of one call': {options: {}, given: () => ({limit: pLimit(2).offline})},
};

const made = value => (typeof value === 'function' ? value() : value);

/** Opens a pool for a way, and returns what checks how the tasks have travelled. */
const openWay = (t, {options, given, bundles}) => {
	const opened = openBoard(t, {filename: fixture('batch.js'), name: 'item', ...made(options)});
	const {submitTasks} = Dispatcher.prototype;
	let bundled = 0;
	if (bundles) {
		Object.defineProperty(Job.prototype, 'runMicros', {get: () => 1, set() {}, configurable: true});
		Dispatcher.prototype.submitTasks = function (...args) {
			const isBundle = submitTasks.apply(this, args);
			bundled += isBundle ? 1 : 0;
			return isBundle;
		};
		t.after(() => {
			delete Job.prototype.runMicros;
			Dispatcher.prototype.submitTasks = submitTasks;
		});
	}

	return {...opened, given: made(given), check: () => assert.equal(bundled > 0, bundles === true)};
};

for (const [how, way] of Object.entries(ways)) {
	describe(`a batch whose tasks travel ${how}`, () => {
		test('map settles', async t => {
			const {board, pool, given, check} = openWay(t, way);
			const tasks = items(odd);
			const results = await pool.map(tasks, {...given, settle: true});
			assert.deepEqual(results.map(word), expected);
			assert.ok(results.every(({item, index}, place) => index === place && item === tasks[place]));
			assert.deepEqual(began(board), sent);
			assert.equal(pool.completed, sent.length);
			check();
		});

		test('settle is the same', async t => {
			const {board, pool, given} = openWay(t, way);
			assert.deepEqual((await pool.settle(items(odd), given)).map(word), expected);
			assert.deepEqual((await pool.offline.settle(items(new Map()), given)).map(word), range(0, SIZE));
			assert.equal(board.log.length, sent.length + SIZE);
			assert.ok(pool.stats().offline.granted >= SIZE);
		});

		test('map with `stopOnError: false` rejects with all failures when all items were run', async t => {
			const {board, pool, given, check} = openWay(t, way);
			const tasks = items(odd);
			const error = await failure(pool.map(tasks, {...given, stopOnError: false}));
			assert.ok(error instanceof AggregateError);
			assert.equal(error.code, 'ERR_ITEMS_FAILED');
			assert.ok(error.failures.every(({item, index}) => item === tasks[index] && odd.has(index)));
			assert.deepEqual(
				error.failures.map(({reason}) => reason),
				error.errors,
			);
			assert.equal(error.message, `${failures.length} of ${SIZE} items failed`);
			assert.deepEqual(
				error.errors.map(reason => word({reason})),
				failures,
			);
			assert.deepEqual(began(board), sent);
			assert.deepEqual(await pool.map(range(0, 5), {...given, stopOnError: false}), range(0, 5));
			check();
		});

		test('map without them rejects with the first failure, and drops what waits', async t => {
			const {pool, given} = openWay(t, way);
			for (const options of [given, {...given, stopOnError: true}, {...given, settle: false}]) {
				const source = items(new Map([[3, 'throw']])).values();
				assert.equal((await failure(pool.map(source, options))).message, 'item 3');
				assert.ok(pool.queueSize < 2, 'under a limit, the job in its other slot may wait');
			}

			assert.equal(await pool.run(500, given), 500);
		});

		test('stream settles', async t => {
			const {board, pool, given} = openWay(t, way);
			assert.deepEqual((await collect(pool.stream(items(odd), {...given, settle: true}))).map(word), expected);
			assert.deepEqual(began(board), sent);
			const unordered = await collect(pool.online.stream(items(odd), {...given, settle: true, ordered: false}));
			assert.deepEqual(
				unordered
					.map(word)
					.filter(each => typeof each === 'number')
					.sort((a, b) => a - b),
				expected.filter(each => typeof each === 'number'),
			);
		});

		test('stream with `stopOnError: false` leaves failures out, and tells them at the end', async t => {
			const {board, pool, given} = openWay(t, way);
			const values = [];
			const error = await failure(
				(async () => {
					for await (const value of pool.stream(items(odd), {...given, stopOnError: false})) {
						values.push(value);
					}
				})(),
			);
			assert.equal(error.message, `${failures.length} of ${SIZE} items failed`);
			assert.deepEqual(
				error.errors.map(reason => word({reason})),
				failures,
			);
			assert.equal(values.length, SIZE - failures.length);
			assert.deepEqual(began(board), sent);
			assert.deepEqual(await collect(pool.stream([1, 2], {...given, stopOnError: false})), [1, 2]);
		});

		test('a thread that ends: the items that it had begun fail, and all others are run once', async t => {
			const {board, pool, given, check} = openWay(t, way);
			const exits = [90, 300];
			const results = await pool.map(items(new Map(exits.map(id => [id, 'exit']))), {...given, settle: true});
			const failed = range(0, SIZE).filter(id => results[id].status === 'rejected');
			for (const id of failed) {
				assert.equal(results[id].reason.code, 'ERR_WORKER_CRASHED');
			}

			for (const id of exits) {
				assert.ok(failed.includes(id));
			}

			// And those that travelled in front of it, or ran beside it.
			assert.ok(failed.length <= exits.length * (way.bundles ? 32 : 2), `${failed}`);
			const ids = board.log;
			assert.equal(new Set(ids).size, ids.length, 'no task runs twice');
			assert.deepEqual(
				range(0, SIZE).filter(id => !(ids.includes(id) || failed.includes(id))),
				[],
			);
			check();
		});
	});
}

describe('a batch ends, whatever its items do,', () => {
	const settled = {settle: true};
	const collected = {stopOnError: false};

	for (const options of [settled, collected]) {
		const name = JSON.stringify(options);

		test(`${name}: when its signal aborts`, async t => {
			const {board, pool} = openBoard(t);
			const controller = new AbortController();
			const {signal} = controller;
			const map = pool.map([{id: 1}, {id: 2}], {...options, name: 'heed', signal});
			const stream = pool.stream([{id: 3}, {id: 4}], {...options, name: 'heed', signal}).next();
			await board.saw(1);
			controller.abort(new Error('enough'));
			assert.equal((await failure(map)).message, 'enough');
			assert.equal((await failure(stream)).message, 'enough');
			assert.equal(pool.queueSize, 0);
		});

		test(`${name}: when the pool is destroyed`, async t => {
			const {board, pool} = openBoard(t);
			const map = pool.map([{id: 1}, {id: 2}], {...options, name: 'heed'});
			const stream = pool.stream([{id: 3}, {id: 4}], {...options, name: 'heed'});
			const all = Promise.all([failure(map), failure(collect(stream))]);
			await board.saw(1);
			await pool.destroy();
			assert.deepEqual(
				(await all).map(({code}) => code),
				['ERR_POOL_CLOSED', 'ERR_POOL_CLOSED'],
			);
		});

		test(`${name}: when its iterable throws`, async t => {
			const {pool} = openBoard(t);
			const source = function* () {
				yield {message: 'an item'};
				throw new RangeError('no more');
			};
			assert.deepEqual(await failure(pool.map(source(), {...options, name: 'fail'})), new RangeError('no more'));
			const stream = pool.stream(source(), {...options, name: 'fail'});
			assert.deepEqual(await failure(collect(stream)), new RangeError('no more'));
		});

		test(`${name}: when no thread can be started`, async t => {
			const pool = new Pool({filename: fixture('work.js'), maxThreads: 1, execArgv: ['--no-such-flag']});
			t.after(() => pool.destroy());
			assert.equal((await failure(pool.map(range(0, 5000), options))).code, 'ERR_INVALID_ARG');
		});

		test(`${name}: a timeout ends one item only`, async t => {
			const {pool} = openBoard(t, {concurrentTasksPerWorker: 3});
			const tasks = [
				{id: 1, gate: 3},
				{id: 2, gate: 4},
				{id: 3, gate: 4},
			];
			const map = pool.map(tasks, {...options, name: 'heed', timeout: 5});
			if (options === settled) {
				assert.deepEqual((await map).map(word), Array(3).fill('ERR_TASK_TIMEOUT'));
			} else {
				assert.equal((await failure(map)).errors.length, 3);
			}
		});

		test(`${name}: an empty one is empty`, async t => {
			const {pool} = openBoard(t);
			assert.deepEqual(await pool.map([], options), []);
			assert.deepEqual(await collect(pool.stream([], options)), []);
			assert.equal(pool.threads.length, 0);
		});
	}

	test('all items fail: no result is left out', async t => {
		const {pool} = openBoard(t);
		const tasks = range(0, 200).map(id => ({message: `${id}`}));
		const results = await pool.map(tasks, {name: 'fail', settle: true});
		assert.deepEqual(
			results.map(({status, reason}) => [status, reason.message]),
			range(0, 200).map(id => ['rejected', `${id}`]),
		);
		assert.equal(pool.stats().online.rejected, 200);
	});

	test('a closed pool runs all items of a batch that has begun', async t => {
		const {pool} = openBoard(t);
		const map = pool.map(
			range(0, 300).map(id => (id % 2 ? {message: 'odd'} : null)),
			{name: 'fail', settle: true},
		);
		await pool.close();
		assert.equal(await state(map), 'fulfilled');
		assert.equal((await map).length, 300);
	});
});

describe('options of a batch', () => {
	test('are refused if they can not be', async t => {
		const {pool} = openBoard(t);
		const refused = {code: 'ERR_INVALID_ARG'};
		for (const options of [
			{settle: 1},
			{settle: 0},
			{stopOnError: 'no'},
			{settle: true, stopOnError: true},
			{setle: true},
		]) {
			await assert.rejects(pool.map([1], options), refused);
			await assert.rejects(pool.online.map([1], options), refused);
			assert.throws(() => pool.stream([1], options), refused);
		}

		await assert.rejects(pool.settle([1], {stopOnError: true}), {
			...refused,
			message: /^`stopOnError` must be false or left out with `settle`/,
		});
		await assert.rejects(pool.settle([1], 5), refused);
		await assert.rejects(pool.run(1, {settle: true}), refused);
		assert.deepEqual(await pool.settle([1], {stopOnError: false}), [
			{item: 1, index: 0, status: 'fulfilled', value: 1},
		]);
	});
});
