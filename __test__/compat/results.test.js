'use strict';

// What a function gets, what its caller gets, and that nothing that a function does keeps its slot.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, noop, task} = require('./packages.js');

forEachPackage(({pLimit}) => {
	describe('results', () => {
		test('any number of arguments is passed on', async () => {
			const limit = pLimit(2);
			for (const args of [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [undefined], [undefined, undefined]]) {
				assert.deepEqual(await limit((...given) => given, ...args), args);
			}
		});

		test('a synchronous throw is a rejection and the queue goes on', async () => {
			const limit = pLimit(1);
			const bad = limit(() => {
				throw new RangeError('sync');
			});
			const good = limit(() => 'good');
			await assert.rejects(bad, RangeError);
			assert.equal(await good, 'good');
			assert.equal(limit.activeCount, 0);
		});

		test('a throw of undefined is a rejection, too', async () => {
			const limit = pLimit(1);
			const bad = limit(() => {
				throw undefined;
			});
			assert.equal(
				await bad
					.then(
						() => 'fulfilled',
						error => [error],
					)
					.then(String),
				'',
			);
			assert.equal(limit.activeCount, 0);
		});

		test('a value that is no function gives a rejected TypeError and the queue goes on', async () => {
			const limit = pLimit(1);
			for (const fn of [undefined, null, 1, 'a', {}]) {
				await assert.rejects(limit(fn), TypeError);
			}

			assert.equal(await limit(() => 'good'), 'good');
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});

		test('a returned thenable is adopted, its `then` called once', async () => {
			const limit = pLimit(1);
			let calls = 0;
			const next = task();
			const first = limit(() => ({
				// biome-ignore lint/suspicious/noThenProperty: this is the subject
				then(resolve) {
					calls++;
					setImmediate(resolve, 'adopted');
				},
			}));
			const second = limit(next.run);
			await Promise.resolve();
			assert.ok(!next.started);
			assert.equal(await first, 'adopted');
			assert.equal(calls, 1);
			assert.ok(next.started);
			next.resolve();
			await second;
		});

		test('a thenable that throws is a rejection', async () => {
			const limit = pLimit(1);
			await assert.rejects(
				limit(() => ({
					// biome-ignore lint/suspicious/noThenProperty: this is the subject
					get then() {
						throw new Error('then');
					},
				})),
				{message: 'then'},
			);
			assert.equal(limit.activeCount, 0);
		});

		test('a promise of a subclass is adopted', async () => {
			class Mine extends Promise {}
			const limit = pLimit(1);
			const result = limit(() => new Mine(resolve => setImmediate(resolve, 1)));
			assert.equal(Object.getPrototypeOf(result), Promise.prototype);
			assert.equal(await result, 1);
			assert.equal(limit.activeCount, 0);
		});

		const Deferred = class extends Promise {
			constructor() {
				let fulfil;
				super(resolve => {
					fulfil = resolve;
				});
				this.fulfil = fulfil;
			}
		};
		const deferred = () => {
			const promise = new Deferred();
			promise.fulfil(1);
			return promise;
		};
		const withThen = then => Object.defineProperty(Promise.resolve(1), 'then', {get: then});
		for (const [kind, make] of [
			['of a class whose constructor ignores its executor', deferred],
			[
				'with a `then` that throws',
				() =>
					withThen(() => {
						throw new Error('then');
					}),
			],
			['with a constructor that is none', () => Object.assign(Promise.resolve(1), {constructor: 1})],
			[
				'that throws for its species',
				() =>
					Object.assign(Promise.resolve(1), {
						constructor: {
							get [Symbol.species]() {
								throw new Error('species');
							},
						},
					}),
			],
			['behind a proxy', () => new Proxy(Promise.resolve(1), {})],
			['by its prototype only', () => Object.create(Promise.prototype)],
		]) {
			test(`a promise ${kind} keeps no slot, in a call or a map`, async () => {
				const limit = pLimit({concurrency: 1, rejectOnClear: true});
				const task = make =>
					limit(make).then(
						() => 'settled',
						() => 'settled',
					);
				const map = make =>
					limit.map([1, 2], make).then(
						() => 'settled',
						() => 'settled',
					);
				const pending = turn()
					.then(turn)
					.then(() => 'pending');
				const outcomes = [Promise.race([task(make), pending]), Promise.race([map(make), pending])];
				const last = limit(() => 'last');
				assert.deepEqual(await Promise.all(outcomes), ['settled', 'settled']);
				assert.equal(await last, 'last');
				assert.equal(limit.activeCount, 0);
			});
		}

		test('the result is a native promise', () => {
			const result = pLimit(1)(noop);
			assert.equal(Object.getPrototypeOf(result), Promise.prototype);
			assert.equal(result.constructor, Promise);
		});

		test('`this` is undefined in the function', async () => {
			const limit = pLimit(1);
			for (const args of [[], [1], [1, 2], [1, 2, 3]]) {
				assert.equal(
					await limit(
						function () {
							return this;
						},
						...args,
					),
					undefined,
				);
			}
		});

		test('`this` is undefined in a mapper', async () => {
			assert.deepEqual(
				await pLimit(1).map([1, 2], function () {
					return this;
				}),
				[undefined, undefined],
			);
		});
	});
});
