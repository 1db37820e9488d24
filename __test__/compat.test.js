'use strict';

// Every line of what a drop-in for p-limit must reproduce, run against p-limit itself and against p-lanes.

const assert = require('node:assert/strict');
const {AsyncLocalStorage, executionAsyncId, createHook} = require('node:async_hooks');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');

const noop = () => {};

/** A task that runs until it is told to end. */
const task = () => {
	const one = {started: false};
	one.promise = new Promise((resolve, reject) => {
		Object.assign(one, {resolve, reject});
	});
	one.run = () => {
		one.started = true;
		return one.promise;
	};

	return one;
};

const main = async () => {
	const lanes = require('p-lanes');
	const original = await import('p-limit');

	// A reserve of 0 makes a lane as wide as its limit.
	const only = lane => options =>
		lanes({reserve: 0, ...(typeof options === 'number' ? {concurrency: options} : options)})[lane];

	const packages = [
		['p-limit', original.default, original.limitFunction],
		['p-lanes', lanes, lanes.limitFunction],
		['p-lanes, its online lane', only('online'), lanes.limitFunction],
		['p-lanes, its offline lane', only('offline'), lanes.limitFunction],
	];

	for (const [name, pLimit, limitFunction] of packages) {
		describe(name, () => specs(pLimit, limitFunction));
	}
};

const specs = (pLimit, limitFunction) => {
	describe('start', () => {
		test('one microtask after the call, never in it', async () => {
			const limit = pLimit(1);
			const order = [];
			const done = limit(() => {
				order.push('task');
			});
			order.push('after the call');
			await Promise.resolve().then(() => order.push('one microtask later'));
			assert.deepEqual(order, ['after the call', 'task', 'one microtask later']);
			await done;
		});

		test('the slot is claimed at once', async () => {
			const limit = pLimit(1);
			const first = limit(noop);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
			const second = limit(noop);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 1]);
			await Promise.all([first, second]);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});

		test('never more at once than the concurrency, in the order of the calls', async () => {
			const limit = pLimit(3);
			const order = [];
			let running = 0;
			let most = 0;
			await Promise.all(
				Array.from({length: 50}, (_, index) =>
					limit(async () => {
						order.push(index);
						running++;
						most = Math.max(most, running);
						await turn();
						running--;
					}),
				),
			);
			assert.equal(most, 3);
			assert.deepEqual(order, [...order.keys()]);
		});

		test('Infinity is no limit', async () => {
			const limit = pLimit(Number.POSITIVE_INFINITY);
			const tasks = Array.from({length: 3000}, task);
			const done = tasks.map(one => limit(one.run));
			assert.equal(limit.activeCount, 3000);
			await turn();
			assert.ok(tasks.every(one => one.started));
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
			assert.equal(limit.activeCount, 0);
		});
	});

	describe('order at the end', () => {
		for (const [kind, work] of [
			['an async function', async () => {}],
			['a plain value', () => 1],
			['a promise that takes its time', () => turn()],
		]) {
			test(`who awaits a task finds its slot released and the next one started: ${kind}`, async () => {
				const limit = pLimit(1);
				const next = task();
				const first = limit(work);
				const second = limit(next.run);
				await first;
				assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
				assert.ok(next.started);
				next.resolve();
				await second;
			});
		}

		test('so does who catches its error', async () => {
			const limit = pLimit(1);
			const next = task();
			const first = limit(async () => {
				throw new Error('no');
			});
			const second = limit(next.run);
			await assert.rejects(first, {message: 'no'});
			assert.ok(next.started);
			next.resolve();
			await second;
		});
	});

	describe('results', () => {
		test('arguments are passed on, however many', async () => {
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

		test('a throw of undefined is a rejection too', async () => {
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

		test('no function gives a rejected TypeError and the queue goes on', async () => {
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

		test('a promise of a class of its own is adopted', async () => {
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

	describe('descriptors', () => {
		test('`length` is 1', () => {
			assert.equal(pLimit(1).length, 1);
		});

		test('counts and concurrency are accessors; clearQueue and map values that stay', () => {
			const limit = pLimit(1);
			for (const name of ['activeCount', 'pendingCount', 'concurrency', 'clearQueue', 'map']) {
				const {enumerable, configurable, writable, get} = Object.getOwnPropertyDescriptor(limit, name);
				assert.deepEqual([enumerable, configurable], [false, false], name);
				if (name === 'clearQueue' || name === 'map') {
					assert.equal(writable, false, name);
				} else {
					assert.equal(typeof get, 'function', name);
				}
			}

			assert.deepEqual(Object.keys(limit), []);
			assert.throws(() => {
				limit.activeCount = 1;
			}, TypeError);
		});

		test('the function can be extended, and not constructed', () => {
			const limit = pLimit(1);
			assert.ok(Object.isExtensible(limit));
			limit.own = 1;
			assert.equal(limit.own, 1);
			assert.equal('prototype' in limit, false);
			assert.throws(() => new limit(noop), TypeError);
		});
	});

	describe('concurrency', () => {
		test('raising starts more within one microtask', async () => {
			const limit = pLimit(1);
			const tasks = Array.from({length: 5}, task);
			const done = tasks.map(one => limit(one.run));
			await turn();
			assert.equal(limit.activeCount, 1);
			limit.concurrency = 3;
			assert.equal(limit.concurrency, 3);
			assert.equal(limit.activeCount, 1);
			await Promise.resolve();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [3, 2]);
			await turn();
			assert.deepEqual(
				tasks.map(one => one.started),
				[true, true, true, false, false],
			);
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
		});

		test('lowering interrupts nothing and holds as tasks end', async () => {
			const limit = pLimit(3);
			const tasks = Array.from({length: 6}, task);
			const done = tasks.map(one => limit(one.run));
			limit.concurrency = 1;
			await turn();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [3, 3]);
			tasks[0].resolve();
			tasks[1].resolve();
			await turn();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 3]);
			tasks[2].resolve();
			await turn();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 2]);
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
		});

		test('the order holds for who comes between a raise and its starts', async () => {
			const limit = pLimit(1);
			const tasks = Array.from({length: 4}, task);
			const done = tasks.slice(0, 3).map(one => limit(one.run));
			limit.concurrency = 2;
			done.push(limit(tasks[3].run));
			await turn();
			assert.deepEqual(
				tasks.map(one => one.started),
				[true, true, false, false],
			);
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
		});

		const allowed = [1, 2, 1000, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY];
		const refused = ['2', Number.NaN, 1.5, 0, -1, new Number(2), undefined, Number.NEGATIVE_INFINITY, true, [2]];
		const refusal = {name: 'TypeError', message: 'Expected `concurrency` to be a number from 1 and up'};

		test('whole numbers from 1, and Infinity', () => {
			for (const concurrency of allowed) {
				assert.equal(pLimit(concurrency).concurrency, concurrency);
				assert.equal(pLimit({concurrency}).concurrency, concurrency);
				const limit = pLimit(1);
				limit.concurrency = concurrency;
				assert.equal(limit.concurrency, concurrency);
			}
		});

		test('nothing else', () => {
			for (const concurrency of refused) {
				if (typeof concurrency !== 'object') {
					assert.throws(() => pLimit(concurrency), refusal);
				}

				assert.throws(() => pLimit({concurrency}), refusal);
				const limit = pLimit(5);
				assert.throws(() => {
					limit.concurrency = concurrency;
				}, refusal);
				assert.equal(limit.concurrency, 5);
			}

			assert.throws(() => pLimit({}), refusal);
			assert.throws(() => pLimit(null), TypeError);
			assert.throws(() => pLimit(new Number(2)), TypeError);
		});
	});

	describe('clearQueue', () => {
		test('cannot drop what has its slot', async () => {
			const limit = pLimit(1);
			const first = limit(() => 'ran');
			limit.clearQueue();
			assert.equal(await first, 'ran');
		});

		test('leaves dropped promises pending, and the limit usable', async () => {
			const limit = pLimit(1);
			const first = limit(() => turn());
			let settled = false;
			let ran = false;
			const dropped = limit(() => {
				ran = true;
			});
			dropped.then(
				() => {
					settled = true;
				},
				() => {
					settled = true;
				},
			);
			assert.equal(limit.pendingCount, 1);
			limit.clearQueue();
			assert.equal(limit.pendingCount, 0);
			await first;
			await turn();
			assert.deepEqual([ran, settled], [false, false]);
			assert.equal(await limit(() => 'again'), 'again');
		});

		test('rejects them with rejectOnClear: an AbortError, one for all', async () => {
			const limit = pLimit({concurrency: 1, rejectOnClear: true});
			const running = limit(() => turn());
			const dropped = [limit(noop), limit(noop), limit(noop)];
			limit.clearQueue();
			const outcomes = await Promise.allSettled(dropped);
			for (const {reason} of outcomes) {
				assert.ok(reason instanceof DOMException);
				assert.deepEqual([reason.name, reason.code], ['AbortError', 20]);
				assert.equal(reason, outcomes[0].reason);
			}

			await running;
			limit.clearQueue();
			assert.equal(await limit(() => 'again'), 'again');
		});

		test('rejects a map with rejectOnClear; its running items go on', async () => {
			const limit = pLimit({concurrency: 2, rejectOnClear: true});
			const ended = [];
			const mapped = limit.map([0, 1, 2, 3], async item => {
				await turn();
				ended.push(item);
			});
			assert.equal(limit.pendingCount, 2);
			await Promise.resolve();
			limit.clearQueue();
			assert.equal(limit.pendingCount, 0);
			await assert.rejects(mapped, {name: 'AbortError'});
			await turn();
			await turn();
			assert.deepEqual(ended, [0, 1]);
			assert.equal(limit.activeCount, 0);
		});

		test('leaves a map pending without it, unless a running item fails', async () => {
			const limit = pLimit(1);
			const failing = task();
			const mapped = limit.map([failing.run, noop], run => run());
			await turn();
			limit.clearQueue();
			failing.reject(new Error('late'));
			await assert.rejects(mapped, {message: 'late'});
		});

		test('works detached', async () => {
			const {clearQueue} = pLimit(1);
			clearQueue();
		});

		test('rejectOnClear is a boolean', () => {
			for (const rejectOnClear of ['true', 1, null]) {
				assert.throws(() => pLimit({concurrency: 1, rejectOnClear}), {
					name: 'TypeError',
					message: 'Expected `rejectOnClear` to be a boolean',
				});
			}

			pLimit({concurrency: 1, rejectOnClear: undefined});
		});
	});

	describe('map', () => {
		test('takes any iterable and array-like; item and index in, results in order', async () => {
			const limit = pLimit(2);
			const label = async (item, index) => {
				await (index % 2 ? undefined : turn());
				return `${item}${index}`;
			};
			const generate = function* () {
				yield* ['a', 'b', 'c'];
			};
			for (const iterable of [
				['a', 'b', 'c'],
				new Set(['a', 'b', 'c']),
				generate(),
				'abc',
				{length: 3, 0: 'a', 1: 'b', 2: 'c'},
			]) {
				assert.deepEqual(await limit.map(iterable, label), ['a0', 'b1', 'c2']);
			}

			assert.deepEqual(await limit.map([], label), []);
			// biome-ignore lint/suspicious/noSparseArray: holes are items
			assert.deepEqual(await limit.map([, 1], item => item), [undefined, 1]);
		});

		test('gives its mapper two arguments', async () => {
			assert.deepEqual(await pLimit(1).map(['a'], (...args) => args), [['a', 0]]);
		});

		test('is eager: all items are taken at once', async () => {
			const limit = pLimit(1);
			let taken = 0;
			const generate = function* () {
				for (; taken < 5; taken++) {
					yield taken;
				}
			};
			const mapped = limit.map(generate(), noop);
			assert.equal(taken, 5);
			await mapped;
			const list = [1, 2, 3];
			const copied = limit.map(list, item => item);
			list.length = 0;
			assert.deepEqual(await copied, [1, 2, 3]);
		});

		test('does not await promises among the items', async () => {
			const input = Promise.resolve(1);
			assert.deepEqual(await pLimit(1).map([input], item => item === input), [true]);
		});

		test('the first failure rejects it and the rest keeps running', async () => {
			const limit = pLimit(1);
			const ran = [];
			const mapped = limit.map([0, 1, 2, 3], item => {
				ran.push(item);
				if (item % 2) {
					throw new Error(`no ${item}`);
				}
			});
			await assert.rejects(mapped, {message: 'no 1'});
			await turn();
			assert.deepEqual(ran, [0, 1, 2, 3]);
			assert.equal(limit.activeCount, 0);
		});

		test('stays within the concurrency and starts in order', async () => {
			const limit = pLimit(3);
			let running = 0;
			let most = 0;
			const order = [];
			await limit.map(Array.from({length: 40}).keys(), async item => {
				order.push(item);
				running++;
				most = Math.max(most, running);
				await turn();
				running--;
			});
			assert.equal(most, 3);
			assert.deepEqual(order, [...order.keys()]);
		});

		test('its items are counted as pending, and calls made after it queue behind them', async () => {
			const limit = pLimit(1);
			const order = [];
			const before = limit(() => order.push('before'));
			const mapped = limit.map([0, 1, 2], item => order.push(item));
			const after = limit(() => order.push('after'));
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 4]);
			await Promise.all([before, mapped, after]);
			assert.deepEqual(order, ['before', 0, 1, 2, 'after']);
		});

		test('two maps run in the order they were made', async () => {
			const limit = pLimit(2);
			const order = [];
			const push = item => turn().then(() => order.push(item));
			await Promise.all([limit.map([0, 1, 2], push), limit.map([3, 4, 5], push)]);
			assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
		});

		test('a raise of the concurrency reaches a map that runs', async () => {
			const limit = pLimit(1);
			const tasks = Array.from({length: 4}, task);
			const mapped = limit.map(tasks, one => one.run());
			await turn();
			limit.concurrency = 3;
			await turn();
			assert.deepEqual(
				tasks.map(one => one.started),
				[true, true, true, false],
			);
			for (const one of tasks) {
				one.resolve(1);
			}

			assert.deepEqual(await mapped, [1, 1, 1, 1]);
		});

		for (const [kind, mapper] of [
			['async', async () => {}],
			['plain', () => 1],
		]) {
			test(`who awaits it finds its slot released and the next task started: ${kind} mapper`, async () => {
				const limit = pLimit(1);
				const next = task();
				const mapped = limit.map([1, 2], mapper);
				const after = limit(next.run);
				await mapped;
				assert.ok(next.started);
				next.resolve();
				await after;
			});
		}

		test('works detached', async () => {
			const {map} = pLimit(1);
			assert.deepEqual(await map([1, 2], item => item + 1), [2, 3]);
		});

		test('adopts thenables and takes plain values, however many', async () => {
			const limit = pLimit(2);
			// biome-ignore lint/suspicious/noThenProperty: this is the subject
			assert.deepEqual(await limit.map([1, 2], item => ({then: resolve => resolve(item * 2)})), [2, 4]);
			const many = Array.from({length: 30_000}, (_, index) => index);
			assert.deepEqual(await limit.map(many, item => item), many);
			const failing = limit.map(many, item => {
				throw new Error(`no ${item}`);
			});
			await assert.rejects(failing, {message: 'no 0'});
		});

		test('an iterable that throws rejects it; the items taken before still run', async () => {
			const limit = pLimit(1);
			const ran = [];
			const broken = function* () {
				yield 0;
				yield 1;
				throw new Error('broken');
			};
			const mapped = limit.map(broken(), item => {
				ran.push(item);
				throw new Error('and nobody hears of this one');
			});
			await assert.rejects(mapped, {message: 'broken'});
			await turn();
			assert.deepEqual(ran, [0, 1]);
			assert.equal(await limit(() => 'good'), 'good');
		});

		test('rejects a TypeError for no iterable and for a mapper that is no function', async () => {
			const limit = pLimit(1);
			await assert.rejects(limit.map(undefined, noop), TypeError);
			await assert.rejects(limit.map(null, noop), TypeError);
			await assert.rejects(limit.map([1], undefined), TypeError);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});

		test('its `length` is 2', () => {
			assert.equal(pLimit(1).map.length, 2);
		});
	});

	describe('async context', () => {
		test('a task sees the context of its call, queued or not', async () => {
			const storage = new AsyncLocalStorage();
			const limit = pLimit(2);
			const seen = await Promise.all(
				Array.from({length: 10}, (_, id) =>
					storage.run(id, () =>
						limit(async () => {
							const before = storage.getStore();
							await turn();
							return [before, storage.getStore()];
						}),
					),
				),
			);
			assert.deepEqual(
				seen,
				Array.from({length: 10}, (_, id) => [id, id]),
			);
		});

		test('also after failures, throws and clearing', async () => {
			const storage = new AsyncLocalStorage();
			const limit = pLimit({concurrency: 1, rejectOnClear: true});
			const seen = [];
			const call = (id, work) =>
				storage.run(id, () =>
					limit(() => {
						seen.push([id, storage.getStore()]);
						return work();
					}),
				);
			const watch = (id, promise) =>
				storage.run(id, () =>
					promise.catch(() => {
						seen.push([id, storage.getStore()]);
					}),
				);
			const all = [
				watch(
					'a',
					call('throws', () => {
						throw new Error('sync');
					}),
				),
				watch(
					'b',
					call('rejects', () => Promise.reject(new Error('async'))),
				),
				call('clears', () => storage.run('inner', () => limit.clearQueue())),
				watch('c', call('cleared', noop)),
				watch(
					'd',
					storage.run('map', () => limit.map([1], noop)),
				),
			];
			await Promise.all(all);
			await call('last', noop);
			assert.deepEqual(
				seen.filter(([id, store]) => id !== store),
				[],
			);
			assert.deepEqual(seen.map(([id]) => id).sort(), ['a', 'b', 'c', 'clears', 'd', 'last', 'rejects', 'throws']);
		});

		test('the context of who frees a slot does not reach the next task', async () => {
			const storage = new AsyncLocalStorage();
			const limit = pLimit(1);
			const first = storage.run('first', () => limit(() => turn()));
			const second = limit(() => storage.getStore());
			await first;
			assert.equal(await second, undefined);
		});

		for (const concurrency of [1, 2, 3]) {
			for (const [kind, pause] of [
				['async', async () => {}],
				['plain', noop],
				['slow', () => turn()],
			]) {
				test(`items of a map run in the context of the map call, whatever a ${kind} mapper enters, at ${concurrency}`, async () => {
					const storage = new AsyncLocalStorage();
					const limit = pLimit(concurrency);
					const seen = [];
					await storage.run('map', () =>
						limit.map([0, 1, 2, 3, 4, 5, 6], item => {
							seen.push(storage.getStore());
							storage.enterWith(`item ${item}`);
							return pause();
						}),
					);
					assert.deepEqual(seen, Array(7).fill('map'));
				});
			}
		}

		test('a mapper that enters a context and fails does not leak it either', async () => {
			const storage = new AsyncLocalStorage();
			const limit = pLimit(1);
			const seen = [];
			await storage.run('map', () =>
				limit
					.map([0, 1, 2, 3], item => {
						seen.push(storage.getStore());
						storage.enterWith(`item ${item}`);
						if (item % 2) {
							throw new Error('sync');
						}

						return Promise.reject(new Error('async'));
					})
					.catch(noop),
			);
			await turn();
			assert.deepEqual(seen, Array(4).fill('map'));
		});

		test('nor does a map hand its context to a call that waits behind it', async () => {
			const storage = new AsyncLocalStorage();
			const limit = pLimit(1);
			const mapped = storage.run('map', () =>
				limit.map([0, 1], item => {
					storage.enterWith(`item ${item}`);
				}),
			);
			const after = storage.run('after', () => limit(() => storage.getStore()));
			await mapped;
			assert.equal(await after, 'after');
		});

		test('a task has an async id of its own, with a chain of triggers to its call', async () => {
			const triggers = new Map();
			const hook = createHook({
				init(id, _type, trigger) {
					triggers.set(id, trigger);
				},
			}).enable();
			try {
				const limit = pLimit(1);
				const call = () =>
					Promise.resolve().then(() => ({caller: executionAsyncId(), result: limit(() => executionAsyncId())}));
				const calls = await Promise.all([call(), call()]);
				const ids = await Promise.all(calls.map(({result}) => result));
				assert.notEqual(ids[0], ids[1]);
				for (const [index, {caller}] of calls.entries()) {
					let id = ids[index];
					while (id !== caller && id !== undefined) {
						id = triggers.get(id);
					}

					assert.equal(id, caller);
				}
			} finally {
				hook.disable();
			}
		});
	});

	describe('limitFunction', () => {
		test('limits one function, with options or a bare number', async () => {
			for (const options of [2, {concurrency: 2}]) {
				let running = 0;
				let most = 0;
				const limited = limitFunction(async (a, b) => {
					running++;
					most = Math.max(most, running);
					await turn();
					running--;
					return a + b;
				}, options);
				const sums = await Promise.all(Array.from({length: 6}, (_, index) => limited(index, 10)));
				assert.deepEqual(sums, [10, 11, 12, 13, 14, 15]);
				assert.equal(most, 2);
			}
		});

		test('each has a limit of its own', async () => {
			const [a, b] = [task(), task()];
			const first = limitFunction(a.run, 1)();
			const second = limitFunction(b.run, 1)();
			await turn();
			assert.ok(a.started && b.started);
			a.resolve();
			b.resolve();
			await Promise.all([first, second]);
		});

		test('has the clearQueue of its limit', async () => {
			const limited = limitFunction(() => turn(), {concurrency: 1, rejectOnClear: true});
			const first = limited();
			const dropped = limited();
			limited.clearQueue();
			await assert.rejects(dropped, {name: 'AbortError'});
			await first;
			const {enumerable, writable, configurable} = Object.getOwnPropertyDescriptor(limited, 'clearQueue');
			assert.deepEqual([enumerable, writable, configurable], [false, false, false]);
		});

		test('refuses what pLimit refuses', () => {
			assert.throws(() => limitFunction(noop, 0), {message: 'Expected `concurrency` to be a number from 1 and up'});
		});
	});
};

describe('unhandled rejections', () => {
	// In a process of its own, where nothing else handles or hides them.
	const count = (entry, body) => {
		const script = `
			let unhandled = 0;
			process.on('unhandledRejection', () => { unhandled++; });
			const pLimit = (await import('${entry}')).default;
			const fail = async () => { throw new Error('no'); };
			const limit = pLimit(1);
			${body}
			await new Promise(resolve => { setTimeout(resolve, 20); });
			console.log(unhandled);`;
		const {stdout, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
			cwd: path.join(__dirname, '..'),
			encoding: 'utf8',
		});
		assert.equal(stderr, '');
		return Number(stdout);
	};

	for (const [expected, what, body] of [
		[1, 'a failing task that nobody handles', 'limit(fail);'],
		[1, 'a failing queued task that nobody handles', 'limit(async () => {}); limit(fail);'],
		[1, 'a synchronous throw that nobody handles', 'limit(() => { throw new Error("no"); });'],
		[0, 'a failing task that somebody handles', 'limit(fail).catch(() => {}); limit(fail).catch(() => {});'],
		[1, 'a failing map that nobody handles', 'limit.map([1, 2, 3], fail);'],
		[0, 'a failing map that somebody handles', 'limit.map([1, 2, 3], fail).catch(() => {});'],
		[
			0,
			'an iterable that throws, handled',
			'limit.map((function* () { yield 1; throw new Error("broken"); })(), fail).catch(() => {});',
		],
	]) {
		for (const entry of ['p-limit', 'p-lanes']) {
			test(`${entry}: ${expected} for ${what}`, () => {
				assert.equal(count(entry, body), expected);
			});
		}
	}
});

main();
