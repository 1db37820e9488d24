'use strict';

// Calls joined under one key.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {busy, deferred, idle, listeners, outcomeOf, running, turns} = require('./helpers.js');

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

	for (const nested of ['lend', 'detect']) {
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
		const limit = pLimit({concurrency: 2, reserve: 1, nested: 'detect'});
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

describe('a `once` that is joined', () => {
	/** Starts a flight that waits behind others, and returns the order in which all of them start. */
	const orderOf = async (options, first, joiner) => {
		const order = [];
		const {limit, free} = await running(options);
		const note = name => () => {
			order.push(name);
		};
		const calls = [
			limit(note('before')),
			limit.with(first).once('k', note('flight')),
			limit.with({priority: 1})(note('priority 1')),
			limit(note('online')),
			limit.offline(note('offline')),
			limit.with(joiner).once('k', () => assert.fail('it joins')),
		];
		free();
		await Promise.all(calls);
		return order.join(', ');
	};

	for (const [what, options] of [
		['', {}],
		[', of a named limit', {name: 'once: priorities'}],
		[', with nested calls', {nested: 'lend'}],
	]) {
		test(`takes a higher priority over, and a lower one not${what}`, async () => {
			const [low, none, high] = [{priority: -1}, {}, {priority: 2}];
			assert.equal(await orderOf(options, low, high), 'flight, priority 1, before, online, offline');
			assert.equal(await orderOf(options, low, none), 'priority 1, before, online, flight, offline');
			assert.equal(await orderOf(options, high, low), 'flight, priority 1, before, online, offline');
			const offline = {lane: 'offline', priority: 5};
			assert.equal(await orderOf(options, none, offline), 'priority 1, before, flight, online, offline');
			assert.equal(await orderOf(options, offline, none), 'priority 1, before, online, flight, offline');
			assert.equal(await orderOf(options, offline, high), 'flight, priority 1, before, online, offline');
		});
	}

	test('takes it over in the total limit, too, whenever it is joined', async () => {
		for (const late of [false, true]) {
			const limits = pLimit.keyed({concurrency: 1, total: 1});
			const {promise, resolve} = deferred();
			const order = [];
			const held = limits('held')(() => promise);
			await turns();
			const other = limits('b').with({priority: 1})(() => order.push('other'));
			const flight = limits('a').once('k', () => order.push('flight'));
			const join = () => limits('a').with({priority: 2}).once('k', assert.fail);
			const early = late ? undefined : join();
			await turns();
			const joined = early ?? join();
			resolve();
			await Promise.all([held, other, flight, joined]);
			assert.deepEqual(order, ['flight', 'other']);
		}
	});
});
