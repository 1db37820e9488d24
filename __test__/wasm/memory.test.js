'use strict';

// The memory of WebAssembly grows in the middle of everything. All views of it are detached then, and nobody may notice.

const process = require('node:process');

process.env.P_LANES_BINDING = 'wasm'; // before the package is loaded

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {needsModule} = require('./module.js');

const CALLS = 200_000;

/** Loads the package, and finds the memory of its module. */
const load = () => {
	const {Instance} = WebAssembly;
	let memory;
	WebAssembly.Instance = class extends Instance {
		constructor(...args) {
			super(...args);
			({memory} = this.exports);
		}
	};
	const pLimit = require('p-lanes');
	WebAssembly.Instance = Instance;
	return {pLimit, memory};
};

const deferred = () => {
	let resolve;
	const promise = new Promise(fulfil => {
		resolve = fulfil;
	});
	return {promise, resolve};
};

describe('memory that grows', needsModule, () => {
	const {pLimit, memory} = needsModule.skip ? {} : load();

	/** Queues calls that never run until the memory has grown. */
	const grow = () => {
		const before = memory.buffer;
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		limit.pause();
		while (memory.buffer === before) {
			for (let i = 0; i < 1000; i++) {
				limit.offline
					.with({priority: i % 7})(() => {})
					.catch(() => {});
			}
		}

		assert.equal(before.byteLength, 0, 'all views of it are detached');
		return limit;
	};

	test('finds limits at every step of their calls, and they go on', async () => {
		// More than there are in one array of leases.
		const limits = Array.from({length: 150}, () => pLimit(2));
		const ends = [];
		const order = limits.map(() => []);
		const promises = limits.flatMap((limit, index) =>
			[0, 1, 2, 3, 4].map(number =>
				limit(async () => {
					order[index].push(number);
					const end = deferred();
					ends.push(end);
					await end.promise;
				}),
			),
		);
		while (ends.length < promises.length) {
			grow();
			for (const {resolve} of ends) {
				resolve();
			}

			grow();
			await new Promise(setImmediate);
		}

		for (const {resolve} of ends) {
			resolve();
		}

		await Promise.all(promises);
		assert.deepEqual(
			order,
			limits.map(() => [0, 1, 2, 3, 4]),
		);
		for (const limit of limits) {
			assert.deepEqual([limit.activeCount, limit.pendingCount, limit.stats().online.settled], [0, 0, 5]);
			assert.equal(await limit(() => 'next'), 'next');
		}
	});

	test('finds lists, streams, retries and rates, too', async () => {
		const limit = pLimit({concurrency: 3, reserve: 0});
		const rated = pLimit({concurrency: 3, rate: {limit: 1000, interval: 100, burst: 10}});
		let failures = 0;
		const mapper = async item => {
			if (item % 10 === 0) {
				grow();
			}

			return item;
		};
		const items = Array.from({length: 50}, (_, index) => index);
		const streamed = [];
		const reading = (async () => {
			for await (const item of limit.offline.stream(items, mapper)) {
				streamed.push(item);
			}
		})();
		const [mapped, ratedItems, retried] = await Promise.all([
			limit.map(items, mapper),
			rated.map(items, mapper),
			rated.with({retry: {retries: 3, minTimeout: 0}})(async () => {
				grow();
				if (++failures < 3) {
					throw new Error('again');
				}

				return failures;
			}),
			reading,
		]);
		assert.deepEqual([mapped, ratedItems, streamed], [items, items, items]);
		assert.equal(retried, 3);
		assert.equal(rated.stats().rate.limit, 1000);
		assert.equal(limit.snapshot().online.settled, 50);
	});

	for (const [kind, start] of [
		['calls', (limit, fn) => limit(fn)],
		['offline calls', (limit, fn) => limit.offline(fn)],
		['tasks', (limit, fn) => limit.with({priority: 1})(fn)],
	]) {
		test(`${CALLS} queued ${kind} start in their order`, async () => {
			const limit = pLimit({concurrency: 10, reserve: 0});
			const started = [];
			const results = await Promise.all(
				Array.from({length: CALLS}, (_, index) =>
					start(limit, async () => {
						started.push(index);
						return index;
					}),
				),
			);
			assert.deepEqual(
				started,
				results.map((_, index) => index),
			);
			assert.deepEqual(started, results);
			const {online, offline} = limit.stats();
			assert.equal(online.settled + offline.settled, CALLS);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});
	}
});
