'use strict';

// What `clearQueue` drops, and what a caller of a dropped call is told.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, noop, task} = require('./packages.js');

forEachPackage(({pLimit}) => {
	describe('clearQueue', () => {
		test('does not drop a call that has its slot', async () => {
			const limit = pLimit(1);
			const first = limit(() => 'ran');
			limit.clearQueue();
			assert.equal(await first, 'ran');
		});

		test('leaves dropped promises pending and the limit usable', async () => {
			const limit = pLimit(1);
			const first = limit(() => turn());
			let settled = false;
			let ran = false;
			const dropped = limit(() => {
				ran = true;
			});
			dropped.then(
				() => {
					settled = true;
				},
				() => {
					settled = true;
				},
			);
			assert.equal(limit.pendingCount, 1);
			limit.clearQueue();
			assert.equal(limit.pendingCount, 0);
			await first;
			await turn();
			assert.deepEqual([ran, settled], [false, false]);
			assert.equal(await limit(() => 'again'), 'again');
		});

		test('with rejectOnClear, rejects all dropped calls with one AbortError', async () => {
			const limit = pLimit({concurrency: 1, rejectOnClear: true});
			const running = limit(() => turn());
			const dropped = [limit(noop), limit(noop), limit(noop)];
			limit.clearQueue();
			const outcomes = await Promise.allSettled(dropped);
			for (const {reason} of outcomes) {
				assert.ok(reason instanceof DOMException);
				assert.deepEqual([reason.name, reason.code], ['AbortError', 20]);
				assert.equal(reason, outcomes[0].reason);
			}

			await running;
			limit.clearQueue();
			assert.equal(await limit(() => 'again'), 'again');
		});

		test('with rejectOnClear, rejects a map; its running items go on', async () => {
			const limit = pLimit({concurrency: 2, rejectOnClear: true});
			const ended = [];
			const mapped = limit.map([0, 1, 2, 3], async item => {
				await turn();
				ended.push(item);
			});
			assert.equal(limit.pendingCount, 2);
			await Promise.resolve();
			limit.clearQueue();
			assert.equal(limit.pendingCount, 0);
			await assert.rejects(mapped, {name: 'AbortError'});
			await turn();
			await turn();
			assert.deepEqual(ended, [0, 1]);
			assert.equal(limit.activeCount, 0);
		});

		test('without rejectOnClear, leaves a map pending unless a running item fails', async () => {
			const limit = pLimit(1);
			const failing = task();
			const mapped = limit.map([failing.run, noop], run => run());
			await turn();
			limit.clearQueue();
			failing.reject(new Error('late'));
			await assert.rejects(mapped, {message: 'late'});
		});

		test('works when it is called without its limit', async () => {
			const {clearQueue} = pLimit(1);
			clearQueue();
		});
	});
});
