'use strict';

// In which async contexts a pool runs the code that a caller hands over, in its own thread and in workers.

const assert = require('node:assert/strict');
const {once} = require('node:events');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {Pool} = require('p-lanes');
const {failure, fixture, open} = require('../pool/helpers.js');
const {Places, pause, sources} = require('./helpers.js');

/** More than the jobs of a map or stream that are in the pool at a time. */
const LENGTH = 150;

const assertOwned = (places, ...expected) => {
	assert.deepEqual(places.seen, Object.fromEntries(expected.map(place => [place, 'owner'])));
};

/** A pool whose threads and doorbell were made by another user, who keeps it busy. */
const usedByStranger = async (t, places, options) => {
	const pool = await places.as('stranger', async () => {
		const pool = open(t, {maxThreads: 2, ...options});
		await pool.run(0);
		return pool;
	});
	const busy = places.as('stranger', () => Promise.all(Array.from({length: 100}, (_, id) => pool.run(id))));
	return {pool, busy};
};

/** A task with a getter, which runs when the task is copied. */
const taskOf = (places, index) => ({
	get id() {
		places.note('getter');
		return index;
	},
});

const begunOf = kind => (kind === 'iterator that enters' ? ['begin'] : kind === 'iterator of promises' ? ['then'] : []);

describe('a source sees the context of its call, and so do the getters of its items', () => {
	for (const [kind, sourceOf] of Object.entries(sources)) {
		// An item is copied as soon as `next()` has given it, in the context that `next()` has entered.
		const hasGetters = kind !== 'iterator that enters';
		const itemOf = (places, index) => (hasGetters ? taskOf(places, index) : {id: index});
		const expected = hasGetters ? [...begunOf(kind), 'next', 'getter'] : [...begunOf(kind), 'next'];
		for (const limited of [false, true]) {
			const given = () => (limited ? {limit: pLimit(2)} : {});

			test(`in a stream, ${kind}, read to the end in another context, ${limited ? 'with' : 'without'} a limit`, async t => {
				const places = new Places();
				const {pool, busy} = await usedByStranger(t, places);
				const stream = places.as('owner', () =>
					pool.stream(
						sourceOf(places, LENGTH, index => itemOf(places, index)),
						given(),
					),
				);
				const results = await places.as('reader', async () => {
					const all = [];
					for await (const result of stream) {
						all.push(result.id);
					}

					return all;
				});
				await busy;
				assert.deepEqual(
					results,
					Array.from({length: LENGTH}, (_, index) => index),
				);
				const ended = kind.includes('generator') ? ['return'] : [];
				assertOwned(places, ...expected, ...ended);
			});

			for (const [end, leave] of [
				['left', (_, stream) => stream.return()],
				['aborted', (places, _stream, controller) => places.as('stranger', () => controller.abort())],
				['failed', () => {}],
			]) {
				test(`in a stream, ${kind}, ${end}, ${limited ? 'with' : 'without'} a limit`, async t => {
					const places = new Places();
					const {pool, busy} = await usedByStranger(t, places);
					const controller = new AbortController();
					const itemOrBad = index => (end === 'failed' && index === 20 ? () => {} : itemOf(places, index));
					const stream = places.as('owner', () =>
						pool.stream(sourceOf(places, LENGTH, itemOrBad), {signal: controller.signal, ...given()}),
					);
					await places.as('reader', async () => {
						await stream.next();
						await leave(places, stream, controller);
						for (let i = 0; i < 25; i++) {
							await stream.next().catch(() => {});
						}
					});
					await busy;
					for (let i = 0; i < 5; i++) {
						await pause();
					}

					assertOwned(places, ...expected, 'return');
				});
			}
		}
	}

	for (const end of ['to the end', 'aborted', 'failed']) {
		test(`in a map, ${end}`, async t => {
			const places = new Places();
			const {pool, busy} = await usedByStranger(t, places);
			const controller = new AbortController();
			const itemOf = index => {
				if (index === 100 && end === 'aborted') {
					places.as('stranger', () => controller.abort());
				}

				return index === 100 && end === 'failed' ? () => {} : taskOf(places, index);
			};
			const source = sources.generator(places, LENGTH, itemOf);
			const mapped = places.as('owner', () => pool.map(source, {signal: controller.signal}));
			await (end === 'to the end' ? mapped : failure(mapped));
			await busy;
			assertOwned(places, 'next', 'getter', 'return');
		});
	}
});

describe('a listener sees the context in which it was added', () => {
	test('of every way to add it, and is called as in Node', async t => {
		const places = new Places();
		const {pool, busy} = await usedByStranger(t, places, {maxThreads: 1, maxQueue: 1000});
		await busy;
		const ways = ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener'];
		const called = [];
		for (const way of ways) {
			places.as('owner', () =>
				pool[way]('message', function (message) {
					places.enter(way);
					called.push([way, message, this === pool]);
				}),
			);
		}

		for (const message of ['first', 'second']) {
			const got = once(pool, 'message');
			places.as('stranger', () => {
				pool.threads[0].emit('message', message);
			});
			await got;
		}

		assertOwned(places, ...ways);
		const order = ['prependOnceListener', 'prependListener', 'on', 'addListener', 'once'];
		const staying = ['prependListener', 'on', 'addListener'];
		assert.deepEqual(called, [...order.map(way => [way, 'first', true]), ...staying.map(way => [way, 'second', true])]);
	});

	test('and is removed, listed and told of by its own function', t => {
		const pool = open(t);
		const told = [];
		pool.on('newListener', (event, listener) => told.push(['new', event, listener]));
		pool.on('removeListener', (event, listener) => told.push(['removed', event, listener]));
		told.length = 0;
		for (const way of ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener']) {
			const listener = () => {};
			assert.equal(pool[way]('drain', listener), pool);
			assert.deepEqual(pool.listeners('drain'), [listener]);
			assert.equal(pool.listenerCount('drain', listener), 1);
			assert.equal(pool.off('drain', listener), pool);
			assert.equal(pool.listenerCount('drain'), 0);
			assert.deepEqual(told.splice(0), [
				['new', 'drain', listener],
				['removed', 'drain', listener],
			]);
		}

		for (const way of ['on', 'once']) {
			assert.throws(() => pool[way]('drain', 'no function'), {code: 'ERR_INVALID_ARG_TYPE'});
		}
	});

	test('of each event that a pool has', async () => {
		const places = new Places();
		const names = ['workerCreate', 'workerDestroy', 'needsDrain', 'drain', 'error'];
		const pool = places.as('stranger', () => new Pool({filename: fixture('work.js'), maxThreads: 1, maxQueue: 0}));
		for (const name of names) {
			places.as('owner', () => pool.on(name, () => places.note(name)));
		}

		await places.as('stranger', () => pool.run(1));
		const [thread] = pool.threads;
		await places.as('stranger', async () => {
			const failed = once(pool, 'error');
			thread.emit('error', new Error('lost'));
			await thread.terminate();
			await failed;
			await pool.destroy();
		});
		await pause();
		assertOwned(places, ...names);
	});
});

describe('a job in a worker', () => {
	for (const name of ['enter', 'enterLater']) {
		for (const concurrentTasksPerWorker of [1, 3]) {
			test(`sees no context of another job or of setup: ${name}, ${concurrentTasksPerWorker} at a time`, async t => {
				const pool = open(t, {filename: fixture('entering.js'), concurrentTasksPerWorker});
				const all = Array.from({length: 20}, (_, id) => id);
				const results = await Promise.all(all.map(id => pool.run(id, {name})));
				assert.deepEqual(new Set(results), new Set([undefined]));
				assert.equal(await pool.run(1, {name}), undefined);
				// Moved tasks take another way into the worker.
				assert.equal(await pool.run(new SharedArrayBuffer(1), {name}), undefined);
				assert.deepEqual(new Set(await pool.map(all.concat(all, all, all, all), {name})), new Set([undefined]));
			});
		}
	}

	test('nor of one that failed', async t => {
		const pool = open(t, {filename: fixture('entering.js')});
		for (const id of [1, 2, 3]) {
			assert.equal((await failure(pool.run(id, {name: 'enterAndFail'}))).message, 'in undefined');
		}

		assert.equal(await pool.run(4, {name: 'enter'}), undefined);
	});
});
