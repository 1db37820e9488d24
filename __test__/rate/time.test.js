'use strict';

// A rate on the system's clock: never too early, whatever the event loop does, and nothing that keeps the process alive
// once nobody waits.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {run} = require('../script.js');

describe('on the clock', () => {
	test('none starts before its time', async () => {
		const interval = 50;
		const limit = pLimit({concurrency: 4, rate: {limit: 10, interval, burst: 3}});
		const began = performance.now();
		const starts = await limit.map(Array.from({length: 20}), () => performance.now() - began);
		for (const [index, at] of starts.entries()) {
			const earliest = (index - 2) * (interval / 10);
			assert.ok(at >= earliest, `${index}: ${at} before ${earliest}`);
		}
	});

	test('nor with a rate of parts of milliseconds', async () => {
		const limit = pLimit({concurrency: 1, rate: {limit: 2000, interval: 1000}});
		const began = performance.now();
		await limit.map(Array.from({length: 41}), () => {});
		assert.ok(performance.now() - began >= 20);
	});

	test('slots are given out while the event loop is busy', () => {
		const limit = pLimit({concurrency: 3, rate: {limit: 1000, interval: 1000}});
		const calls = [1, 2, 3].map(() => limit(() => {}));
		while (limit.stats().online.granted < 3) {
			// Where it never comes to that, the runner's time limit tells.
		}

		assert.deepEqual([limit.activeCount, limit.pendingCount], [3, 0]);
		return Promise.all(calls);
	});

	test('a nested call runs in its slot, and takes no token', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit', rate: {limit: 1, interval: 2 ** 31 - 1}});
		assert.equal(await limit(() => limit(() => 'inner')), 'inner');
		limit.clearQueue();
	});
});

describe('the process', () => {
	test('is kept alive while calls wait for the rate', () => {
		const printed = run(`
			const limit = pLimit({concurrency: 2, rate: {limit: 20, interval: 100}});
			for (let call = 0; call < 5; call++) limit(() => console.log(call));
			process.on('exit', () => console.log(limit.pendingCount));`);
		assert.deepEqual(printed.split('\n'), ['0', '1', '2', '3', '4', '0']);
	});

	for (const [what, body] of [
		['once they have run', 'await limit(() => {});'],
		['where none ever came', ''],
		['where they were cleared', 'limit(() => {}); limit(() => {}); limit.clearQueue();'],
		[
			'where they were aborted',
			`const controller = new AbortController();
			limit(() => {});
			limit.with({signal: controller.signal})(() => {}).catch(() => {});
			controller.abort();`,
		],
		['in a pause that nobody can end', 'limit(() => {}); limit(() => {}); await null; limit.pause();'],
	]) {
		test(`is not ${what}`, () => {
			const printed = run(`
				const limit = pLimit({concurrency: 2, rate: {limit: 1, interval: 2 ** 31 - 1}});
				process.on('exit', () => console.log('ended'));
				${body}`);
			assert.equal(printed, 'ended');
		});
	}
});
