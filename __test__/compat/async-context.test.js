'use strict';

// Which async context a function, a mapper and a queued call see.

const assert = require('node:assert/strict');
const {AsyncLocalStorage, createHook, executionAsyncId} = require('node:async_hooks');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, noop} = require('./packages.js');

forEachPackage(({pLimit}) => {
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

		test('failures, throws and clearing do not change that', async () => {
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

		test('the context of the task that frees a slot does not reach the next task', async () => {
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

		test('a mapper that enters a context and fails does not leak it', async () => {
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

		test('a map does not hand its context to a call that waits behind it', async () => {
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

		test('a task has its own async id, with a chain of triggers to its call', async () => {
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
});
