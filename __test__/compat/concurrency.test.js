'use strict';

// A concurrency that is changed while calls run and wait.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, task} = require('./packages.js');

forEachPackage(({pLimit}) => {
	describe('concurrency', () => {
		test('a higher concurrency starts more tasks within one microtask', async () => {
			const limit = pLimit(1);
			const tasks = Array.from({length: 5}, task);
			const done = tasks.map(one => limit(one.run));
			await turn();
			assert.equal(limit.activeCount, 1);
			limit.concurrency = 3;
			assert.equal(limit.concurrency, 3);
			assert.equal(limit.activeCount, 1);
			await Promise.resolve();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [3, 2]);
			await turn();
			assert.deepEqual(
				tasks.map(one => one.started),
				[true, true, true, false, false],
			);
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
		});

		test('a lower concurrency interrupts no task and takes effect as tasks end', async () => {
			const limit = pLimit(3);
			const tasks = Array.from({length: 6}, task);
			const done = tasks.map(one => limit(one.run));
			limit.concurrency = 1;
			await turn();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [3, 3]);
			tasks[0].resolve();
			tasks[1].resolve();
			await turn();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 3]);
			tasks[2].resolve();
			await turn();
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 2]);
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
		});

		test('a call that comes between a raise and its starts does not overtake', async () => {
			const limit = pLimit(1);
			const tasks = Array.from({length: 4}, task);
			const done = tasks.slice(0, 3).map(one => limit(one.run));
			limit.concurrency = 2;
			done.push(limit(tasks[3].run));
			await turn();
			assert.deepEqual(
				tasks.map(one => one.started),
				[true, true, false, false],
			);
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
		});
	});
});
