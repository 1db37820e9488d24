'use strict';

const assert = require('node:assert/strict');
const {AsyncLocalStorage} = require('node:async_hooks');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick, setTimeout: delay} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {collect, deferred} = require('./helpers.js');

/** Counts what was pulled from it, and whether it was returned. */
const counted = (size, {isAsync = false} = {}) => {
	const source = {pulled: 0, returned: 0};
	const step = () => (source.pulled < size ? {done: false, value: source.pulled++} : {done: true, value: undefined});
	const iterator = {
		next: () => (isAsync ? Promise.resolve(step()) : step()),
		return: () => {
			source.returned++;
			return isAsync ? Promise.resolve({done: true}) : {done: true};
		},
	};
	source[isAsync ? Symbol.asyncIterator : Symbol.iterator] = () => iterator;
	return source;
};

const kinds = [
	['a sync source', {isAsync: false}],
	['an async source', {isAsync: true}],
];

describe('stream', () => {
	for (const [name, kind] of kinds) {
		describe(name, () => {
			test('results in order', async () => {
				const limit = pLimit(4);
				const results = await collect(limit.stream(counted(50, kind), async x => delay((x * 7) % 5, x * 2)));
				assert.deepEqual(
					results,
					Array.from({length: 50}, (_, x) => x * 2),
				);
				assert.equal(limit.activeCount, 0);
			});

			test('as completed', async () => {
				const limit = pLimit(3);
				const results = await collect(limit.stream(counted(3, kind), x => delay(20 - x * 9, x), {ordered: false}));
				assert.deepEqual(results, [2, 1, 0]);
			});

			test('pulls at most concurrency + highWaterMark beyond what is taken', async () => {
				const limit = pLimit(3);
				const source = counted(1_000_000, kind);
				let taken = 0;
				for await (const result of limit.stream(source, async x => x, {highWaterMark: 2})) {
					assert.equal(result, taken);
					taken++;
					await tick();
					assert.ok(source.pulled - taken <= 5, `${source.pulled} pulled, ${taken} taken`);
					if (taken === 100) {
						break;
					}
				}

				assert.equal(source.returned, 1);
			});

			test('nothing is pulled before a result is asked for', async () => {
				const source = counted(5, kind);
				const stream = pLimit(2).stream(source, x => x);
				await tick();
				assert.equal(source.pulled, 0);
				await stream.return();
				assert.deepEqual([source.pulled, source.returned], [0, 1]);
			});

			test('an error comes in its place, stops the rest and returns the source', async () => {
				const limit = pLimit(2);
				const source = counted(100, kind);
				const taken = [];
				const run = async () => {
					for await (const x of limit.stream(source, async x => {
						await tick();
						if (x === 5) {
							throw new Error('five');
						}

						return x;
					})) {
						taken.push(x);
					}
				};
				await assert.rejects(run(), /five/);
				assert.deepEqual(taken, [0, 1, 2, 3, 4]);
				assert.equal(source.returned, 1);
				await limit.onIdle();
				assert.ok(source.pulled < 15);
			});

			test('stopOnError false: all others, then all errors', async () => {
				const stream = pLimit(2).stream(
					counted(4, kind),
					async x => {
						if (x % 2 === 1) {
							throw new Error(`odd ${x}`);
						}

						return x;
					},
					{stopOnError: false},
				);
				const taken = [];
				const run = async () => {
					for await (const x of stream) {
						taken.push(x);
					}
				};
				const error = await run().catch(error => error);
				assert.ok(error instanceof AggregateError);
				assert.deepEqual(
					error.errors.map(({message}) => message),
					['odd 1', 'odd 3'],
				);
				assert.deepEqual(taken, [0, 2]);
			});

			for (const [ordered, expected] of [
				[true, ['1', '2']],
				[false, ['2', '1']],
			]) {
				test(`stopOnError false, ordered ${ordered}: errors come as their results would`, async () => {
					const second = deferred();
					const stream = pLimit(2).stream(
						counted(3, kind),
						async x => {
							if (x === 1) {
								await second.promise;
							}

							if (x > 0) {
								second.resolve();
								throw new Error(`${x}`);
							}
						},
						{ordered, stopOnError: false},
					);
					const {errors} = await collect(stream).catch(error => error);
					assert.deepEqual(
						errors.map(({message}) => message),
						expected,
					);
				});
			}

			test('abort: rejects at once with the reason', async () => {
				const limit = pLimit(2);
				const {promise, resolve} = deferred();
				const controller = new AbortController();
				const source = counted(100, kind);
				const stream = limit.stream(source, () => promise, {signal: controller.signal});
				const first = stream.next();
				await tick();
				controller.abort('enough');
				await assert.rejects(first, error => error === 'enough');
				assert.deepEqual(await stream.next(), {done: true, value: undefined});
				assert.equal(source.returned, 1);
				assert.equal(limit.pendingCount, 0);
				assert.equal(limit.activeCount, 2, 'what runs goes on');
				resolve();
				await limit.onIdle();
				assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
			});
		});
	}

	test('abort between results: the next one rejects', async () => {
		const controller = new AbortController();
		const stream = pLimit(1).stream([1, 2, 3], x => x, {signal: controller.signal});
		assert.deepEqual(await stream.next(), {done: false, value: 1});
		const reason = new Error('enough');
		controller.abort(reason);
		await assert.rejects(stream.next(), reason);
		assert.equal((await stream.next()).done, true);
	});

	test('a source that throws: what came before is given out', async () => {
		const source = (function* () {
			yield 1;
			yield 2;
			throw new Error('source');
		})();
		const taken = [];
		const run = async () => {
			for await (const x of pLimit(1).stream(source, x => x)) {
				taken.push(x);
			}
		};
		await assert.rejects(run(), /source/);
		assert.deepEqual(taken, [1, 2]);
	});

	test('items that are promises, of whatever kind, are waited for', async () => {
		const thenable = {
			// biome-ignore lint/suspicious/noThenProperty: it is what this is about
			then(resolve) {
				resolve('thenable'); // and gives nothing
			},
		};
		const taken = [];
		for await (const x of pLimit(1).stream([Promise.resolve('promise'), thenable], x => x)) {
			taken.push(x);
		}

		assert.deepEqual(taken, ['promise', 'thenable']);
	});

	test('an item that rejects: what came before is given out, and the source is told', async () => {
		let ended = 0;
		const source = (function* () {
			try {
				yield 1;
				yield Promise.reject(new Error('item'));
				assert.fail('it was asked for more');
			} finally {
				ended++;
			}
		})();
		const stream = pLimit(1).stream(source, x => x);
		assert.deepEqual(await stream.next(), {done: false, value: 1});
		await assert.rejects(stream.next(), /item/);
		assert.equal(ended, 1);
	});

	test('an iterator that gives no objects', async () => {
		for (const answer of [undefined, 5]) {
			for (const next of [() => answer, async () => answer]) {
				const stream = pLimit(1).stream({[Symbol.asyncIterator]: () => ({next})}, x => x);
				await assert.rejects(stream.next(), {
					code: 'ERR_INVALID_ARG',
					message: /^`source` must be .*got (5|undefined)$/,
				});
			}
		}
	});

	test('paused, resumed, cleared', async () => {
		const limit = pLimit(2);
		const stream = limit.stream([1, 2, 3, 4], async x => x);
		limit.pause();
		const first = stream.next();
		await tick();
		assert.equal(limit.activeCount, 0);
		limit.resume();
		assert.deepEqual(await first, {done: false, value: 1});
		limit.pause();
		const rest = collect(stream);
		await tick();
		limit.clearQueue();
		limit.resume();
		await rest.catch(error => assert.equal(error.name, 'AbortError'));
		await limit.onIdle();
	});

	test('shares the limit with everybody', async () => {
		const limit = pLimit(4);
		let running = 0;
		let most = 0;
		const work = async x => {
			most = Math.max(most, ++running);
			await tick();
			running--;
			return x;
		};
		const [streamed, mapped] = await Promise.all([
			collect(limit.offline.stream(counted(40), work)),
			limit.map(Array.from({length: 40}), work),
		]);
		assert.equal(streamed.length + mapped.length, 80);
		assert.equal(most, 4);
	});

	test('several may be asked for at a time', async () => {
		const stream = pLimit(2).stream([1, 2, 3], x => delay(1, x));
		const all = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
		assert.deepEqual(
			all.map(({value}) => value),
			[1, 2, 3, undefined],
		);
	});

	test('the mapper runs in the context of the call', async () => {
		const storage = new AsyncLocalStorage();
		const stream = storage.run('own', () => pLimit(1).stream([1, 2, 3], () => storage.getStore()));
		assert.deepEqual(await collect(stream), ['own', 'own', 'own']);
	});

	test('no concurrency is no reason to pull all', async () => {
		const source = counted(1e9);
		for await (const x of pLimit(Number.POSITIVE_INFINITY).stream(source, x => x)) {
			if (x === 10) {
				break;
			}
		}

		assert.ok(source.pulled < 100);
	});

	test('no concurrency and a highWaterMark of 0: one item at a time', async () => {
		const source = counted(3);
		const taken = [];
		for await (const x of pLimit(Number.POSITIVE_INFINITY).stream(source, x => x, {highWaterMark: 0})) {
			taken.push(x);
			assert.ok(source.pulled <= taken.length + 1);
		}

		assert.deepEqual(taken, [0, 1, 2]);
	});

	test('bad arguments', () => {
		const limit = pLimit(1);
		for (const [args, message] of [
			[[1, x => x], /^`source` must be iterable or async iterable, got 1$/],
			[[[], 1], /^`mapper` must be a function, got 1$/],
			[[[], x => x, {ordered: 1}], /^`ordered` must be a boolean, got 1$/],
			[[[], x => x, {highWaterMark: -1}], /^`highWaterMark` must be a whole number from 0 or more, got -1$/],
			[[[], x => x, {signal: 1}], /^`signal` must be an AbortSignal, got 1$/],
		]) {
			assert.throws(() => limit.stream(...args), {code: 'ERR_INVALID_ARG', message});
		}
	});
});
