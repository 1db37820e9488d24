'use strict';

// `queueTimeout` and `timeout`, at the moment when something else happens. The clock is set by hand.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const v8 = require('node:v8');
const {Alarm, Deadline, Deadlines} = require('../../lib/gate/deadlines.js');
const {busy, deferred, idle, later, outcomeOf, running, turns} = require('./helpers.js');

const refTimers = () => [...clock.timers].filter(timer => timer.hasRef()).length;

/** More microtasks than a call takes from its slot to its end. */
const MOST = 15;

/** So many microtasks after an event the clock strikes. */
const strikeAfter = async (microtasks, duration) => {
	for (let i = 0; i < microtasks; i++) {
		await null;
	}

	await clock.strike(duration);
};

/** What a race comes to when the clock strikes in each of its microtasks: one thing up to some of them, then another. */
const assertOneTurningPoint = async (round, before, after) => {
	const outcomes = [];
	for (let microtasks = 0; microtasks < MOST; microtasks++) {
		outcomes.push(await round(microtasks));
	}

	const turned = outcomes.indexOf(after);
	assert.ok(turned > 0, `${outcomes}`);
	assert.deepEqual(
		outcomes,
		outcomes.map((_, index) => (index < turned ? before : after)),
	);
};

describe('queueTimeout', () => {
	test('rejects not before its time, and then at once', async () => {
		const {limit, free} = busy();
		const call = later(limit.with({queueTimeout: 100})(() => assert.fail('it ran')));
		await clock.pass(99);
		assert.equal(await outcomeOf(call), 'pending');
		assert.equal(limit.pendingCount, 1);
		await clock.pass(1);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_QUEUE_TIMEOUT'});
		assert.equal(limit.pendingCount, 0);
		free();
	});

	test('at the moment of the grant: the call runs or rejects, and the next call gets the slot', async () => {
		await assertOneTurningPoint(
			async microtasks => {
				const {limit, free} = await running();
				let ran = 0;
				const call = later(
					limit.with({queueTimeout: 100})(() => {
						ran++;
					}),
				);
				const next = limit(() => 'next');
				free();
				await strikeAfter(microtasks, 100);
				const outcome = await outcomeOf(call);
				assert.equal(await next, 'next');
				idle(limit);
				assert.equal(refTimers(), 0);
				assert.equal(ran, outcome === undefined ? 1 : 0);
				return outcome?.rejected ?? 'ran';
			},
			'ERR_QUEUE_TIMEOUT',
			'ran',
		);
	});

	test('of a heavy call lets light calls start', async () => {
		const limit = pLimit(2);
		const {promise, resolve} = deferred();
		limit(() => promise);
		const heavy = later(limit.with({weight: 2, queueTimeout: 100})(() => assert.fail('it ran')));
		const light = limit(() => 'light');
		assert.equal(await outcomeOf(light), 'pending');
		await clock.pass(100);
		await assert.rejects(heavy, {code: 'ERR_QUEUE_TIMEOUT'});
		assert.equal(await light, 'light');
		resolve();
	});

	test('goes on in a pause', async () => {
		const limit = pLimit(1);
		limit.pauseFor(1000);
		const call = later(limit.with({queueTimeout: 100})(() => assert.fail('it ran')));
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_QUEUE_TIMEOUT'});
		await clock.pass(900);
		assert.equal(limit.isPaused, false);
	});

	test('of a map is that of each item, and fails the map', async () => {
		const {limit, free} = busy();
		const map = later(limit.with({queueTimeout: 100}).map([1, 2], () => assert.fail('it ran')));
		assert.equal(limit.pendingCount, 2);
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(map), {rejected: 'ERR_QUEUE_TIMEOUT'});
		assert.equal(limit.pendingCount, 0);
		free();
	});

	test('of a flight rejects all callers that joined it', async () => {
		const {limit, free} = busy();
		const own = later(limit.with({queueTimeout: 100}).once('k', () => assert.fail('it ran')));
		const joined = later(limit.once('k', () => assert.fail('it ran')));
		await clock.pass(100);
		assert.deepEqual(await Promise.all([own, joined].map(outcomeOf)), [
			{rejected: 'ERR_QUEUE_TIMEOUT'},
			{rejected: 'ERR_QUEUE_TIMEOUT'},
		]);
		const again = limit.once('k', () => 'again');
		free();
		assert.equal(await again, 'again');
	});
});

describe('timeout', () => {
	test('at the moment of completion: the call resolves or rejects, and the slot is free', async () => {
		await assertOneTurningPoint(
			async microtasks => {
				const limit = pLimit(1);
				const {promise, resolve} = deferred();
				const call = later(limit.with({timeout: 100})(() => promise));
				const next = limit(() => 'next');
				await tick();
				resolve('done');
				await strikeAfter(microtasks, 100);
				const outcome = await outcomeOf(call);
				assert.equal(await next, 'next');
				idle(limit);
				assert.equal(refTimers(), 0);
				return outcome.rejected ?? outcome;
			},
			'ERR_TASK_TIMEOUT',
			'done',
		);
	});

	test('is counted from the start, not from the call', async () => {
		const {limit, free} = busy();
		const {promise, resolve} = deferred();
		const call = later(limit.with({timeout: 100})(() => promise));
		await clock.pass(1000);
		free();
		await turns();
		await clock.pass(99);
		assert.equal(await outcomeOf(call), 'pending');
		await clock.pass(1);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		assert.equal(limit.activeCount, 1, 'the slot is held');
		resolve();
		await limit.onIdle();
	});

	test('goes on in a pause', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const call = later(limit.with({timeout: 100})(() => promise));
		await tick();
		limit.pauseFor(1000);
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		resolve();
		await clock.pass(900);
	});

	test('and a queueTimeout on one call: each counts its own part', async () => {
		const {limit, free} = busy();
		const {promise, resolve} = deferred();
		const call = later(limit.with({queueTimeout: 100, timeout: 200})(() => promise));
		await clock.pass(99);
		free();
		await turns();
		await clock.pass(199);
		assert.equal(await outcomeOf(call), 'pending');
		await clock.pass(1);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		resolve();
		await limit.onIdle();
	});

	test('while a call waits for its retry: it is not tried again, and the slot is free', async () => {
		const limit = pLimit(1);
		let calls = 0;
		const call = later(
			limit.with({timeout: 100, retry: {minTimeout: 1000}})(async () => {
				calls++;
				throw new Error('again');
			}),
		);
		await turns();
		assert.equal(limit.activeCount, 1);
		await clock.pass(100);
		assert.deepEqual(await outcomeOf(call), {rejected: 'ERR_TASK_TIMEOUT'});
		idle(limit);
		await clock.pass(10_000);
		assert.equal(calls, 1);
	});
});

describe('the timer', () => {
	test('is one for all deadlines of a limit', async () => {
		const limit = pLimit(1);
		limit.pause();
		const before = clock.timers; // of limits that may be collected meanwhile
		const calls = Array.from({length: 100}, (_, index) => limit.with({queueTimeout: 10 + index})(() => 'ran'));
		assert.equal([...clock.timers].filter(timer => !before.has(timer)).length, 1);
		limit.resume();
		assert.equal((await Promise.all(calls)).length, 100);
		assert.equal(refTimers(), 0);
	});

	test('serves many durations at once, each in its time and in order', async () => {
		const {limit, free} = busy();
		const began = clock.now;
		const durations = Array.from({length: 200}, (_, index) => (index * 37) % 101);
		const ended = [];
		for (const queueTimeout of durations) {
			limit
				.with({queueTimeout})(() => {})
				.catch(() => ended.push([queueTimeout, clock.now - began]));
		}

		await clock.pass(200);
		await turns();
		assert.deepEqual(
			ended.map(([duration]) => duration),
			durations.sort((a, b) => a - b),
		);
		for (const [duration, at] of ended) {
			assert.equal(at, Math.max(1, duration));
		}

		free();
	});

	test('strikes often: it looks only at the deadlines that are due', async () => {
		const deadlines = new Deadlines();
		let looks = 0;
		let ended = 0;
		const add = duration => {
			const alarm = new Alarm(() => ended++);
			let {at} = alarm;
			Object.defineProperty(alarm, 'at', {
				get() {
					looks++;
					return at;
				},
				set(given) {
					at = given;
				},
			});
			deadlines.add(alarm, duration);
		};
		for (let duration = 200; duration > 0; duration--) {
			add(duration);
		}

		await clock.pass(200);
		assert.equal(ended, 200);
		assert.ok(looks < 10 * 200, `${looks} looks at 200 deadlines`);
	});

	// A caller that gives each call what is left of its own time has another duration for each.
	test('keeps nothing of many durations whose deadlines were removed', {
		skip: v8.queryObjects === undefined,
	}, async () => {
		const deadlines = new Deadlines();
		const waits = new Alarm(() => {});
		deadlines.add(waits, 3_600_000);
		const before = v8.queryObjects(Deadline);
		for (let duration = 1; duration <= 2000; duration++) {
			const alarm = new Alarm(() => {});
			deadlines.add(alarm, 3_600_000 + duration);
			deadlines.remove(alarm);
		}

		const kept = v8.queryObjects(Deadline) - before;
		assert.ok(kept < 200, `${kept} objects are kept of 2000 deadlines`);
		assert.ok(waits.isSet);
		deadlines.remove(waits);
		deadlines.stop();
	});

	test('strikes late, as after a long computation: calls reject in the order of their deadlines', async () => {
		const {limit, free} = busy();
		const ended = [];
		for (const queueTimeout of [30, 10, 20, 40, 30, 100]) {
			limit
				.with({queueTimeout})(() => {})
				.catch(() => ended.push(queueTimeout));
		}

		clock.now += 50;
		await clock.pass(0);
		await turns();
		assert.deepEqual(ended, [10, 20, 30, 30, 40]);
		await clock.pass(50);
		await turns();
		assert.deepEqual(ended, [10, 20, 30, 30, 40, 100]);
		free();
	});
});
