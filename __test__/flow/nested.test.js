'use strict';

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('../../index.js');
const {deferred, outcomeOf, turns} = require('./helpers.js');

const idle = limit => assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

const listeners = ({signal}) => getEventListeners(signal, 'abort').length;

describe("nested: 'inherit'", () => {
	test('a call inside a task runs in its slot', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		const walk = async depth => (depth === 0 ? 1 : 1 + (await limit(walk, depth - 1)));
		assert.equal(await limit(walk, 5), 6);
		assert.equal(limit.activeCount, 0);
	});

	test('a map inside a task runs one item at a time', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		let running = 0;
		const results = await limit(() =>
			limit.map([1, 2, 3], async x => {
				running++;
				assert.equal(running, 1);
				await tick();
				running--;
				return x * 2;
			}),
		);
		assert.deepEqual(results, [2, 4, 6]);
		assert.deepEqual(await limit(() => limit.settle([1], () => Promise.reject(new Error('no')))), [
			{status: 'rejected', reason: new Error('no')},
		]);
	});

	test('the slot is held until the inner calls have ended, awaited or not', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		let inner = true;
		await limit(() => {
			limit(async () => {
				await tick();
				await tick();
				inner = false;
			});
		});
		const next = limit(() => assert.equal(inner, false));
		await next;
	});

	test('after its end a task’s context is nobody’s', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		let later;
		await limit(() => {
			later = tick().then(() => limit(() => limit.activeCount));
		});
		assert.equal(await later, 1, 'it has a slot of its own');
	});

	test('another limit is another', async () => {
		const [a, b] = [1, 2].map(() => pLimit({concurrency: 1, nested: 'inherit'}));
		assert.equal(await a(() => b(() => b.activeCount)), 1);
	});

	test('the outer one is aborted: its slot is held until the inner one has ended', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		const controller = new AbortController();
		const {promise, resolve} = deferred();
		const outer = limit.with({signal: controller.signal})(() => limit(() => promise));
		await turns();
		controller.abort('enough');
		await assert.rejects(outer, error => error === 'enough');
		const next = limit(() => 'next');
		assert.equal(await outcomeOf(next), 'pending');
		assert.equal(limit.activeCount, 1);
		resolve();
		assert.equal(await next, 'next');
		idle(limit);
	});

	test('the inner one is aborted: it rejects at once, the slot is held until it has ended', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		const controller = new AbortController();
		const {promise, resolve} = deferred();
		const outer = limit(() =>
			limit
				.with({signal: controller.signal})(() => promise)
				.catch(error => `caught ${error}`),
		);
		await turns();
		controller.abort('enough');
		assert.equal(await outer, 'caught enough');
		const next = limit(() => 'next');
		assert.equal(await outcomeOf(next), 'pending');
		resolve();
		assert.equal(await next, 'next');
		assert.equal(listeners(controller), 0);
	});

	test('the inner one is aborted before it has begun: it never runs', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		const controller = new AbortController();
		const outer = limit(() => {
			const inner = limit.with({signal: controller.signal})(() => assert.fail('it ran'));
			controller.abort('enough');
			return inner;
		});
		await assert.rejects(outer, error => error === 'enough');
		await turns();
		idle(limit);
	});

	for (const [name, change] of [
		['paused', limit => limit.pause()],
		['cleared', limit => limit.clearQueue()],
		['drained', limit => void limit.drain()],
	]) {
		test(`${name} meanwhile: inner calls are part of what runs`, async () => {
			const limit = pLimit({concurrency: 1, nested: 'inherit', rejectOnClear: true});
			const outer = limit(async () => {
				const inner = limit(() => 'inner');
				change(limit);
				return [await inner, await limit(() => 'later')];
			});
			assert.deepEqual(await outer, ['inner', 'later']);
			idle(limit);
		});
	}

	test('a map inside with a signal ends with it', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		for (const [lane, options] of [
			[() => limit, signal => ({signal})],
			[signal => limit.with({signal}), () => ({})],
		]) {
			const controller = new AbortController();
			const begun = [];
			const outer = limit(() =>
				lane(controller.signal).map(
					[1, 2, 3],
					async x => {
						begun.push(x);
						controller.abort('enough');
						await tick();
					},
					options(controller.signal),
				),
			);
			assert.deepEqual(await outcomeOf(outer), {rejected: 'enough'});
			await limit.onIdle();
			assert.deepEqual(begun, [1]);
		}
	});

	test('a stream inside a task runs in its slot, too', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		const outcome = await outcomeOf(limit(() => limit.stream([1], x => x * 2).next()));
		assert.deepEqual(outcome, {done: false, value: 2});
	});

	test('a map with options that each item has of its own runs one item at a time, too', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		let active = 0;
		let most = 0;
		await limit(() =>
			limit.with({timeout: 60_000}).map([1, 2, 3], async () => {
				most = Math.max(most, ++active);
				await tick();
				active--;
			}),
		);
		assert.equal(most, 1);
	});
});

describe("nested: 'detect'", () => {
	test('a call that could never run is refused, naming the limit', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect', name: 'crawl'});
		await assert.rejects(
			limit(() => limit(() => {})),
			error => {
				assert.equal(error.code, 'ERR_DEADLOCK');
				assert.equal(error.name, 'DeadlockError');
				assert.match(error.message, /^limit 'crawl': a call made inside another could never run/);
				return true;
			},
		);
		await assert.rejects(
			limit(() => limit.map([1], x => x)),
			{code: 'ERR_DEADLOCK'},
		);
		assert.equal(await limit(() => 'usable'), 'usable');
	});

	test('several that would wait for each other', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		const outer = () => limit(() => 'inner');
		const results = await Promise.allSettled([limit(outer), limit(outer)]);
		assert.deepEqual(results.map(({status}) => status).sort(), ['fulfilled', 'rejected']);
	});

	test('in a map', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect'});
		await assert.rejects(
			limit.map([1, 2], () => limit(() => {})),
			{code: 'ERR_DEADLOCK'},
		);
		await limit.onIdle();
	});

	test('what can run does', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		assert.equal(await limit(() => limit(() => 'inner')), 'inner');
	});

	test('an inner call that is aborted makes room for another one', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		const controller = new AbortController();
		const {promise, resolve} = deferred();
		const other = limit(() => promise);
		const results = await limit(async () => {
			const first = limit.with({signal: controller.signal})(() => assert.fail('it ran'));
			controller.abort('enough');
			const outcomes = [await first.catch(error => error)];
			const second = limit(() => 'second');
			resolve();
			outcomes.push(await second);
			return outcomes;
		});
		assert.deepEqual(results, ['enough', 'second']);
		await other;
		idle(limit);
	});
});
