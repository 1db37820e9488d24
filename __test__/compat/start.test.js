'use strict';

// When a call starts, which slot it takes, and how many calls run at once.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, noop, task} = require('./packages.js');

forEachPackage(({pLimit}) => {
	describe('start', () => {
		test('a function starts one microtask after the call, never in it', async () => {
			const limit = pLimit(1);
			const order = [];
			const done = limit(() => {
				order.push('task');
			});
			order.push('after the call');
			await Promise.resolve().then(() => order.push('one microtask later'));
			assert.deepEqual(order, ['after the call', 'task', 'one microtask later']);
			await done;
		});

		test('a call takes its slot at once', async () => {
			const limit = pLimit(1);
			const first = limit(noop);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
			const second = limit(noop);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 1]);
			await Promise.all([first, second]);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});

		test('functions start in the order of the calls, and never more run at once than the concurrency allows', async () => {
			const limit = pLimit(3);
			const order = [];
			let running = 0;
			let most = 0;
			await Promise.all(
				Array.from({length: 50}, (_, index) =>
					limit(async () => {
						order.push(index);
						running++;
						most = Math.max(most, running);
						await turn();
						running--;
					}),
				),
			);
			assert.equal(most, 3);
			assert.deepEqual(order, [...order.keys()]);
		});

		test('Infinity is no limit', async () => {
			const limit = pLimit(Number.POSITIVE_INFINITY);
			const tasks = Array.from({length: 3000}, task);
			const done = tasks.map(one => limit(one.run));
			assert.equal(limit.activeCount, 3000);
			await turn();
			assert.ok(tasks.every(one => one.started));
			for (const one of tasks) {
				one.resolve();
			}

			await Promise.all(done);
			assert.equal(limit.activeCount, 0);
		});
	});
});
