'use strict';

// `pauseFor` beside `pause`, `resume` and `drain`. The clock is set by hand.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {outcomeOf, turns} = require('./helpers.js');

describe('pauseFor', () => {
	test('inside a `pause` does not end it, and ends with `resume`', async () => {
		const limit = pLimit(1);
		limit.pause();
		limit.pauseFor(100);
		await clock.pass(100);
		assert.equal(limit.isPaused, true);
		limit.pauseFor(100);
		limit.resume();
		assert.equal(limit.isPaused, false);
		await clock.pass(1000);
		assert.equal(limit.isPaused, false);
	});

	test('a `pause` that begins meanwhile goes on after it', async () => {
		const limit = pLimit(1);
		limit.pauseFor(100);
		limit.pause();
		const call = limit(() => 'ran');
		await clock.pass(100);
		assert.equal(await outcomeOf(call), 'pending');
		limit.resume();
		assert.equal(await call, 'ran');
	});

	test('a drain ends a `pause` and a `pauseFor`', async () => {
		const limit = pLimit(1);
		limit.pause();
		limit.pauseFor(60_000);
		const call = limit(() => 'ran');
		await limit.drain();
		assert.equal(await call, 'ran');
		assert.equal(limit.isPaused, false);
	});

	test('a limit that is drained cannot be paused', async () => {
		const limit = pLimit(1);
		let end;
		const first = limit(
			() =>
				new Promise(resolve => {
					end = resolve;
				}),
		);
		const second = limit(() => 'second');
		await turns(1);
		const drained = limit.drain();
		limit.pause();
		limit.pauseFor(60_000);
		assert.equal(limit.isPaused, false);
		end('first');
		await drained;
		assert.deepEqual([await first, await second], ['first', 'second']);
	});

	test('again in its last moment: the pause goes on', async () => {
		const limit = pLimit(1);
		limit.pauseFor(100);
		const call = limit(() => 'ran');
		await clock.pass(99);
		limit.pauseFor(100);
		await clock.pass(99);
		assert.equal(await outcomeOf(call), 'pending');
		await clock.pass(1);
		assert.equal(await call, 'ran');
	});

	test('0 lets calls begin when it is over', async () => {
		const limit = pLimit(1);
		limit.pauseFor(0);
		const call = limit(() => 'ran');
		await clock.pass(1);
		assert.equal(await call, 'ran');
	});
});
