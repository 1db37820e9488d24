'use strict';

// Weight, `clearQueue` and `ready` at the worst moment. See also abort-races.test.js and, for what depends on time,
// deadlines.test.js.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {deferred, idle, outcomeOf, running, turns} = require('./helpers.js');

describe('weight', () => {
	test('above a concurrency that was lowered while the task runs: all other calls wait for it', async () => {
		const limit = pLimit(4);
		const {promise, resolve} = deferred();
		const order = [];
		const heavy = limit.with({weight: 3})(async () => {
			await promise;
			order.push('heavy');
		});
		const light = [1, 2].map(x => limit(() => order.push(x)));
		await Promise.all(light); // one slot was left
		limit.concurrency = 2;
		const offline = limit.offline(() => order.push('offline'));
		const behind = limit(() => order.push('behind'));
		await turns();
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 2]);
		resolve();
		await Promise.all([heavy, offline, behind]);
		assert.deepEqual(order, [1, 2, 'heavy', 'behind', 'offline']);
	});

	test('above a lowered concurrency, queued twice: one after the other, each alone', async () => {
		const {promise, resolve} = deferred();
		const limit = pLimit(4);
		const first = limit.with({weight: 4})(() => promise);
		const counts = [1, 2].map(() =>
			limit.with({weight: 4})(async () => {
				await tick();
				return limit.activeCount;
			}),
		);
		limit.concurrency = 1;
		await turns();
		assert.equal(limit.pendingCount, 2);
		resolve();
		await first;
		assert.deepEqual(await Promise.all(counts), [1, 1]);
		idle(limit);
	});

	test('of a call that waits while the concurrency is raised: it begins with its own weight', async () => {
		const limit = pLimit(4);
		limit.concurrency = 3;
		const {promise, resolve} = deferred();
		const light = limit(() => promise);
		const heavy = limit.with({weight: 3})(() => 'heavy');
		await turns();
		assert.equal(limit.pendingCount, 1);
		limit.concurrency = 4;
		assert.equal(await heavy, 'heavy');
		assert.equal(limit.activeCount, 1);
		resolve();
		await light;
	});

	test('a new call that makes room for the other lane lets that lane start', async () => {
		const limit = pLimit(4);
		const {promise, resolve} = deferred();
		const all = [1, 2, 3].map(() => limit(() => promise));
		all.push(limit.with({weight: 4})(() => {}));
		const offline = limit.offline(() => 'offline');
		assert.equal(limit.offline.pendingCount, 1, 'the heavy call keeps all four slots');
		// Now the head needs two of them: one of them is to come, and one is left.
		all.push(limit.with({weight: 2, priority: 1})(() => {}));
		const outcome = await outcomeOf(offline);
		resolve();
		await Promise.all(all);
		assert.equal(outcome, 'offline');
	});
});

describe('clear', () => {
	test('while a task is tried again: the task goes on, and calls that wait reject', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		let attempts = 0;
		const call = limit.with({retry: {retries: 5, minTimeout: 0}})(async () => {
			attempts++;
			if (attempts === 3) {
				limit.clearQueue();
			}

			if (attempts < 5) {
				throw new Error('again');
			}

			return 'done';
		});
		const waits = limit.with({retry: 3})(() => assert.fail('it ran'));
		await assert.rejects(waits, {name: 'AbortError'});
		assert.equal(await call, 'done');
		assert.equal(attempts, 5);
		idle(limit);
	});

	test('from inside a map: items that have not begun are dropped, running items end', async () => {
		const limit = pLimit({concurrency: 2, rejectOnClear: true});
		const ended = [];
		const map = limit.map([1, 2, 3, 4], async x => {
			if (x === 1) {
				limit.clearQueue();
			}

			await tick();
			ended.push(x);
		});
		await assert.rejects(map, {name: 'AbortError'});
		await limit.onIdle();
		assert.deepEqual(ended, [1, 2]);
	});

	for (const rejectOnClear of [true, false]) {
		test(`of a flight that other callers have joined, rejectOnClear ${rejectOnClear}`, async () => {
			const {limit, free} = await running({rejectOnClear});
			const both = [1, 2].map(() => limit.once('k', () => assert.fail('it ran')));
			limit.clearQueue();
			const again = limit.once('k', () => 'again');
			free();
			assert.equal(await again, 'again');
			const expected = rejectOnClear ? {rejected: 'AbortError'} : 'pending';
			assert.deepEqual(await Promise.all(both.map(outcomeOf)), [expected, expected]);
			// The end of the dropped one is not taken for that of the later one.
			const {promise, resolve} = deferred();
			const later = limit.once('k', () => promise);
			await turns();
			const joined = limit.once('k', () => assert.fail('it ran twice'));
			resolve('later');
			assert.deepEqual(await Promise.all([later, joined]), ['later', 'later']);
		});
	}

	test('of one lane lets the other lane start', async () => {
		const limit = pLimit({concurrency: 2, rejectOnClear: true});
		const {promise, resolve} = deferred();
		const runs = limit(() => promise);
		const heavy = limit.with({weight: 2})(() => assert.fail('it ran'));
		const offline = limit.offline(() => 'offline');
		assert.equal(limit.offline.pendingCount, 1);
		limit.online.clearQueue();
		await assert.rejects(heavy, {name: 'AbortError'});
		assert.equal(await offline, 'offline');
		resolve();
		await runs;
	});
});

describe('ready', () => {
	for (const overflow of ['reject', 'wait']) {
		test(`all callers that wait reject at a drain, overflow '${overflow}'`, async () => {
			const {limit, free} = await running({maxQueue: 0, overflow});
			const all = [limit.ready(), limit.ready(), limit.offline.ready()];
			assert.deepEqual(await Promise.all(all.map(outcomeOf)), ['pending', 'pending', 'pending']);
			const drained = limit.drain();
			assert.deepEqual(
				await Promise.all(all.map(outcomeOf)),
				Array.from({length: 3}, () => ({rejected: 'ERR_LIMIT_CLOSED'})),
			);
			free();
			await drained;
		});
	}

	test('a drain does not resolve promises of a shorter queue too early', async () => {
		const {limit, free} = await running();
		limit(() => {});
		const all = [limit.onSizeLessThan(1), limit.onEmpty(), limit.onIdle()];
		const drained = limit.drain();
		assert.deepEqual(await Promise.all(all.map(outcomeOf)), ['pending', 'pending', 'pending']);
		free();
		await Promise.all([...all, drained]);
		idle(limit);
	});

	test('resolves when an abort or a clear has made room', async () => {
		const {limit, free} = await running({maxQueue: 1, rejectOnClear: true});
		const controller = new AbortController();
		const aborted = limit.with({signal: controller.signal})(() => {});
		const first = limit.ready();
		assert.equal(await outcomeOf(first), 'pending');
		controller.abort();
		await first;
		await assert.rejects(aborted);
		const cleared = limit(() => {});
		const second = limit.ready();
		assert.equal(await outcomeOf(second), 'pending');
		limit.clearQueue();
		await second;
		await assert.rejects(cleared);
		free();
	});
});
