'use strict';

// What is refused, how it is said, and that nothing changes by it.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Pool, move} = require('p-lanes');
const lists = require('../../lib/pool/options.js');
const {fixture, open, openBoard} = require('./helpers.js');

const filename = fixture('work.js');

const refusal = message => ({name: 'InvalidArgError', code: 'ERR_INVALID_ARG', message});

describe('options of a pool that are refused', () => {
	for (const [options, message] of [
		[null, '`options` must be an object, got null'],
		[2, '`options` must be an object, got 2'],
		[{filename: 1}, '`filename` must be a path or a URL of a module, got 1'],
		[{filename: ''}, "`filename` must be a path or a URL of a module, got ''"],
		[{name: 1}, '`name` must be the name of an exported function, got 1'],
		[{name: ''}, "`name` must be the name of an exported function, got ''"],
		[{maxThreads: 0}, '`maxThreads` must be a whole number from 1 to 1024, got 0'],
		[{maxThreads: 1.5}, '`maxThreads` must be a whole number from 1 to 1024, got 1.5'],
		[{maxThreads: '2'}, "`maxThreads` must be a whole number from 1 to 1024, got '2'"],
		[{maxThreads: 1025}, '`maxThreads` must be a whole number from 1 to 1024, got 1025'],
		[{minThreads: -1}, '`minThreads` must be a whole number from 0 to 1024, got -1'],
		[{minThreads: 3, maxThreads: 2}, '`minThreads` must be a whole number from 0 to 2, got 3'],
		[{idleTimeout: -1}, '`idleTimeout` must be a number of milliseconds from 0 to 2147483647, or Infinity, got -1'],
		[{idleTimeout: '1'}, "`idleTimeout` must be a number of milliseconds from 0 to 2147483647, or Infinity, got '1'"],
		[{startTimeout: 0}, '`startTimeout` must be a number of milliseconds from 1 to 2147483647, or Infinity, got 0'],
		[{startTimeout: '1'}, "`startTimeout` must be a number of milliseconds from 1 to 2147483647, or Infinity, got '1'"],
		[{closeTimeout: -1}, '`closeTimeout` must be a number of milliseconds from 0 to 2147483647, or Infinity, got -1'],
		[
			{closeTimeout: Number.NaN},
			'`closeTimeout` must be a number of milliseconds from 0 to 2147483647, or Infinity, got NaN',
		],
		[{abortGrace: -1}, '`abortGrace` must be a number of milliseconds from 0 to 2147483647, got -1'],
		[{abortGrace: Number.NaN}, '`abortGrace` must be a number of milliseconds from 0 to 2147483647, got NaN'],
		[{maxQueue: -1}, "`maxQueue` must be a whole number from 0, Infinity or 'auto', got -1"],
		[{maxQueue: 'all'}, "`maxQueue` must be a whole number from 0, Infinity or 'auto', got 'all'"],
		[{concurrentTasksPerWorker: 0}, '`concurrentTasksPerWorker` must be a whole number from 1 to 1048576, got 0'],
		[
			{concurrentTasksPerWorker: 2 ** 32},
			'`concurrentTasksPerWorker` must be a whole number from 1 to 1048576, got 4294967296',
		],
		[{reserve: 1025}, "`reserve` must be a whole number from 0 to 1024 or 'auto', got 1025"],
		[{reserve: -1}, "`reserve` must be a whole number from 0 to 1024 or 'auto', got -1"],
		[{reserve: 'all'}, "`reserve` must be a whole number from 0 to 1024 or 'auto', got 'all'"],
		[{niceIncrement: 20}, '`niceIncrement` must be a whole number from 0 to 19, got 20'],
		[{niceIncrement: -1}, '`niceIncrement` must be a whole number from 0 to 19, got -1'],
		[{offlineShare: 1.1}, '`offlineShare` must be a number from 0 to 1, got 1.1'],
		[{offlineShare: Number.NaN}, '`offlineShare` must be a number from 0 to 1, got NaN'],
		[{resourceLimits: 1}, '`resourceLimits` must be an object, got 1'],
		[{env: 'all'}, "`env` must be an object or SHARE_ENV, got 'all'"],
		[{argv: 'a'}, "`argv` must be an array, got 'a'"],
		[{execArgv: '--x'}, "`execArgv` must be an array of strings, got '--x'"],
		[{execArgv: [1]}, '`execArgv` must be an array of strings, got [ 1 ]'],
	]) {
		test(message, () => {
			assert.throws(
				() => new Pool(options === null || typeof options !== 'object' ? options : {minThreads: 1, ...options}),
				refusal(message),
			);
		});
	}

	test('a URL of a kind that no worker can import', () => {
		for (const given of [new URL('https://example.org/a.js'), new URL('file://host/a.js')]) {
			assert.throws(() => new Pool({filename: given}), {
				code: 'ERR_INVALID_ARG',
				message: /^`filename` must be a path, or a file:, data: or node: URL of a module \(.*\), got /s,
			});
		}
	});

	test('`workerData` that can not be cloned', () => {
		assert.throws(() => new Pool({filename, minThreads: 1, workerData: {list: [() => {}]}}), {
			code: 'ERR_NOT_CLONEABLE',
			message: "`workerData.list[0]` can't be sent to another thread: it is a function",
		});
	});
});

/** Options that all of `run`, `map` and `stream` take. */
const common = [
	[null, '`options` must be an object, got null'],
	['a', "`options` must be an object, got 'a'"],
	[{name: ''}, "`name` must be the name of an exported function, got ''"],
	[{filename: 7}, '`filename` must be a path or a URL of a module, got 7'],
	[{lane: 'express'}, "`lane` must be 'online' or 'offline', got 'express'"],
	[{signal: {}}, '`signal` must be an AbortSignal, got {}'],
	[{timeout: 0}, '`timeout` must be a number of milliseconds from 1 to 2147483647, got 0'],
	[
		{timeout: Number.POSITIVE_INFINITY},
		'`timeout` must be a number of milliseconds from 1 to 2147483647, got Infinity',
	],
];

const many = [
	...common,
	[
		{transferList: []},
		'`transferList` must be left to `run`; an item to be handed over is wrapped in `move()`, got []',
	],
];

const cases = {
	run: [
		...common,
		[{transferList: 'a'}, "`transferList` must be an array of objects that can be transferred, got 'a'"],
		[{transferList: {}}, '`transferList` must be an array of objects that can be transferred, got {}'],
	],
	map: many,
	stream: [
		...many,
		[{ordered: 1}, '`ordered` must be a boolean, got 1'],
		[{highWaterMark: 0}, '`highWaterMark` must be a whole number from 1 or more, got 0'],
		[{highWaterMark: 1.5}, '`highWaterMark` must be a whole number from 1 or more, got 1.5'],
	],
};

for (const [method, refused] of Object.entries(cases)) {
	describe(`options of ${method} that are refused`, () => {
		for (const [options, message] of refused) {
			test(message, async t => {
				const pool = open(t);
				for (const lane of [pool, pool.online, pool.offline]) {
					if (lane === pool || options?.lane === undefined) {
						await assert.rejects(async () => lane[method]([1], options), refusal(message));
					} else {
						lane.stream([], options); // a lane knows which it is
					}
				}

				assert.equal(pool.threads.length, 0);
				assert.equal(pool.queueSize, 0);
			});
		}
	});
}

describe('`null` stands for an option that is not given', () => {
	const nullFor = names => Object.fromEntries([...names].map(name => [name, null]));
	const ways = {
		run: (pool, options) => pool.run(1, options),
		map: async (pool, options) => (await pool.map([1], options))[0],
		stream: async (pool, options) => (await pool.stream([1], options).next()).value,
	};

	test('to a pool', async t => {
		const {filename: _, workerData: __, maxThreads: ___, ...others} = nullFor(lists.poolNames);
		const pool = open(t, others);
		const {filename: file, maxThreads, ...expected} = open(t, {reserve: undefined}).options;
		assert.deepEqual(pool.options, {filename: file, maxThreads, ...expected});
		assert.equal(await pool.run(1), 1);
		assert.equal(new Pool({maxThreads: null}).maxThreads, new Pool().maxThreads);
		await assert.rejects(new Pool({filename: null}).run(1), refusal(/^`filename` must be given/));
	});

	test('except for `workerData`', async t => {
		const pool = open(t, {workerData: null});
		assert.equal((await pool.run(0, {name: 'environment'})).workerData, null);
	});

	test('in `resourceLimits`', t => {
		const pool = open(t, {resourceLimits: {stackSizeMb: 4, codeRangeSizeMb: null}});
		assert.deepEqual(pool.options.resourceLimits, {stackSizeMb: 4});
	});

	for (const [method, call] of Object.entries(ways)) {
		test(`to ${method}`, async t => {
			const pool = open(t);
			const names = method === 'stream' ? lists.streamNames : lists.runNames;
			for (const lane of [pool, pool.online, pool.offline]) {
				assert.equal(await call(lane, nullFor(names)), 1);
				for (const name of names) {
					assert.equal(await call(lane, {[name]: null}), 1, name);
				}
			}

			assert.equal(await call(pool, {unknown: null}), 1);
		});
	}

	test('to close', async t => {
		await open(t).close({force: null});
	});
});

describe('arguments that are refused', () => {
	test('the iterable of a map', async t => {
		const pool = open(t);
		for (const given of [undefined, null, 1, {}, {length: 1}]) {
			await assert.rejects(pool.map(given), {
				code: 'ERR_INVALID_ARG',
				message: /^`iterable` must be an iterable or an async iterable, got /,
			});
		}

		assert.equal(pool.threads.length, 0);
	});

	test('the source of a stream, at the call', t => {
		const pool = open(t);
		for (const given of [undefined, null, 1, {}]) {
			assert.throws(() => pool.stream(given), {
				code: 'ERR_INVALID_ARG',
				message: /^`source` must be an iterable or an async iterable, got /,
			});
		}
	});

	test('what can not be moved', () => {
		for (const given of [undefined, null, 1, 'text', () => {}]) {
			assert.throws(() => move(given), {
				code: 'ERR_INVALID_ARG',
				message: /^`value` must be an object that can be transferred, got /,
			});
		}
	});

	test('how to close', async t => {
		const pool = open(t);
		await assert.rejects(pool.close({force: 1}), refusal('`force` must be a boolean, got 1'));
		await assert.rejects(pool.close(null), refusal('`options` must be an object, got null'));
		assert.equal(await pool.run(1), 1, 'it is not closed');
	});

	for (const [options, message] of [
		[{resourceLimits: []}, /^`resourceLimits` must be an object of numbers, got \[\]$/],
		[{resourceLimits: {stackSizeMb: '4'}}, /^`resourceLimits.stackSizeMb` must be a number above 0, got '4'$/],
		[{resourceLimits: {stackSizeMb: -5}}, /^`resourceLimits.stackSizeMb` must be a number above 0, got -5$/],
		[{env: {A: Symbol('a')}}, /^`env.A` must be a string, got Symbol\(a\)$/],
	]) {
		test(`${Object.keys(options)}: ${message}`, () => {
			assert.throws(() => new Pool(options), {code: 'ERR_INVALID_ARG', message});
		});
	}

	test('`workerData` is that of the time the pool was made', async t => {
		const workerData = {says: 'then'};
		const pool = open(t, {filename: fixture('data.js'), workerData});
		workerData.says = () => 'later';
		assert.deepEqual(await pool.run(), {says: 'then'});
	});

	test('flags that Node refuses reject the jobs', async t => {
		const pool = open(t, {execArgv: ['--no-such-flag']});
		const refused = {
			code: 'ERR_INVALID_ARG',
			message: "`execArgv` must be flags that a worker thread takes, got [ '--no-such-flag' ]",
		};
		await assert.rejects(pool.run(1), refused);
		assert.equal(pool.queueSize, 0);
		assert.equal(pool.threads.length, 0);
		await assert.rejects(pool.run(1), refused);
	});

	test('a refused call leaves what runs and waits as it was', async t => {
		const {board, pool} = openBoard(t);
		const running = pool.run({id: 1, gate: 3}, {name: 'hold'});
		const waiting = pool.run(2);
		await board.saw(1);
		await assert.rejects(pool.run(1, {lane: 'express'}), {code: 'ERR_INVALID_ARG'});
		await assert.rejects(
			pool.run(() => {}),
			{code: 'ERR_NOT_CLONEABLE'},
		);
		assert.equal(pool.queueSize, 1);
		assert.equal(pool.stats().online.active, 1);
		board.open(3);
		await running;
		assert.equal(await waiting, 2);
	});
});
