'use strict';

// `onProgress`: how far a map or a stream is. That of kernels is in `kernels/progress.test.js`.

const assert = require('node:assert/strict');
const {AsyncLocalStorage} = require('node:async_hooks');
const {after, describe, test} = require('node:test');
const {setImmediate: turn, setTimeout: sleep} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {collect, assertTold, failing} = require('../told.js');

const {Pool, compress, hash} = pLimit;

const range = length => Array.from({length}, (_, index) => index);

const readAll = async stream => {
	const results = [];
	for await (const result of stream) {
		results.push(result);
	}

	return results;
};

/** A generator, of which nobody knows how many items it has. */
const counting = function* (items) {
	yield* items;
};

/** Fails for every third item. */
const third = async item => {
	await sleep(1);
	if (item % 3 === 0) {
		throw new Error(`no ${item}`);
	}

	return item;
};

const pool = new Pool({filename: require.resolve('../pool/fixtures/work.js'), maxThreads: 1});
after(() => pool.destroy());

/** By name: runs `fn` for all items, with options. */
const ways = {
	settle: (items, fn, options) => pLimit(4).settle(items, fn, options),
	'map without stopOnError': (items, fn, options) => pLimit(4).map(items, fn, {...options, stopOnError: false}),
	'settle of tasks': (items, fn, options) => pLimit(4).with({timeout: 60_000}).settle(items, fn, options),
	stream: (items, fn, options) => readAll(pLimit(4).stream(items, fn, {...options, settle: true})),
	'stream of a generator': (items, fn, options) =>
		readAll(pLimit(4).stream(counting(items), fn, {...options, settle: true})),
	'stream of tasks, as they come': (items, fn, options) =>
		readAll(
			pLimit(4)
				.with({timeout: 60_000})
				.stream(items, fn, {...options, settle: true, ordered: false}),
		),
};

describe('items', () => {
	for (const [name, run] of Object.entries(ways)) {
		test(`of ${name} are counted`, async () => {
			const {told, options} = collect();
			await run(range(30), third, options).catch(error => {
				assert.equal(error.errors.length, 10);
			});
			assert.ok(told.length > 2);
			assertTold(told, {done: 30, failed: 10});
			const isKnown = name !== 'stream of a generator';
			assert.equal(told[0].total, isKnown ? 30 : undefined);
			assert.equal(told[0].eta === undefined, !isKnown);
		});
	}

	test('of a transform are counted', async () => {
		const {told, options} = collect();
		const {Readable} = require('node:stream');
		const doubled = Readable.from(range(20)).pipe(pLimit(2).transform(async item => item * 2 + 1, options));
		const results = await readAll(doubled);
		assert.equal(results.length, 20);
		assertTold(told, {done: 20});
	});

	test('of a pool are counted', async () => {
		for (const run of [
			options => pool.map(range(2000), options),
			options => pool.settle(range(100), options),
			options => readAll(pool.stream(range(100), options)),
			options => pool.map(range(100), {...options, limit: pLimit(4)}),
			options => readAll(pool.stream(range(100), {...options, limit: pLimit(4)})),
		]) {
			const {told, options} = collect();
			const results = await run(options);
			assertTold(told, {done: results.length});
		}
	});

	test('that failed in a pool are counted', async () => {
		const {told, options} = collect();
		const items = [1, () => {}, 2, () => {}]; // a function can't be sent
		const outcomes = await pool.settle(items, options);
		assert.equal(outcomes.filter(({status}) => status === 'rejected').length, 2);
		assertTold(told, {done: 4, failed: 2});
	});
});

describe('the function', () => {
	test('is called no more often than asked for, and at the end', async () => {
		const told = [];
		await pLimit(1).map(range(50), () => turn(), {
			onProgress: progress => told.push(progress),
			progressInterval: 60_000,
		});
		assert.deepEqual(
			told.map(({done}) => done),
			[50],
		);
	});

	test('is not called where there are no items', async () => {
		const {told, options} = collect();
		const limit = pLimit(1);
		assert.deepEqual(await limit.map([], third, options), []);
		assert.deepEqual(await readAll(limit.stream([], third, options)), []);
		assert.deepEqual(await readAll(limit.stream(counting([]), third, options)), []);
		assert.deepEqual(await hash.map('sha256', [], options), []);
		assert.deepEqual(await pool.map([], options), []);
		assert.deepEqual(await readAll(pool.stream([], options)), []);
		assert.deepEqual(told, []);
	});

	test('is called before the promise settles, and not after', async () => {
		const {told, options} = collect();
		await pLimit(2).map(range(5), () => turn(), options);
		const number = told.length;
		assert.equal(told.at(-1).done, 5);
		await sleep(20);
		assert.equal(told.length, number);
	});

	test('is called for the last time when the first item fails', async () => {
		const limit = pLimit(2);
		const {told, options} = collect();
		await assert.rejects(limit.map([1, 2, 3, 4, 5, 6], third, options), {message: 'no 3'});
		assert.equal(told.at(-1).failed, 1);
		const number = told.length;
		await limit.onIdle();
		await sleep(10);
		assert.equal(told.length, number);
	});

	test('runs in the context of the caller', async () => {
		const store = new AsyncLocalStorage();
		const seen = [];
		const options = {onProgress: () => seen.push(store.getStore()), progressInterval: 0};
		await store.run('map', () => pLimit(1).map(range(5), () => sleep(2), options));
		const stream = store.run('stream', () => pLimit(1).stream(range(5), () => sleep(2), options));
		await store.run('reader', () => readAll(stream));
		await store.run('pool', () => pool.map(range(5), options));
		await store.run('hash', () => hash.map('sha256', ['a', 'b'], options));
		assert.deepEqual([...new Set(seen)], ['map', 'stream', 'pool', 'hash']);
	});

	test('does not keep the process', async () => {
		const {run} = require('../script.js');
		const output = run(
			`
			const limit = pLimit({concurrency: 1});
			limit.map([1, 2], item => item === 1 ? undefined : new Promise(() => {}), {onProgress: () => {}, progressInterval: 60_000});
			console.log('ended');`,
			{isStuck: true},
		);
		assert.equal(output, 'ended');
	});
});

describe('an error of the function', () => {
	const slow = () => sleep(2);

	for (const [name, run, stopsAt] of [
		['map', (limit, options) => limit.map(range(200), slow, options), 1],
		['settle', (limit, options) => limit.settle(range(200), slow, options), 1],
		['settle of tasks', (limit, options) => limit.with({timeout: 60_000}).settle(range(200), slow, options), 1],
		['stream', (limit, options) => readAll(limit.stream(range(200), slow, options)), 1],
		['map at its end', (limit, options) => limit.map(range(3), slow, options), 3],
		['stream at its end', (limit, options) => readAll(limit.stream(range(3), slow, options)), 3],
	]) {
		test(`ends a ${name}, and the limit goes on`, async () => {
			const limit = pLimit(1);
			await assert.rejects(run(limit, failing(stopsAt)), {message: 'of the function'});
			const {granted} = limit.stats().online;
			assert.ok(granted < 200, `${granted}`);
			assert.equal(await limit(() => 'next'), 'next');
			await limit.onIdle();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});
	}

	test('ends a map and a stream of a pool', async () => {
		await assert.rejects(pool.map(range(100_000), failing(1)), {message: 'of the function'});
		await assert.rejects(readAll(pool.stream(range(100_000), failing(1))), {message: 'of the function'});
		await assert.rejects(pool.map([1], failing(1)), {message: 'of the function'});
		await assert.rejects(readAll(pool.stream([1], failing(1))), {message: 'of the function'});
		assert.equal(await pool.run('next'), 'next');
	});

	test('is not that of a call that has failed', async () => {
		await assert.rejects(pLimit(1).map([3], third, failing(1)), {message: 'no 3'});
	});
});

describe('options', () => {
	for (const [options, name] of [
		[{onProgress: 5}, 'onProgress'],
		[{onProgress() {}, progressInterval: -1}, 'progressInterval'],
		[{progressInterval: 'soon'}, 'progressInterval'],
	]) {
		test(`${name} that is wrong is refused by name`, async () => {
			const refused = {code: 'ERR_INVALID_ARG', message: new RegExp(`\`${name}\``)};
			await assert.rejects(pLimit(1).map([1], third, options), refused);
			await assert.rejects(pLimit(1).settle([1], third, options), refused);
			assert.throws(() => pLimit(1).stream([1], third, options), refused);
			await assert.rejects(pool.map([1], options), refused);
			assert.throws(() => pool.stream([1], options), refused);
			await assert.rejects(hash.map('sha256', ['a'], options), refused);
			await assert.rejects(compress.map('gzip', ['a'], options), refused);
		});
	}
});
