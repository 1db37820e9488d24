'use strict';

// An abort at the worst moment.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {deferred, idle, listeners, outcomeOf, running, turns} = require('./helpers.js');

/** More microtasks than a call takes from its slot to its end. */
const MOST = 15;

/** Something happens so many microtasks from now; with none at once. */
const after = async (microtasks, event) => {
	for (let i = 0; i < microtasks; i++) {
		await null;
	}

	event();
};

/** What comes of a race when its event happens in each of the microtasks that it lasts. */
const sweep = async round => {
	const outcomes = [];
	for (let microtasks = 0; microtasks < MOST; microtasks++) {
		outcomes.push(await round(microtasks));
	}

	return outcomes;
};

/** The event came first, up to some microtask, and from then on the call did. */
const assertOneTurningPoint = (outcomes, before, after) => {
	const turned = outcomes.indexOf(after);
	assert.ok(turned > 0, `${outcomes}`);
	assert.deepEqual(
		outcomes,
		outcomes.map((_, index) => (index < turned ? before : after)),
	);
};

describe('abort', () => {
	test('in each microtask after a slot came free: the call runs or rejects, and the next call gets the slot', async () => {
		const outcomes = await sweep(async microtasks => {
			const {limit, free} = await running();
			const controller = new AbortController();
			let ran = 0;
			const call = limit.with({signal: controller.signal})(async () => {
				ran++;
			});
			const next = limit(() => 'next');
			free();
			await after(microtasks, () => controller.abort());
			const outcome = await outcomeOf(call);
			assert.equal(await next, 'next');
			idle(limit);
			assert.equal(listeners(controller), 0);
			assert.ok(ran === 1 || outcome?.rejected === 'AbortError');
			return ran === 1;
		});
		assertOneTurningPoint(outcomes, false, true);
	});

	const sweepMap = async () => {
		let begunLater = 0;
		const outcomes = await sweep(async microtasks => {
			const {limit, free} = await running();
			const controller = new AbortController();
			let begun = 0;
			const map = limit.map(
				[1, 2, 3],
				async () => {
					begun++;
					begunLater += controller.signal.aborted ? 1 : 0;
					await tick();
				},
				{signal: controller.signal},
			);
			const next = limit(() => 'next');
			free();
			await after(microtasks, () => controller.abort());
			assert.deepEqual(await outcomeOf(map), {rejected: 'AbortError'});
			assert.equal(await next, 'next');
			idle(limit);
			assert.equal(listeners(controller), 0);
			assert.ok(begun <= 1);
			return begun > 0;
		});
		return {begunLater, outcomes};
	};

	test('the same for a map', async () => {
		assertOneTurningPoint((await sweepMap()).outcomes, false, true);
	});

	test('no item of a map begins after the abort', async () => {
		assert.equal((await sweepMap()).begunLater, 0);
	});

	test('the same for a stream', async () => {
		const outcomes = await sweep(async microtasks => {
			const {limit, free} = await running();
			const controller = new AbortController();
			let begun = 0;
			const stream = limit.stream(
				[1, 2, 3],
				async () => {
					assert.equal(controller.signal.aborted, false);
					begun++;
					await tick();
				},
				{signal: controller.signal},
			);
			const first = stream.next();
			free();
			await after(microtasks, () => controller.abort());
			assert.deepEqual(await outcomeOf(first), {rejected: 'AbortError'});
			await limit.onIdle();
			idle(limit);
			assert.equal(limit.stats().online.rejected, 0, 'no item has begun since');
			assert.equal(listeners(controller), 0);
			assert.ok(begun <= 1);
			return begun > 0;
		});
		assertOneTurningPoint(outcomes, false, true);
	});

	test('by the task itself: its promise rejects, and its slot is free when it has ended', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const {promise, resolve} = deferred();
		const call = limit.with({signal: controller.signal})(() => {
			controller.abort('enough');
			return promise;
		});
		await assert.rejects(call, error => error === 'enough');
		assert.equal(limit.activeCount, 1);
		resolve();
		assert.equal(await limit(() => 'next'), 'next');
	});

	test('by the mapper of a map: no further item begins', async () => {
		const limit = pLimit(2);
		const controller = new AbortController();
		const begun = [];
		const map = limit.map(
			[1, 2, 3, 4, 5],
			async x => {
				begun.push(x);
				if (x === 2) {
					controller.abort('enough');
				}

				await tick();
			},
			{signal: controller.signal},
		);
		assert.equal(limit.pendingCount, 3);
		await assert.rejects(map, error => error === 'enough');
		assert.equal(limit.pendingCount, 0);
		await limit.onIdle();
		assert.deepEqual(begun, [1, 2]);
		assert.equal(listeners(controller), 0);
	});

	test('by a listener that calls the limit again: that call waits like any other', async () => {
		const {limit, free} = await running();
		const controller = new AbortController();
		let inner;
		controller.signal.addEventListener('abort', () => {
			inner = limit(() => 'inner');
		});
		const call = limit.with({signal: controller.signal})(() => assert.fail('it ran'));
		controller.abort('enough');
		assert.equal(limit.pendingCount, 1);
		free();
		await assert.rejects(call, error => error === 'enough');
		assert.equal(await inner, 'inner');
	});

	test('of a call that was cleared in the same turn: it rejects with either error', async () => {
		const {limit, free} = await running({rejectOnClear: true});
		const controller = new AbortController();
		const call = limit.with({signal: controller.signal})(() => assert.fail('it ran'));
		limit.clearQueue();
		controller.abort('late');
		await assert.rejects(call, error => error === 'late' || error.name === 'AbortError');
		free();
		await limit.onIdle();
		assert.equal(listeners(controller), 0);
	});

	test('while paused: calls that wait leave at once', async () => {
		const limit = pLimit(2);
		limit.pause();
		const controller = new AbortController();
		const lane = limit.with({signal: controller.signal});
		const all = [lane(() => assert.fail('it ran')), lane.map([1, 2], () => assert.fail('it ran'))];
		assert.equal(limit.pendingCount, 3);
		controller.abort('enough');
		assert.equal(limit.pendingCount, 0);
		for (const one of all) {
			await assert.rejects(one, error => error === 'enough');
		}

		limit.resume();
		await turns();
		idle(limit);
	});
});
