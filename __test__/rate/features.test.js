'use strict';

// A rate together with other features, on a clock that is set by hand: calls that leave the queue, pauses, retries,
// maps, streams, a drain.

const {pass, passBusy, passPaused} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {outcomeOf, turns} = require('../flow/helpers.js');
const {calls, rated} = require('./rated.js');

describe('a call that leaves the queue takes no tokens', () => {
	test('cleared', async () => {
		const {limit, note, starts} = rated({limit: 10}, {rejectOnClear: true});
		await limit(note, 'first');
		const dropped = Promise.allSettled([limit(note, 'dropped'), limit.offline.map([1, 2], note)]);
		assert.equal(limit.pendingCount, 3);
		limit.clearQueue();
		assert.deepEqual(
			(await dropped).map(({reason}) => reason.name),
			['AbortError', 'AbortError'],
		);
		const next = limit(note, 'next');
		await pass(limit, 100);
		await next;
		assert.deepEqual(starts, [
			['first', 0],
			['next', 100],
		]);
	});

	test('aborted', async () => {
		const {limit, note, starts} = rated({limit: 10});
		const controller = new AbortController();
		await limit(note, 'first');
		const aborted = limit.with({signal: controller.signal})(note, 'aborted');
		const next = limit(note, 'next');
		controller.abort('enough');
		await assert.rejects(aborted, error => error === 'enough');
		await pass(limit, 100);
		await next;
		assert.deepEqual(starts.at(-1), ['next', 100]);
	});

	test('too late for its queueTimeout, with only the rate to wait for', async () => {
		const {limit, note, starts} = rated({limit: 10});
		await limit(note, 'first');
		const late = limit.with({queueTimeout: 50})(note, 'late');
		const refused = assert.rejects(late, {code: 'ERR_QUEUE_TIMEOUT'});
		const next = limit(note, 'next');
		await pass(limit, 50);
		await refused;
		await pass(limit, 50);
		await next;
		assert.deepEqual(starts.at(-1), ['next', 100]);
	});
});

describe('a rate together with', () => {
	test('a pause: nothing starts, and tokens come meanwhile, up to a burst', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 2});
		await calls(limit, 2, note);
		limit.pauseFor(500);
		const all = calls(limit, 4, note);
		await passPaused(limit, 499);
		assert.deepEqual(times(), [0, 0]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 0, 500, 500]);
		await passBusy(limit, 200);
		await all;
		assert.deepEqual(times(), [0, 0, 500, 500, 700, 700]);
	});

	test('a pause that is shorter than the wait for a token: nothing changes', async () => {
		const {limit, note, times} = rated({limit: 10});
		await calls(limit, 1, note);
		limit.pauseFor(30);
		const all = calls(limit, 1, note);
		await passPaused(limit, 30);
		await pass(limit, 69);
		assert.deepEqual(times(), [0]);
		await pass(limit, 1);
		await all;
		assert.deepEqual(times(), [0, 100]);
	});

	test('`retryAfter`: it pauses all calls, and the retry takes a token before calls that wait', async () => {
		const {limit, note, starts} = rated({limit: 10, burst: 2});
		let attempts = 0;
		const retried = limit.with({retry: {minTimeout: 0, retryAfter: () => 250}})(() => {
			note(`attempt ${++attempts}`);
			if (attempts === 1) {
				throw new Error('429');
			}
		});
		await turns();
		assert.equal(limit.isPaused, true);
		const others = calls(limit, 3, note, 'other');
		await passPaused(limit, 249);
		assert.equal(starts.length, 1);
		await pass(limit, 1);
		await retried;
		await pass(limit, 100);
		await pass(limit, 100);
		await others;
		assert.deepEqual(starts, [
			['attempt 1', 0],
			['attempt 2', 250],
			['other', 250],
			['other', 350],
			['other', 450],
		]);
	});

	test('a map: each item takes a token', async () => {
		const {limit, note, starts} = rated({limit: 10, burst: 2}, {concurrency: 3});
		const results = limit.map(['a', 'b', 'c', 'd'], note);
		await turns();
		assert.deepEqual(limit.pendingCount, 2);
		await pass(limit, 100);
		await pass(limit, 100);
		assert.deepEqual(await results, ['a', 'b', 'c', 'd']);
		assert.deepEqual(starts, [
			['a', 0],
			['b', 0],
			['c', 100],
			['d', 200],
		]);
	});

	test('a stream: each item takes a token', async () => {
		const {limit, note, starts} = rated({limit: 10}, {concurrency: 2});
		const results = [];
		const read = (async () => {
			for await (const result of limit.stream(['a', 'b', 'c'], note)) {
				results.push(result);
			}
		})();
		await turns();
		assert.deepEqual(results, ['a']);
		await pass(limit, 100);
		await pass(limit, 100);
		await read;
		assert.deepEqual(results, ['a', 'b', 'c']);
		assert.deepEqual(starts, [
			['a', 0],
			['b', 100],
			['c', 200],
		]);
	});

	test('a drain: queued calls run at the rate', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 2, note);
		const drained = limit.drain();
		await turns();
		assert.equal(await outcomeOf(drained), 'pending');
		await pass(limit, 100);
		await Promise.all([all, drained]);
		assert.deepEqual(times(), [0, 100]);
	});

	test('more slots: there are no more tokens', async () => {
		const {limit, note, times} = rated({limit: 10}, {concurrency: 1});
		const all = calls(limit, 2, note);
		limit.concurrency = 100;
		await turns();
		assert.deepEqual(times(), [0]);
		await pass(limit, 100);
		await all;
	});
});
