'use strict';

// What a pool tells of itself.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {open, openBoard, range, until} = require('./helpers.js');

describe('stats', () => {
	test('of a pool that has done nothing', t => {
		const pool = open(t);
		const none = {count: 0, p50: 0, p90: 0, p99: 0, max: 0};
		const lane = {active: 0, pending: 0, granted: 0, settled: 0, rejected: 0, wait: none, run: none};
		assert.deepEqual(pool.stats(), {threads: 0, utilization: 0, online: lane, offline: lane});
		assert.deepEqual([pool.queueSize, pool.completed, pool.utilization, pool.threads], [0, 0, 0, []]);
	});

	test('count jobs by lane, while they wait, run, and when they have ended', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 2});
		const held = [1, 2].map(id => pool.run({id, gate: 3}, {name: 'holdAsync'}));
		await board.saw(1, 2);
		const waiting = [pool.run(1), pool.offline.run(2), pool.offline.run({message: 'x'}, {name: 'fail'})];
		const last = Promise.allSettled(waiting);
		const counts = () => {
			const {online, offline} = pool.stats();
			return [online, offline].map(({active, pending, granted, settled, rejected}) => [
				active,
				pending,
				granted,
				settled,
				rejected,
			]);
		};
		assert.deepEqual(counts(), [
			[2, 1, 2, 0, 0],
			[0, 2, 0, 0, 0],
		]);
		assert.equal(pool.queueSize, 3);
		assert.equal(pool.completed, 0);
		board.open(3);
		await Promise.all(held);
		await last;
		assert.deepEqual(counts(), [
			[0, 0, 3, 3, 0],
			[0, 0, 2, 2, 1],
		]);
		assert.equal(pool.queueSize, 0);
		assert.equal(pool.completed, 5);
	});

	test('time how long jobs waited and ran', async t => {
		const pool = open(t);
		await pool.map(range(0, 50), {name: 'later'});
		const {wait, run} = pool.stats().online;
		for (const {count, p50, p90, p99, max} of [wait, run]) {
			assert.equal(count, 50);
			assert.ok(p50 > 0 && p50 <= p90 && p90 <= p99 && p99 <= max * 1.01);
		}
	});

	test('`completed` counts every job that a worker has ended, however its result came', async t => {
		const pool = open(t);
		await Promise.allSettled([
			pool.run(1),
			pool.run({message: 'x'}, {name: 'fail'}),
			pool.run(new SharedArrayBuffer(1)),
			pool.run({cells: new SharedArrayBuffer(1)}, {name: 'throwIt'}),
			pool.run(() => {}),
		]);
		assert.equal(pool.completed, 4);
		const {granted, settled, rejected} = pool.stats().online;
		assert.deepEqual([granted, settled, rejected], [4, 4, 2]);
	});

	test('crashed and aborted jobs leave the counts in balance', async t => {
		const {board, pool} = openBoard(t, {abortGrace: 5});
		const controller = new AbortController();
		const {signal} = controller;
		await assert.rejects(pool.run(1, {name: 'exit'}));
		const jobs = [
			pool.run({id: 1, gate: 3}, {name: 'hold', signal}),
			pool.run(1, {signal}),
			pool.offline.run(1, {signal}),
		].map(job => job.catch(() => {}));
		await board.saw(1);
		controller.abort();
		await Promise.all(jobs);
		assert.equal(await pool.run(1), 1);
		const {online, offline} = pool.stats();
		assert.deepEqual(
			[online, offline].map(({active, pending, granted, settled}) => [active, pending, granted, settled]),
			[
				[0, 0, 3, 3],
				[0, 0, 0, 0],
			],
		);
	});

	test('`utilization` is the part of the time that workers ran jobs', async t => {
		const {board, pool} = openBoard(t);
		await pool.run(1);
		const before = pool.utilization;
		assert.ok(before >= 0 && before < 1);
		const held = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		await until(() => pool.utilization > 0.6);
		assert.ok(pool.utilization <= 1);
		board.open(3);
		await held;
		await until(() => pool.utilization < 0.5);
		assert.equal(pool.stats().threads, 1);
	});
});
