'use strict';

// A total with a name, of which the keys of several threads take turns.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {newName, open, until} = require('./helpers.js');

/** Queues calls of keys that note the given numbers: `[key, number]`. */
const queue = ({pLimit, own, board}, name, calls) => {
	own.limits = pLimit.keyed({concurrency: Number.POSITIVE_INFINITY, total: {name}, fair: true});
	own.all = calls.map(([key, number]) => own.limits(key)(async () => board.note(number)));
};

describe('keys of several threads', () => {
	test('take turns; equal keys are one', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const total = pLimit({name, concurrency: 1});
		total.pause();
		const of = (key, number, times) => Array.from({length: times}, () => [key, number]);
		for (const [index, [calls, waits]] of [
			[of('large', 1, 20), 20],
			[[...of('large', 2, 2), ...of('small', 3, 3)], 25],
		].entries()) {
			await threads[index].run(queue, name, calls);
			await until(() => total.pendingCount === waits);
		}

		total.resume();
		await Promise.all(threads.map(thread => thread.run(async ({own}) => Promise.all(own.all).then(() => {}))));
		const log = board.log;
		assert.equal(log.length, 25);
		assert.deepEqual(log.slice(0, 7), [1, 3, 1, 3, 1, 3, 1]);
		assert.deepEqual(log.slice(-2), [2, 2], 'behind those of their key');
	});

	test('a thread that is not fair is one more key', async t => {
		const {board, threads} = open(t, 1);
		const name = newName();
		const total = pLimit({name, concurrency: 1});
		total.pause();
		const own = Array.from({length: 5}, () => total(async () => board.note(0)));
		await threads[0].run(queue, name, [
			['a', 1],
			['a', 1],
			['b', 2],
		]);
		await until(() => total.pendingCount === 8);
		total.resume();
		await Promise.all(own);
		await threads[0].run(async ({own}) => Promise.all(own.all).then(() => {}));
		assert.deepEqual(board.log, [0, 1, 2, 0, 1, 0, 0, 0]);
	});
});
