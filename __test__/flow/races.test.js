'use strict';

// What happens at the worst moment. What depends on time is in due.test.js.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('../../index.js');
const {deferred, outcomeOf, running, turns} = require('./helpers.js');

const idle = limit => assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

const listeners = ({signal}) => getEventListeners(signal, 'abort').length;

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
	test('in each microtask after the slot came free: it runs or it does not, and the slot goes on', async () => {
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

	test('no item of a map begins after it', async () => {
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

	test('by the task itself: its promise rejects, its slot is free when it has ended', async () => {
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

	test('of what was cleared in the same turn: it is told of either', async () => {
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

	test('while paused: what waits leaves at once', async () => {
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

describe('weight', () => {
	test('above a concurrency that was lowered while it runs: all others wait for it', async () => {
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

	test('raised while it waits: it begins with its own weight', async () => {
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

	test('a newcomer that makes room for the other lane lets it start', async () => {
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
	test('while a task is tried again: it goes on, what waits for it is told', async () => {
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

	test('from inside a map: what has not begun is dropped, what runs ends', async () => {
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
		test(`of a flight that others have joined, rejectOnClear ${rejectOnClear}`, async () => {
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

	test('of one lane lets the other one start', async () => {
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
		test(`all who wait are told of a drain, overflow '${overflow}'`, async () => {
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

	test('a drain does not tell those who wait for a shorter queue anything wrong', async () => {
		const {limit, free} = await running();
		limit(() => {});
		const all = [limit.onSizeLessThan(1), limit.onEmpty(), limit.onIdle()];
		const drained = limit.drain();
		assert.deepEqual(await Promise.all(all.map(outcomeOf)), ['pending', 'pending', 'pending']);
		free();
		await Promise.all([...all, drained]);
		idle(limit);
	});

	test('room that an abort or a clear has made is told', async () => {
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
