'use strict';

// What is left behind: nothing that grows with the number of jobs.

const assert = require('node:assert/strict');
const process = require('node:process');
const {describe, test} = require('node:test');
const {Pool} = require('p-lanes');
const {run} = require('../script.js');
const {fixture} = require('./helpers.js');

const ALLOWED = 2_000_000;

/** Runs a round twice, the second time many times over, and gives by how much what is in use has grown. */
const grown = (round, times) => {
	const output = run(`
		const {getEventListeners} = require('node:events');
		const {Pool, move} = require('p-lanes');
		const pool = new Pool({filename: ${JSON.stringify(fixture('work.js'))}, maxThreads: 2, abortGrace: 5});
		const inWorker = {filename: ${JSON.stringify(fixture('memory.js'))}};
		const lasting = new AbortController();
		const inUse = async () => {
			await collect();
			const heaps = await Promise.all([pool.run(1, inWorker), pool.run(1, inWorker)]);
			return {
				heap: process.memoryUsage().heapUsed,
				worker: Math.max(...heaps),
				handles: process.getActiveResourcesInfo().length,
				listeners: getEventListeners(lasting.signal, 'abort').length,
				threads: pool.threads.length,
				queued: pool.queueSize,
			};
		};
		const round = async () => { ${round} };
		for (let i = 0; i < 5; i++) await round();
		const before = await inUse();
		for (let i = 0; i < ${times}; i++) await round();
		const after = await inUse();
		console.log(JSON.stringify(Object.fromEntries(Object.keys(after).map(key => [key, after[key] - before[key]]))));`);
	const {heap, worker, handles, ...others} = JSON.parse(output);
	assert.ok(heap < ALLOWED, `${heap} bytes on the heap`);
	assert.ok(worker < ALLOWED, `${worker} bytes on the heap of a worker`);
	assert.ok(handles <= 2, `${handles} handles`);
	assert.deepEqual(others, {listeners: 0, threads: 0, queued: 0});
};

describe('leaks', () => {
	test('not by plain jobs', () => {
		grown("await pool.map(Array.from({length: 5000}, (_, index) => ({index, text: 'some text'})));", 40);
	});

	test('not by failures, signals and timeouts', () => {
		grown(
			`await Promise.allSettled(Array.from({length: 500}, (_, index) => [
				() => pool.run({message: 'x'.repeat(100)}, {name: 'fail', signal: lasting.signal}),
				() => pool.run(index, {name: 'later', signal: lasting.signal, timeout: 60_000}),
				() => pool.run(() => {}, {signal: lasting.signal}),
				() => pool.run(index, {lane: 'offline', signal: AbortSignal.abort()}),
			][index % 4]()));`,
			40,
		);
	});

	test('not by what is posted or moved', () => {
		grown(
			`await Promise.all([
				pool.map(Array.from({length: 100}, () => move(new Uint8Array(1000)))),
				pool.map(Array.from({length: 100}, () => ({shared: new SharedArrayBuffer(8)}))),
			]);`,
			40,
		);
	});

	test('not by aborted jobs, maps and streams', () => {
		grown(
			`const controller = new AbortController();
			const jobs = [
				...Array.from({length: 200}, (_, index) => pool.run({index}, {signal: controller.signal, name: 'later'})),
				pool.map(Array.from({length: 500}).keys(), {signal: controller.signal}),
				pool.stream(Array.from({length: 500}).keys(), {signal: controller.signal}).next(),
			];
			const ended = Promise.allSettled(jobs);
			await new Promise(setImmediate);
			controller.abort();
			await ended;
			for await (const _ of pool.stream(Array.from({length: 500}).keys(), {signal: lasting.signal})) break;`,
			40,
		);
	});

	/** What Node does not count among its own; a report is the only one to name it. */
	const handlesOfLoop = () => process.report.getReport().libuv.filter(({type}) => type === 'prepare').length;

	test('not by pools that are closed, each of which has a handle in the event loop', async () => {
		const before = handlesOfLoop();
		const open = () => new Pool({filename: fixture('work.js'), maxThreads: 1});
		const idle = open();
		const busy = open();
		const job = busy.run(1, {name: 'later'});
		job.catch(() => {});
		await idle.close();
		await busy.destroy();
		await assert.rejects(job);
		// What is closed in one turn of the loop is gone in the next.
		for (let turn = 0; turn < 2; turn++) {
			await new Promise(setImmediate);
		}

		assert.equal(handlesOfLoop(), before);
	});
});
