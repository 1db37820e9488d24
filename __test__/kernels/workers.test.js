'use strict';

const assert = require('node:assert/strict');
const {once} = require('node:events');
const {test} = require('node:test');
const {Worker} = require('node:worker_threads');
const {hash} = require('p-lanes');

const index = JSON.stringify(require.resolve('p-lanes'));

/** Has kernels under way at any moment. */
const busy = `
	const {hash, compress} = require(${index});
	const {parentPort} = require('node:worker_threads');
	const data = Buffer.alloc(1 << 18, 1);
	const go = async () => {
		await Promise.all([hash('sha512', data), hash.map('blake3', [data, data]), compress('zstd', data, {lane: 'offline'})]);
		go();
	};
	go();
	go();
	parentPort.postMessage('begun');
`;

test('twenty worker threads that are terminated with kernels under way', async () => {
	const workers = Array.from({length: 20}, () => new Worker(busy, {eval: true}));
	await Promise.all(
		workers.map(async worker => {
			await once(worker, 'message');
			await worker.terminate();
		}),
	);
	assert.equal(await hash('crc32', '123456789', {encoding: 'hex'}), 'cbf43926');
});

test('worker threads that are terminated while they load', async () => {
	const workers = Array.from({length: 20}, () => new Worker(busy, {eval: true}));
	await Promise.all(workers.map(worker => worker.terminate()));
	assert.equal(await hash('crc32', '123456789', {encoding: 'hex'}), 'cbf43926');
});

test('a worker thread ends when its kernels have', async () => {
	const code = `const {hash} = require(${index}); hash('sha1', '').then(() => require('node:worker_threads').parentPort.postMessage('done'))`;
	const worker = new Worker(code, {eval: true});
	const [[message], [exit]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
	assert.deepEqual([message, exit], ['done', 0]);
});
