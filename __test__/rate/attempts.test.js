'use strict';

// Attempts count against the rate: each takes the cost of its call, in its slot. The clock is set by hand.

const {clock, pLimit, passPaused} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {later, outcomeOf, turns} = require('../flow/helpers.js');
const {rated} = require('./rated.js');

const retry = {retries: 3, minTimeout: 0, factor: 1};

/** Goes on in steps of 50 ms. */
const steps = async (limit, number) => {
	for (let i = 0; i < number; i++) {
		await passPaused(limit, 50);
	}
};

const failing = note => async name => {
	note(name);
	throw new Error('again');
};

describe('attempts', () => {
	for (const [what, options] of [
		['with slots', {concurrency: 5}],
		['without a concurrency', {}],
		['shared over threads', {name: 'rate: attempts', concurrency: 10}],
	]) {
		test(`no more begin in a second than the rate allows, ${what}`, async () => {
			const {limit, note, starts} = rated({limit: 10}, options);
			const calls = Array.from({length: 10}, (_, number) => later(limit.with({retry})(failing(note), number)));
			await turns();
			await steps(limit, 19);
			assert.equal(starts.length, 10, 'from 0 to 950 ms');
			await steps(limit, 61);
			assert.equal(starts.length, 40);
			for (const call of calls) {
				assert.deepEqual(await outcomeOf(call), {rejected: 'Error'});
			}

			for (let i = 10; i < starts.length; i++) {
				assert.ok(starts[i][1] - starts[i - 10][1] >= 1000, `${starts[i]} after ${starts[i - 10]}`);
			}
		});
	}

	test('an attempt takes the cost of its call, and comes before calls that wait', async () => {
		const {limit, note, starts} = rated({limit: 10}, {concurrency: 4});
		const call = later(limit.with({cost: 3, retry: {...retry, retries: 1}})(failing(note), 'flaky'));
		const other = limit(note, 'other');
		await turns();
		await steps(limit, 13);
		await other;
		assert.deepEqual(starts, [
			['flaky', 0],
			['flaky', 300],
			['other', 600],
		]);
		assert.deepEqual(await outcomeOf(call), {rejected: 'Error'});
	});

	test('the slot is kept meanwhile', async () => {
		const {limit, note} = rated({limit: 10}, {concurrency: 1});
		const call = later(limit.with({retry: {...retry, retries: 1}})(failing(note)));
		await turns();
		assert.deepEqual([limit.activeCount, limit.stats().online.granted], [1, 1]);
		await steps(limit, 3);
		assert.deepEqual(await outcomeOf(call), {rejected: 'Error'});
		assert.deepEqual([limit.activeCount, limit.stats().online.granted], [0, 1]);
	});

	test('a call that is given up while it waits for tokens leaves them to others', async () => {
		const {limit, note, starts} = rated({limit: 10}, {concurrency: 2});
		const controller = new AbortController();
		const call = limit.with({signal: controller.signal, retry})(failing(note), 'flaky');
		const other = limit(note, 'other');
		await turns();
		await steps(limit, 1);
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		await steps(limit, 1);
		await other;
		assert.deepEqual(starts, [
			['flaky', 0],
			['other', 100],
		]);
	});

	for (const [what, rates] of [
		['the total', {total: {concurrency: 4, rate: {limit: 10, interval: 1000}}}],
		['the limit of the key', {rate: {limit: 10, interval: 1000}, total: 4}],
	]) {
		test(`in a keyed limit, by the rate of ${what}`, async () => {
			const limits = pLimit.keyed({concurrency: 4, ...rates});
			const limit = limits('a');
			const began = clock.now;
			const times = [];
			const call = later(limit.with({retry})(failing(() => times.push(clock.now - began))));
			await turns();
			for (let i = 0; i < 8; i++) {
				await passPaused(limit, 50);
				limits.total.pauseFor(0);
				await turns(2);
			}

			assert.deepEqual(times, [0, 100, 200, 300]);
			assert.deepEqual(await outcomeOf(call), {rejected: 'Error'});
			assert.deepEqual([limit.activeCount, limits.total.activeCount], [0, 0]);
		});
	}

	for (const [what, run] of [
		['map', (lane, fn) => lane.map([1], fn)],
		['settle', (lane, fn) => lane.settle([1], fn)],
		['stream', async (lane, fn) => lane.stream([1], fn).next()],
		['once', (lane, fn) => lane.once('key', fn)],
	]) {
		test(`of ${what}`, async () => {
			const {limit, note, times} = rated({limit: 10}, {concurrency: 4});
			const call = later(run(limit.with({retry}), failing(note)));
			await turns();
			await steps(limit, 8);
			assert.deepEqual(times(), [0, 100, 200, 300]);
			assert.notEqual(await outcomeOf(call), 'pending');
		});
	}
});
