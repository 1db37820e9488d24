'use strict';

// A signal has one listener in a thread, for all limits, pools and kernels together.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const process = require('node:process');
const {describe, test} = require('node:test');
const {AbortController: StandIn} = require('abort-controller');
const {Pool, hash} = require('p-lanes');
const pLimit = require('p-lanes');
const {Stage, call, tick, waitingWays, ways} = require('./ways.js');

const listeners = signal => getEventListeners(signal, 'abort').length;

/** The warnings of the process while a function runs. */
const warningsOf = async run => {
	const warnings = [];
	const onWarning = warning => warnings.push(warning.name);
	process.on('warning', onWarning);
	await run();
	await tick();
	await tick();
	process.off('warning', onWarning);
	return warnings;
};

/** A limit with so many calls that wait for a signal. */
const waiting = (signal, calls = 1) => {
	const limit = pLimit(1);
	let free;
	limit(
		() =>
			new Promise(resolve => {
				free = resolve;
			}),
	);
	const lane = limit.with({signal});
	const outcomes = Array.from({length: calls}, () => lane(() => 'ran'));
	for (const outcome of outcomes) {
		outcome.catch(() => {});
	}

	return {limit, outcomes, free: () => free()};
};

describe('one listener on a signal', () => {
	test('for all limits: it is the one listener, and Node does not warn', async () => {
		const {signal} = new AbortController();
		const warnings = await warningsOf(async () => {
			const limits = Array.from({length: 30}, () => waiting(signal, 3));
			assert.equal(listeners(signal), 1);
			await tick();
			for (const {limit, free} of limits) {
				free();
				await limit.onIdle();
			}
		});
		assert.deepEqual(warnings, []);
		assert.equal(listeners(signal), 0);
	});

	test('of many calls, those that are left are told in their order', async () => {
		const controller = new AbortController();
		const {signal} = controller;
		const lane = pLimit(1000).with({signal});
		const ends = [];
		const outcomes = Array.from({length: 1000}, () => lane(() => new Promise(resolve => ends.push(resolve))));
		await tick();
		const left = [];
		for (const [index, end] of ends.entries()) {
			if (index % 7 === 0) {
				left.push(index);
			} else {
				end();
			}
		}

		await tick();
		left.push(1000, 1001);
		outcomes.push(...Array.from({length: 2}, () => lane(() => new Promise(() => {}))));
		await tick();
		assert.equal(listeners(signal), 1);
		const told = [];
		for (const index of left) {
			outcomes[index].catch(() => told.push(index));
		}

		controller.abort();
		await tick();
		assert.deepEqual(told, left);
		assert.equal(listeners(signal), 0);
	});

	test('for every way at once, also of limits, pools and kernels together', async t => {
		const {signal} = new AbortController();
		const stages = [new Stage({isBusy: true}), new Stage()];
		t.after(() => Promise.all(stages.map(stage => stage.close())));
		const warnings = await warningsOf(async () => {
			const outcomes = stages.flatMap(stage => ways.map(([, way]) => call(way, stage, signal)));
			assert.equal(listeners(signal), 1);
			await tick();
			assert.equal(listeners(signal), 1);
			for (const stage of stages) {
				stage.release();
			}

			await Promise.all(outcomes);
		});
		assert.deepEqual(warnings, []);
		assert.equal(listeners(signal), 0);
	});

	test('of a package that stands in: Node warns of many', async () => {
		const {signal} = new StandIn();
		let added = 0;
		const {addEventListener} = signal;
		signal.addEventListener = (...args) => {
			added++;
			return addEventListener.apply(signal, args);
		};

		const limits = Array.from({length: 30}, () => waiting(signal));
		await tick();
		assert.equal(added, 1);
		for (const {limit, free} of limits) {
			free();
			await limit.onIdle();
		}
	});

	test('is removed with the last call of all limits, and added again for the next', async () => {
		const {signal} = new AbortController();
		const [first, second] = [waiting(signal), waiting(signal)];
		await tick();
		first.free();
		assert.equal(await first.outcomes[0], 'ran');
		assert.equal(listeners(signal), 1);
		second.free();
		assert.equal(await second.outcomes[0], 'ran');
		assert.equal(listeners(signal), 0);
		const third = waiting(signal);
		assert.equal(listeners(signal), 1);
		await tick();
		third.free();
		await third.limit.onIdle();
		assert.equal(listeners(signal), 0);
	});

	test('stays one if the signal can not remove it', async () => {
		const {signal} = new AbortController();
		signal.removeEventListener = () => {
			throw new Error('no');
		};

		for (let round = 0; round < 20; round++) {
			const {limit, free} = waiting(signal);
			await tick();
			free();
			await limit.onIdle();
		}

		assert.equal(listeners(signal), 1);
	});

	test('whatever order: no call of any limit that waits begins before all are aborted', async () => {
		const controller = new AbortController();
		const limits = Array.from({length: 5}, () => waiting(controller.signal, 4));
		const pool = new Pool({filename: `${__dirname}/../pool/fixtures/work.js`, maxThreads: 1});
		const running = pool.run({}, {signal: controller.signal, name: 'later'});
		running.catch(() => {});
		await tick();
		controller.abort('enough');
		for (const {limit, outcomes, free} of limits) {
			free();
			for (const outcome of outcomes) {
				await assert.rejects(outcome, error => error === 'enough');
			}

			await limit.onIdle();
		}

		await assert.rejects(running, error => error === 'enough');
		assert.equal(listeners(controller.signal), 0);
		await pool.destroy();
	});

	test('a call that the addEventListener of the signal makes with the same signal has the same listener', async () => {
		const {signal} = new AbortController();
		const limit = pLimit(2);
		const inner = [];
		let isInner = false;
		signal.addEventListener = (...args) => {
			if (!isInner) {
				isInner = true;
				inner.push(
					limit.with({signal})(() => 'inner'),
					hash('sha1', 'x', {signal}),
				);
			}

			return EventTarget.prototype.addEventListener.apply(signal, args);
		};

		assert.equal(await limit.with({signal})(() => 'outer'), 'outer');
		assert.equal((await Promise.all(inner))[0], 'inner');
		assert.equal(listeners(signal), 0);
	});

	test('the same, where the inner call ends before the outer one has the listener', async () => {
		const controller = new AbortController();
		const {signal} = controller;
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		let isInner = false;
		let free;
		limit(
			() =>
				new Promise(resolve => {
					free = resolve;
				}),
		);
		const lane = limit.with({signal});
		let inner;
		signal.addEventListener = (...args) => {
			EventTarget.prototype.addEventListener.apply(signal, args);
			if (!isInner) {
				isInner = true;
				inner = lane(() => 'inner');
				inner.catch(() => {});
				limit.clearQueue();
			}
		};

		const outer = lane(() => 'outer');
		await assert.rejects(inner, {name: 'AbortError'});
		assert.equal(listeners(signal), 1);
		controller.abort('late');
		await assert.rejects(outer, error => error === 'late');
		free();
		await limit.onIdle();
	});

	test('the reason is read once for all', async () => {
		const controller = new AbortController();
		let reads = 0;
		Object.defineProperty(controller.signal, 'reason', {
			get() {
				reads++;
				return 'why';
			},
		});
		const limits = Array.from({length: 3}, () => waiting(controller.signal, 2));
		controller.abort();
		for (const {limit, outcomes, free} of limits) {
			for (const outcome of outcomes) {
				await assert.rejects(outcome, error => error === 'why');
			}

			free();
			await limit.onIdle();
		}

		assert.equal(reads, 1);
	});
});

test('a reason that throws rejects the calls that wait with what it throws, and the process goes on', async t => {
	for (const [, way] of waitingWays) {
		const stage = new Stage({isBusy: true});
		t.after(() => stage.close());
		const controller = new AbortController();
		Object.defineProperty(controller.signal, 'reason', {
			get() {
				throw new Error('no reason');
			},
		});
		const outcome = call(way, stage, controller.signal);
		outcome.catch(() => {});
		await tick();
		controller.abort();
		await assert.rejects(outcome, {message: 'no reason'});
		await stage.assertIdle(assert);
		assert.equal(stage.ran, 0);
	}
});
