'use strict';

// A round of the soak: everything once, and all of it at rest again at the end.

const path = require('node:path');
const {setTimeout: sleep} = require('node:timers/promises');
const {Worker} = require('node:worker_threads');
const pLimit = require('../../index.js');

const {Pool, compress, decompress, hash} = pLimit;
const job = path.join(__dirname, 'job.js');

const turn = () => new Promise(setImmediate);

/** A worker thread with its own limits, which ends by itself or is terminated. */
const live = async isKilled => {
	const worker = new Worker(path.join(__dirname, 'thread.js'));
	const exited = new Promise((resolve, reject) => {
		worker.once('exit', resolve);
		worker.once('error', reject);
	});
	if (isKilled) {
		await new Promise(resolve => worker.once('message', resolve));
		await worker.terminate();
	}

	await exited;
};

/** What lives as long as the soak. */
const open = () => {
	const limit = pLimit({name: 'soak', concurrency: 8, rejectOnClear: true});
	const rated = pLimit({concurrency: 8, rate: {limit: 5000, interval: 1000, burst: 50}});
	const keyed = pLimit.keyed({concurrency: 2, idleTimeout: 200, total: 16});
	const pool = new Pool({filename: job, maxThreads: 2});
	return {limit, rated, keyed, pool};
};

const limits = async ({limit, rated, keyed}, round) => {
	const items = Array.from({length: 500}, (_, index) => index);
	await limit.map(items, async item => item);
	await limit.offline.settle(items, async item => {
		if (item % 100 === 0) {
			throw new Error('planned');
		}
	});
	for await (const _ of limit.stream(items, turn)) {
		// Taken one by one.
	}

	await rated.map(items.slice(0, 100), async item => item);
	await Promise.all(items.map(item => keyed(`${round} ${item % 100}`)(turn)));
	const controller = new AbortController();
	const calls = items.map(() => limit.with({signal: controller.signal, timeout: 60_000})(turn));
	setImmediate(() => controller.abort());
	await Promise.allSettled(calls);
	await pLimit({concurrency: 2, nested: 'lend'}).map([1, 2, 3], turn);
	await pLimit(2).with({retry: {retries: 1, minTimeout: 1}})(turn);
	const cleared = items.map(() => limit(turn));
	limit.clearQueue();
	await Promise.allSettled(cleared);
};

const jobs = async ({pool}, round) => {
	const tasks = Array.from({length: 300}, (_, index) => ({index}));
	await pool.map(tasks);
	await Promise.all(tasks.slice(0, 50).map(task => pool.run({...task, bytes: new Uint8Array(2000)})));
	await Promise.all(tasks.slice(0, 10).map(task => pool.run({...task, shared: new SharedArrayBuffer(64)})));
	await Promise.allSettled([pool.run({waits: true}, {timeout: 5}), pool.run({throws: true})]);
	const controller = new AbortController();
	const aborted = tasks.slice(0, 50).map(task => pool.run(task, {signal: controller.signal}));
	controller.abort();
	await Promise.allSettled(aborted);
	if (round % 5 === 0) {
		const other = new Pool({filename: job, maxThreads: 1});
		await other.run({});
		await (round % 2 === 0 ? other.close() : other.destroy());
	}

	if (round % 5 === 1) {
		const crashed = pool.run({exits: true});
		await Promise.allSettled([crashed]);
	}
};

const kernels = async () => {
	const data = Buffer.alloc(200_000, 'some text, ');
	await hash.map('blake3', Array(50).fill('text'));
	await hash.files('sha256', [__filename, 'missing']);
	for (const format of ['gzip', 'brotli', 'zstd']) {
		await decompress(format, await compress(format, data, {level: 3}));
	}

	const controller = new AbortController();
	const aborted = hash('sha512', data, {signal: controller.signal});
	controller.abort();
	await Promise.allSettled([aborted, decompress('gzip', 'no gzip')]);
};

/** Does all of it; when it resolves, nothing runs and no thread is left but those of the pool. */
const doRound = async (kept, round) => {
	await Promise.all([limits(kept, round), jobs(kept, round), kernels(), live(round % 2 === 0)]);
	// Both workers are there, so that their number says something.
	while (kept.pool.threads.length < 2) {
		await Promise.all([kept.pool.run({}), kept.pool.run({})]);
	}

	await kept.limit.onIdle();
	await sleep(20);
};

module.exports = {doRound, open};
