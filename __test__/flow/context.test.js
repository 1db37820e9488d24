'use strict';

// The option `context`: functions get what `run` gives. When its signal aborts, and with which reason.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {deferred, idle, later, outcomeOf, turns} = require('./helpers.js');

const {TaskTimeoutError, LimitClosedError} = pLimit;

const never = () => new Promise(() => {});

const asyncOf = async function* (item) {
	yield item;
};

/** By name: calls a function in a limit with `context: true`, which gets arguments and the context. */
const ways = {
	call: [(limit, fn) => limit(fn, 1, 2), ([context, a, b]) => [context, a, b], [1, 2]],
	run: [(limit, fn) => limit.run(fn), ([context]) => [context], []],
	once: [(limit, fn) => limit.once('key', fn, 1), ([context, a]) => [context, a], [1]],
	map: [(limit, fn) => limit.map(['a'], fn), ([item, index, context]) => [context, item, index], ['a', 0]],
	settle: [(limit, fn) => limit.settle(['a'], fn), ([item, index, context]) => [context, item, index], ['a', 0]],
	'map with costs': [
		(limit, fn) => limit.map(['a'], fn, {cost: () => 1}),
		([item, index, context]) => [context, item, index],
		['a', 0],
	],
	'map of an async iterable': [
		(limit, fn) => limit.map(asyncOf('a'), fn),
		([item, index, context]) => [context, item, index],
		['a', 0],
	],
	stream: [(limit, fn) => limit.stream(['a'], fn).next(), ([a, index, context]) => [context, a, index], ['a', 0]],
	'stream with costs': [
		(limit, fn) => limit.stream(asyncOf('a'), fn, {cost: () => 1}).next(),
		([a, index, context]) => [context, a, index],
		['a', 0],
	],
};

describe('the option `context`', () => {
	for (const [title, [start, read, expected]] of Object.entries(ways)) {
		test(`gives a function its context and its arguments, by ${title}`, async () => {
			const limit = pLimit({concurrency: 1, context: true});
			for (const [lane, name] of [
				[limit, 'online'],
				[limit.offline, 'offline'],
				[limit.with({lane: 'offline'}), 'offline'],
			]) {
				let given;
				await start(lane, (...args) => {
					given = args;
				});
				const [context, ...rest] = read(given);
				assert.deepEqual([context.attempt, context.lane], [1, name]);
				assert.equal(context.signal.aborted, false);
				assert.equal(context.signal, context.signal);
				assert.deepEqual(rest, expected);
				assert.equal(given.length, 1 + expected.length);
			}
		});

		test(`tells it of its attempts, with one signal, by ${title}`, async () => {
			const limit = pLimit({concurrency: 1, retry: {retries: 2, minTimeout: 0}}).with({context: true});
			const contexts = [];
			await start(limit, async (...args) => {
				const [context] = read(args);
				contexts.push(context);
				if (context.attempt < 3) {
					throw new Error('no');
				}
			});
			assert.deepEqual(
				contexts.map(({attempt}) => attempt),
				[1, 2, 3],
			);
			assert.equal(new Set(contexts.map(({signal}) => signal)).size, 1);
			assert.equal(new Set(contexts).size, 3);
		});

		test(`aborts its signal when a drain gives up, by ${title}`, async () => {
			const limit = pLimit({concurrency: 1, context: true});
			let reason;
			const call = start(limit, async (...args) => {
				const [{signal}] = read(args);
				await new Promise(resolve => {
					signal.addEventListener('abort', resolve);
				});
				reason = signal.reason;
			});
			await turns();
			await limit.drain({timeout: 0});
			await call;
			assert.ok(reason instanceof LimitClosedError);
		});
	}

	test('may be taken back', async () => {
		const limit = pLimit({concurrency: 1, context: true}).with({context: false});
		assert.deepEqual(await limit((...args) => args, 1), [1]);
		assert.equal((await limit.run(context => context)).attempt, 1);
	});

	test('aborts with the reason of the signal, or the error of the timeout', async () => {
		const limit = pLimit({concurrency: 9, context: true});
		const controller = new AbortController();
		const reasons = [];
		const watch = async ({signal}) => {
			signal.addEventListener('abort', () => reasons.push(signal.reason));
			await never();
		};
		const aborted = later(limit.with({signal: controller.signal})(watch));
		await turns();
		controller.abort('because');
		await assert.rejects(aborted, reason => reason === 'because');
		const timedOut = await limit
			.with({timeout: 0, label: 'slow'})(watch)
			.catch(error => error);
		assert.ok(timedOut instanceof TaskTimeoutError);
		assert.deepEqual(reasons, ['because', timedOut]);
	});

	test('has a signal that was aborted if it is first read then', async () => {
		const limit = pLimit({concurrency: 1, context: true});
		const {promise, resolve} = deferred();
		let context;
		const call = limit.with({timeout: 0})(async given => {
			context = given;
			await promise;
		});
		const error = await call.catch(reason => reason);
		assert.equal(context.signal.aborted, true);
		assert.equal(context.signal.reason, error);
		resolve();
	});

	test('has a signal that stays when the call has ended', async () => {
		const limit = pLimit({concurrency: 1, context: true});
		const {signal} = await limit(context => context);
		await limit.drain({timeout: 0});
		assert.equal(signal.aborted, false);
	});

	test('gives no context to a call that never begins', async () => {
		const limit = pLimit({concurrency: 1, context: true});
		limit(never);
		const controller = new AbortController();
		const call = later(limit.with({signal: controller.signal})(() => assert.fail('it ran')));
		controller.abort('gone');
		await assert.rejects(call, reason => reason === 'gone');
		const dropped = later(limit(() => assert.fail('it ran')));
		limit.clearQueue();
		assert.equal(await outcomeOf(dropped), 'pending');
	});

	test('between the grant and the begin, an abort keeps it from running', async () => {
		const limit = pLimit({concurrency: 1, context: true});
		const controller = new AbortController();
		const call = later(limit.with({signal: controller.signal})(() => assert.fail('it ran')));
		assert.equal(limit.activeCount, 1);
		controller.abort('late');
		await assert.rejects(call, reason => reason === 'late');
		await turns();
		idle(limit);
	});

	test('works for a function of `limitFunction`, in a chain and in keyed limits', async () => {
		const first = ({lane, attempt}, a) => [lane, attempt, a];
		assert.deepEqual(await pLimit.limitFunction(first, {concurrency: 1, context: true})(7), ['online', 1, 7]);
		const chain = pLimit({concurrency: 1, context: true}).chain(pLimit(1));
		assert.deepEqual(await chain.offline(first, 8), ['offline', 1, 8]);
		const limits = pLimit.keyed({concurrency: 1, total: 1, context: true});
		assert.deepEqual(await limits('a')(first, 9), ['online', 1, 9]);
	});

	test('is a boolean', () => {
		assert.throws(() => pLimit(1).with({context: 'yes'}), {message: "`context` must be a boolean, got 'yes'"});
	});
});
