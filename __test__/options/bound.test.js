'use strict';

// Options that hold for all calls: those of `limit.with`, which gives a limit, and the defaults of a new limit.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {LimitClosedError, limitFunction} = pLimit;
const {deferred, idle, outcomeOf, turns} = require('../flow/helpers.js');

const never = () => new Promise(() => {});

/** The label of the call that runs in a limit. */
const labelIn = limit => (limit.stats().online.oldest ?? limit.stats().offline.oldest).label;

describe('a limit with options is the same limit', () => {
	test('with its counts, of both lanes', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const bound = limit.with({priority: 1});
		const all = [limit(() => promise), limit.offline(() => {}), bound(() => {}), bound.offline(() => {})];
		assert.deepEqual([bound.activeCount, bound.pendingCount], [1, 3]);
		assert.deepEqual([bound.online.pendingCount, bound.offline.pendingCount], [1, 2]);
		assert.deepEqual([bound.stats().online.pending, bound.stats().offline.pending], [1, 2]);
		resolve();
		await Promise.all(all);
		idle(bound);
	});

	test('with its queue, which it clears', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		const {promise, resolve} = deferred();
		const first = limit(() => promise);
		const waits = [limit(assert.fail), limit.offline(assert.fail), limit.with({label: 'a'})(assert.fail)];
		limit.with({priority: 3}).clearQueue();
		assert.deepEqual(
			(await Promise.allSettled(waits)).map(({reason}) => reason.name),
			['AbortError', 'AbortError', 'AbortError'],
		);
		resolve();
		await first;
	});

	test('with its pauses, concurrency, rate and signal', async () => {
		const limit = pLimit({concurrency: 1, rate: {limit: 1, interval: 1, burst: 5}});
		const bound = limit.with({timeout: 1000});
		bound.pause();
		assert.equal(limit.isPaused, true);
		limit.resume();
		assert.equal(bound.isPaused, false);
		bound.pauseFor(1_000_000);
		assert.equal(limit.isPaused, true);
		bound.resume();
		bound.concurrency = 3;
		bound.rate = {limit: 2, interval: 1};
		assert.deepEqual([limit.concurrency, limit.rate], [3, {limit: 2, interval: 1, burst: 1}]);
		assert.equal(bound.signal, limit.signal);
		assert.equal(bound.snapshot().concurrency, 3);
	});

	test('with its drain', async () => {
		const limit = pLimit(1);
		const report = await limit.with({priority: 1}).drain();
		assert.equal(report.isIdle, true);
		await assert.rejects(
			limit(() => {}),
			LimitClosedError,
		);
		await limit.with({priority: 1})[Symbol.asyncDispose]();
	});

	test('and what messages and statistics say of it', async () => {
		const limit = pLimit({concurrency: 1, name: 'bound: messages'});
		const bound = limit.with({label: 'mine'});
		bound(never);
		await turns(1);
		assert.equal(labelIn(limit), 'mine');
		await assert.rejects(bound.with({queueTimeout: 0})(assert.fail), {
			message: "limit 'bound: messages': the call 'mine' timed out after 0 ms in the queue",
		});
	});
});

describe('a limit with options', () => {
	test('has lanes with the options, the same ones each time', async () => {
		const limit = pLimit(1);
		const bound = limit.with({lane: 'offline', label: 'batch', retry: {retries: 1, minTimeout: 0}});
		assert.equal(bound.online, bound.online);
		assert.notEqual(bound.online, limit.online);
		let calls = 0;
		for (const lane of [bound, bound.online, bound.offline]) {
			calls = 0;
			await lane(async () => {
				assert.equal(labelIn(limit), 'batch');
				if (++calls === 1) {
					throw new Error('no');
				}
			});
			assert.equal(calls, 2);
		}

		assert.deepEqual([limit.stats().online.settled, limit.stats().offline.settled], [1, 2]);
	});

	test('queues its own calls in its lane', async () => {
		const limit = pLimit(1);
		const lanes = [];
		const note = ({lane}) => lanes.push(lane);
		const offline = limit.with({lane: 'offline'});
		await offline.run(note);
		await offline.with({priority: 1}).run(note);
		await offline.online.run(note);
		await offline.run(note, {lane: 'online'});
		await offline.with({lane: 'online'}).offline.run(note);
		assert.deepEqual(lanes, ['offline', 'offline', 'online', 'online', 'offline']);
	});

	test('adds to what is bound, and takes back', async () => {
		const limit = pLimit(2).with({weight: 2, timeout: 1, retry: 3});
		const same = limit.with({priority: 1});
		const {promise, resolve} = deferred();
		const call = same.with({timeout: Number.POSITIVE_INFINITY, retry: 0})(() => promise);
		const waits = limit.with({weight: 1, timeout: null})(() => 'then');
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 1]);
		resolve('first');
		assert.deepEqual(await Promise.all([call, waits]), ['first', 'then']);
	});

	test('is a limit for a chain, which keeps its options', async () => {
		const limit = pLimit(4);
		const behind = pLimit(4);
		const chain = limit.with({label: 'bound', weight: 3, lane: 'offline'}).chain(behind);
		chain(never);
		await turns();
		assert.equal(labelIn(limit), 'bound');
		assert.equal(labelIn(behind), 'bound');
		assert.equal(behind.offline.activeCount, 1);
		behind.with({weight: 2})(never);
		assert.equal(behind.online.pendingCount, 1, 'it weighs 3 there, too');
	});

	test('behind another one, in a chain, asks what is bound to it', async () => {
		for (const [weight, given, waits] of [
			[3, undefined, 1],
			[1, undefined, 0],
			[3, {weight: 2}, 0],
		]) {
			const limit = pLimit(4);
			const behind = pLimit(4);
			limit.chain(behind.with({weight}), given)(never);
			await turns();
			behind.with({weight: 2})(never);
			assert.equal(behind.pendingCount, waits);
		}

		const behind = pLimit({concurrency: 1, rate: {limit: 1, interval: 1000, burst: 10}});
		await pLimit(1).chain(behind.with({cost: 7}))(() => {});
		assert.equal(Math.floor(behind.stats().rate.available), 3);
	});

	test('refuses what it may never hold, and changes nothing', () => {
		const limit = pLimit({concurrency: 4, reserve: 2});
		assert.throws(() => limit.with({weight: 5}), {code: 'ERR_INVALID_ARG', message: /^`weight` must be at most 4/});
		assert.throws(() => limit.with({lane: 'offline', weight: 3}), {message: /^`weight` must be at most 2/});
		assert.throws(() => limit.chain(pLimit(1)).with({weight: 2}), {message: /^chain: `weight` must be at most 1/});
	});

	test('whose lane may not hold the weight has it refused by its calls', async () => {
		const limit = pLimit({concurrency: 4, reserve: 2}).with({weight: 3});
		await assert.rejects(
			limit.offline(() => {}),
			{message: /^`weight` must be at most 2/},
		);
		idle(limit);
	});
});

describe('a new limit has defaults', () => {
	test('for all kinds of calls', async () => {
		const {signal} = new AbortController();
		for (const start of [
			lane => lane(never),
			lane => lane.run(never),
			lane => lane.once('key', never),
			lane => lane.map([1], never),
			lane => lane.stream([1], never).next(),
		]) {
			for (const laneOf of [limit => limit, limit => limit.online]) {
				const limit = pLimit({concurrency: 2, label: 'mine', weight: 2, priority: null, signal});
				start(laneOf(limit));
				await turns();
				assert.equal(labelIn(limit), 'mine');
				limit.with({weight: 1})(never);
				assert.equal(limit.pendingCount, 1, 'weight');
			}
		}
	});

	test('that `with`, `run` and `chain` build on', async () => {
		const limit = pLimit({concurrency: 9, lane: 'offline', timeout: 0});
		await assert.rejects(limit(never), {code: 'ERR_TASK_TIMEOUT'});
		await assert.rejects(limit.with({label: 'a'})(never), {code: 'ERR_TASK_TIMEOUT', message: /'a'/});
		assert.equal(limit.stats().offline.timeouts, 2);
		const other = pLimit({concurrency: 9, lane: 'offline', timeout: 0});
		assert.equal(await other.run(({lane}) => lane, {timeout: Number.POSITIVE_INFINITY}), 'offline');
	});

	test('given by a class with accessors', async () => {
		class Options {
			concurrency = 1;
			get timeout() {
				return 0;
			}
		}
		await assert.rejects(pLimit(new Options())(never), {code: 'ERR_TASK_TIMEOUT'});
	});

	test('which `limitFunction` has, too', async () => {
		const limited = limitFunction(never, {concurrency: 1, timeout: 0, label: 'limited'});
		await assert.rejects(limited(), {message: "the task 'limited' timed out after 0 ms"});
	});

	test('and says what is wrong with them, before anything has changed', async () => {
		for (const [options, message] of [
			[{timeout: 'soon'}, /^`timeout` must be a number of milliseconds/],
			[{lane: 'express'}, /^`lane` must be 'online' or 'offline', got 'express'/],
			[{retry: {retry: 1}}, /^`retry.retry` is not an option/],
			[{releaseSlot: true}, /^`releaseSlot` must be false or left out without a `timeout`/],
		]) {
			const name = 'bound: refused';
			assert.throws(() => pLimit({concurrency: 1, name, ...options}), {code: 'ERR_INVALID_ARG', message});
			assert.throws(() => pLimit({name}), {code: 'ERR_INVALID_ARG'}, 'no limit was made');
			assert.throws(() => pLimit.keyed({concurrency: 1, ...options}), {code: 'ERR_INVALID_ARG', message});
		}

		assert.throws(() => pLimit({concurrency: 1, weight: 2}), {message: /^`weight` must be at most 1/});
	});

	test('which are those of one handle of a shared limit', async () => {
		const name = 'bound: shared';
		const first = pLimit({concurrency: 1, name, label: 'first', retry: 1});
		const second = pLimit({name, label: 'second', retry: 2});
		const third = pLimit({name});
		for (const [limit, label] of [
			[first, 'first'],
			[second, 'second'],
			[third, 'never'],
		]) {
			const {promise, resolve} = deferred();
			const call = limit(async function never() {
				await promise;
			});
			await turns(1);
			assert.equal(labelIn(first), label);
			resolve();
			await call;
		}
	});
});

describe('keyed limits have defaults', () => {
	test('for the calls of their keys, and not of the total', async () => {
		const limits = pLimit.keyed({concurrency: 2, total: 4, label: 'key', weight: 2});
		const {promise, resolve} = deferred();
		const call = limits('a')(() => promise);
		await turns();
		assert.equal(labelIn(limits('a')), 'key');
		limits('a').with({weight: 1})(() => {});
		assert.equal(limits('a').pendingCount, 1);
		limits.total.with({weight: 3})(() => {});
		assert.equal(limits.total.pendingCount, 1, 'the weight is that of the call, in the total, too');
		resolve();
		await call;
		const own = limits.total(async function work() {
			return labelIn(limits.total);
		});
		assert.equal(await own, 'work');
	});

	test('and the total has its own', async () => {
		const limits = pLimit.keyed({concurrency: 2, total: {concurrency: 4, weight: 3, timeout: 0, queueTimeout: null}});
		const {promise, resolve} = deferred();
		const call = limits('a')(() => promise);
		assert.equal(await outcomeOf(call), 'pending', 'its timeout is for its own calls');
		await assert.rejects(limits.total.with({weight: 1})(never), {code: 'ERR_TASK_TIMEOUT'});
		limits.total.with({weight: 1})(() => {});
		assert.equal(limits.total.pendingCount, 1, 'it was asked for its weight');
		resolve();
		await call;
	});

	test('which are refused at once', () => {
		assert.throws(() => pLimit.keyed({concurrency: 4, weight: 3, total: 2}), {
			message: /^total: `weight` must be at most 2/,
		});
		assert.throws(() => pLimit.keyed({concurrency: 4, weight: 5}), {message: /^`weight` must be at most 4/});
		assert.throws(() => pLimit.keyed({concurrency: 4, total: {concurrency: 1, timeout: 'a'}}), {
			message: /^`total.timeout` must be/,
		});
		assert.throws(() => pLimit.keyed({concurrency: 4, total: {concurrency: 1, weight: 2}}), {
			message: /^`total.weight` must be at most 1/,
		});
	});
});
