'use strict';

// Calls joined under one key.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('../../index.js');
const {busy, deferred, outcomeOf, running} = require('./helpers.js');

const idle = limit => assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

const listeners = ({signal}) => getEventListeners(signal, 'abort').length;

describe('once', () => {
	test('joins what waits or runs under the same key', async () => {
		const limit = pLimit(1);
		let runs = 0;
		const fetch = async key => {
			runs++;
			await tick();
			return `${key}!`;
		};
		const [a, b] = [limit.once('k', fetch, 'k'), limit.once('k', fetch, 'k')];
		const other = limit.once('other', fetch, 'other');
		assert.deepEqual(await Promise.all([a, b, other]), ['k!', 'k!', 'other!']);
		assert.equal(runs, 2);
		await limit.once('k', fetch, 'k');
		assert.equal(runs, 3, 'the entry goes when it settles');
	});

	test('a failure is everybody’s, and goes', async () => {
		const limit = pLimit(1);
		const fail = async () => {
			throw new Error('down');
		};
		const both = [limit.once(1, fail), limit.once(1, fail)];
		assert.deepEqual(
			(await Promise.allSettled(both)).map(({reason}) => reason.message),
			['down', 'down'],
		);
		assert.equal(await limit.once(1, () => 'up'), 'up');
	});

	test('an online caller lifts an offline ticket', async () => {
		const {limit, free} = busy();
		const order = [];
		const first = limit.offline(() => order.push('offline'));
		const shared = limit.offline.once('k', () => order.push('shared'));
		assert.equal(limit.offline.pendingCount, 2);
		const joined = limit.once('k', () => assert.fail('it ran twice'));
		assert.deepEqual([limit.online.pendingCount, limit.offline.pendingCount], [1, 1]);
		await tick();
		free();
		await Promise.all([first, shared, joined]);
		assert.deepEqual(order, ['shared', 'offline']);
	});

	test('who gives up leaves the others theirs', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const work = () => new Promise(resolve => setTimeout(resolve, 5, 'done'));
		const own = limit.with({signal: controller.signal}).once('k', work);
		const other = limit.once('k', work);
		controller.abort();
		await assert.rejects(own, {name: 'AbortError'});
		assert.equal(await other, 'done');
	});

	test('a cleared entry is not joined', async () => {
		const {limit, free} = busy();
		limit.once('k', () => assert.fail('it was cleared'));
		limit.clearQueue();
		const again = limit.once('k', () => 'again');
		await tick();
		free();
		assert.equal(await again, 'again');
	});

	test('one who joined gives up, whatever becomes of the flight', async () => {
		const {limit, free} = await running();
		const controller = new AbortController();
		const own = limit.once('k', () => 'own');
		const joined = limit.with({signal: controller.signal}).once('k', () => assert.fail('it ran twice'));
		controller.abort('enough');
		await assert.rejects(joined, error => error === 'enough');
		free();
		assert.equal(await own, 'own');
		assert.equal(listeners(controller), 0);
	});

	test('lifted while it runs or after: nothing', async () => {
		const limit = pLimit(2);
		const {promise, resolve} = deferred();
		const offline = limit.offline.once('k', () => promise);
		await tick();
		const online = limit.once('k', () => assert.fail('it ran twice'));
		assert.deepEqual([limit.online.activeCount, limit.offline.activeCount], [0, 1]);
		resolve('both');
		assert.deepEqual(await Promise.all([offline, online]), ['both', 'both']);
		idle(limit);
	});

	test('refused: the key is free', async () => {
		const {limit, free} = await running({maxQueue: 0});
		await assert.rejects(
			limit.once('k', () => assert.fail('it ran')),
			{code: 'ERR_QUEUE_FULL'},
		);
		free();
		await limit.onIdle();
		assert.equal(await limit.once('k', () => 'later'), 'later');
	});

	test('drained: joins what runs, and no more', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const first = limit.once('k', () => promise);
		const drained = limit.drain();
		const joined = limit.once('k', () => assert.fail('it ran twice'));
		resolve('both');
		assert.deepEqual(await Promise.all([first, joined]), ['both', 'both']);
		await drained;
		await assert.rejects(
			limit.once('k', () => {}),
			{code: 'ERR_LIMIT_CLOSED'},
		);
	});

	for (const nested of ['inherit', 'detect']) {
		test(`inside its own flight, nested '${nested}': refused, as it would wait for itself`, async () => {
			const limit = pLimit({concurrency: 1, nested});
			const outcome = await outcomeOf(limit.once('k', () => limit.once('k', () => 'inner')));
			assert.deepEqual(outcome, {rejected: 'ERR_DEADLOCK'});
		});

		test(`inside a task, a flight that waits for that task's slot, nested '${nested}'`, async () => {
			const limit = pLimit({concurrency: 1, nested});
			const {promise, resolve} = deferred();
			const outer = limit(async () => {
				await promise;
				return limit.once('k', () => 'inner');
			});
			limit.once('k', () => 'waiting').catch(() => {});
			resolve();
			assert.notEqual(await outcomeOf(outer), 'pending');
		});
	}

	test("inside an offline task, a flight that waits offline, nested 'detect'", async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		const {promise, resolve} = deferred();
		const outer = later => limit.offline(() => promise.then(later));
		const lifts = outer(() => limit.once('k', () => 'never called'));
		const waits = limit.offline.once('k', () => 'lifted');
		resolve();
		assert.deepEqual(await Promise.all([lifts, waits]), ['lifted', 'lifted']);

		// From the offline lane nobody lifts it, and the one slot that it may have is held.
		const refused = outer(() => limit.offline.once('k', () => 'never called'));
		const goesOn = limit.offline.once('k', () => 'goes on');
		await assert.rejects(refused, {code: 'ERR_DEADLOCK'});
		assert.equal(await goesOn, 'goes on');
	});
});
