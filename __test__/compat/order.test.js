'use strict';

// What has happened already when the promise of a call settles: its slot is free, and the next call has started.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, task} = require('./packages.js');

forEachPackage(({pLimit}) => {
	describe('order when a call settles', () => {
		for (const [kind, work] of [
			['an async function', async () => {}],
			['a plain value', () => 1],
			['a promise that takes its time', () => turn()],
		]) {
			test(`when a caller continues, the slot is free and the next task has started: ${kind}`, async () => {
				const limit = pLimit(1);
				const next = task();
				const first = limit(work);
				const second = limit(next.run);
				await first;
				assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
				assert.ok(next.started);
				next.resolve();
				await second;
			});
		}

		test('the same holds for a caller that catches an error', async () => {
			const limit = pLimit(1);
			const next = task();
			const first = limit(async () => {
				throw new Error('no');
			});
			const second = limit(next.run);
			await assert.rejects(first, {message: 'no'});
			assert.ok(next.started);
			next.resolve();
			await second;
		});
	});
});
