'use strict';

// A little of everything, on another platform: what loads, limits, lanes, a rate, kernels, threads. It needs nothing but
// the package, and prints what was right.

const assert = require('node:assert/strict');
const {createHash} = require('node:crypto');
const path = require('node:path');
const process = require('node:process');
const {gunzipSync} = require('node:zlib');
const {Worker} = require('node:worker_threads');
const {pLimit, Pool, hash, compress, decompress} = require('../..');

const worker = source => `data:text/javascript,${encodeURIComponent(source)}`;

const nested = depth => {
	let value = {bottom: true};
	for (let level = 0; level < depth; level++) {
		value = {value};
	}

	return value;
};

const depthOf = value => {
	let depth = 0;
	for (let at = value; at.value !== undefined; at = at.value) {
		depth++;
	}

	return depth;
};

/** Gives a pool to a function, and closes it behind it. */
const withPool = async (pool, use) => {
	try {
		await use(pool);
	} finally {
		await pool.close();
	}
};

const tests = {
	async limit() {
		const limit = pLimit(3);
		let active = 0;
		let most = 0;
		const results = await limit.map(Array.from({length: 50}).keys(), async item => {
			most = Math.max(most, ++active);
			await new Promise(resolve => setImmediate(resolve));
			active--;
			return item;
		});
		assert.deepEqual(results, [...Array(50).keys()]);
		assert.equal(most, 3);
	},
	async lanes() {
		const limit = pLimit(1);
		const order = [];
		const wait = new Promise(resolve => setImmediate(resolve));
		const first = limit(() => wait);
		const calls = [limit.offline(() => order.push('offline')), limit(() => order.push('online'))];
		await Promise.all([first, ...calls]);
		assert.deepEqual(order, ['online', 'offline']);
	},
	async rate() {
		const limit = pLimit({concurrency: 8, rate: {limit: 5, interval: 200}});
		const start = performance.now();
		await limit.map(Array(11).fill(0), async () => {});
		assert.ok(performance.now() - start >= 190);
	},
	async kernels() {
		const text = 'some text '.repeat(10_000);
		const expected = createHash('sha256').update(text).digest('hex');
		assert.equal(await hash('sha256', text, {encoding: 'hex'}), expected);
		assert.equal(
			await hash('blake3', 'abc', {encoding: 'hex'}),
			'6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85',
		);
		assert.equal(gunzipSync(await compress('gzip', text)).toString(), text);
		for (const format of ['gzip', 'zstd', 'brotli']) {
			assert.equal((await decompress(format, await compress(format, text))).toString(), text);
		}
	},
	async files() {
		const [digest, missing] = await hash.files('crc32', [__filename, path.join(__dirname, 'missing')]);
		assert.equal(digest.length, 4);
		assert.deepEqual([missing.code, missing.syscall], ['ENOENT', 'read']);
	},
	async pool() {
		const source = 'import {threadId} from "node:worker_threads"; export default item => [2 * item, threadId]';
		await withPool(new Pool({filename: worker(source), minThreads: 2, maxThreads: 2}), async pool => {
			const results = await pool.map(Array.from({length: 100}).keys());
			assert.deepEqual(
				results.map(([item]) => item),
				[...Array(100).keys()].map(item => 2 * item),
			);
			await assert.rejects(pool.run({at: () => {}}), {code: 'ERR_NOT_CLONEABLE'});
		});
	},
	async 'deep values'() {
		const source = 'export default task => task';
		await withPool(new Pool({filename: worker(source), maxThreads: 1}), async pool => {
			assert.equal(depthOf(await pool.run(nested(20_000))), 20_000);
		});
	},
	async 'a name over threads'() {
		const limit = pLimit({concurrency: 2, name: 'smoke'});
		const index = JSON.stringify(path.join(__dirname, '../..'));
		const counts = new Int32Array(new SharedArrayBuffer(8));
		const source = `
			const {workerData: counts} = require('node:worker_threads');
			const limit = require(${index}).pLimit({concurrency: 2, name: 'smoke'});
			limit.map(Array(20).fill(0), async () => {
				const active = Atomics.add(counts, 0, 1) + 1;
				if (active > 2) Atomics.store(counts, 1, active);
				await new Promise(resolve => setImmediate(resolve));
				Atomics.sub(counts, 0, 1);
			});
		`;
		const ends = Array.from({length: 3}, () => {
			const thread = new Worker(source, {eval: true, workerData: counts});
			return new Promise((resolve, reject) => thread.on('exit', resolve).on('error', reject));
		});
		assert.deepEqual(await Promise.all(ends), [0, 0, 0]);
		assert.deepEqual([...counts], [0, 0]);
		assert.equal(await limit(async () => 1), 1);
	},
};

const main = async () => {
	let failed = 0;
	for (const [name, test] of Object.entries(tests)) {
		try {
			await test();
			console.log(`ok: ${name}`);
		} catch (error) {
			failed++;
			console.log(`failed: ${name}`, error);
		}
	}

	const {glibcVersionRuntime: glibc} = process.report?.getReport().header ?? {};
	const system = [process.platform, process.arch, glibc && `glibc ${glibc}`].filter(Boolean).join(' ');
	console.log(
		`Node ${process.versions.node} on ${system}: ${Object.keys(tests).length - failed} passed, ${failed} failed`,
	);
	process.exitCode = failed === 0 ? 0 : 1;
};

main();
