'use strict';

// A promise of a shorter queue resolves when another thread brings that about.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {QueueConditions} = require('../../lib/gate/queue-conditions.js');
const {hold, newName, open, state, until} = require('./helpers.js');

/** A limit with one slot, held in another thread, where some calls wait. */
const busyThere = async (t, {calls = 3, ...options} = {}) => {
	const {threads} = open(t);
	const [thread] = threads;
	const name = newName();
	const limit = pLimit({name, concurrency: 1, ...options});
	await thread.run(
		({pLimit, own, hold}, name, calls) => {
			own.limit = pLimit({name});
			own.held = Array.from({length: calls}, () => hold(own.limit));
		},
		name,
		calls,
	);
	/** Ends the call that runs there. */
	const endOne = () =>
		thread.run(async ({own, turn}) => {
			const [first] = own.held;
			while (!first.hasBegun) await turn();
			first.free();
			own.held.shift();
			await first.ended;
		});
	await until(() => limit.pendingCount === calls - 1);
	return {limit, thread, endOne};
};

describe('another thread wakes', () => {
	test('onSizeLessThan, onEmpty and onIdle, each in its time', async t => {
		const {limit, endOne} = await busyThere(t);
		const [less, empty, idle] = [limit.onSizeLessThan(2), limit.onEmpty(), limit.onIdle()];
		assert.equal(await state(less), 'pending');
		await endOne();
		await less;
		assert.equal(await state(empty), 'pending');
		await endOne();
		await empty;
		assert.equal(await state(idle), 'pending');
		await endOne();
		await idle;
	});

	test('ready, when there is room', async t => {
		const {limit, endOne} = await busyThere(t, {calls: 2, maxQueue: 1});
		const ready = limit.ready();
		const next = ready.then(() => limit(() => 'next'));
		assert.equal(await state(ready), 'pending');
		await endOne();
		await ready;
		assert.equal(await state(next), 'pending');
		await endOne();
		assert.equal(await next, 'next');
	});

	test('onIdle of a lane', async t => {
		const {limit, endOne} = await busyThere(t, {calls: 1});
		assert.equal(await state(limit.offline.onIdle()), 'fulfilled');
		const idle = limit.online.onIdle();
		assert.equal(await state(idle), 'pending');
		await endOne();
		await idle;
	});

	test('onEmpty, by a queue that is cleared there', async t => {
		const {limit, thread} = await busyThere(t);
		const empty = limit.onEmpty();
		assert.equal(await state(empty), 'pending');
		await thread.run(({own}) => own.limit.clearQueue());
		await empty;
		assert.equal(limit.activeCount, 1);
	});

	test('onEmpty, by a higher concurrency', async t => {
		const {limit, thread} = await busyThere(t);
		const empty = limit.onEmpty();
		assert.equal(await state(empty), 'pending');
		await thread.run(({own}) => {
			own.limit.concurrency = 3;
		});
		await empty;
	});

	test('onEmpty, by an abort there', async t => {
		const {limit, thread} = await busyThere(t, {calls: 1});
		await thread.run(({own}) => {
			own.controller = new AbortController();
			own.limit
				.with({signal: own.controller.signal})(() => {})
				.catch(() => {});
		});
		assert.equal(limit.pendingCount, 1);
		const empty = limit.onEmpty();
		assert.equal(await state(empty), 'pending');
		await thread.run(({own}) => own.controller.abort());
		await empty;
	});

	test('onIdle, by its own end', async t => {
		const {limit, thread} = await busyThere(t);
		const idle = limit.onIdle();
		assert.equal(await state(idle), 'pending');
		await thread.terminate();
		await idle;
	});

	test('several threads that wait for each other', async t => {
		const {limit, thread, endOne} = await busyThere(t);
		const there = thread.run(({own}) => own.limit.onIdle());
		const here = limit.onIdle();
		const mine = hold(limit);
		for (let times = 0; times < 3; times++) {
			await endOne();
		}

		await until(() => mine.hasBegun);
		assert.deepEqual([await state(there), await state(here)], ['pending', 'pending']);
		mine.free();
		await Promise.all([there, here]);
	});

	test('a condition that another thread meets just before it would send a message', async () => {
		let isMet = false;
		const gate = {
			conditions: undefined,
			setActiveConditions(conditions) {
				isMet = true;
				this.conditions = conditions;
			},
		};
		await new QueueConditions(gate).until(() => (isMet ? 0 : 1), 1);
		assert.equal(gate.conditions, undefined);
	});
});
