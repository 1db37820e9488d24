'use strict';

// `onProgress` of kernels: how far one is.

const assert = require('node:assert/strict');
const {mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const {after, describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {assertTold, collect, failing} = require('../told.js');

const {compress, decompress, hash} = pLimit;

const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-progress-'));
after(() => rmSync(folder, {recursive: true}));

const range = length => Array.from({length}, (_, index) => index);

describe('items', () => {
	test('of kernels are counted', async () => {
		const data = range(300).map(index => Buffer.alloc(100_000, index));
		const packed = await compress.map('gzip', data.slice(0, 50));
		for (const [number, run] of [
			[300, options => hash.map('sha256', data, options)],
			[300, options => hash.map('sha256', data, {...options, limit: pLimit(1)})],
			[50, options => compress.map('gzip', data.slice(0, 50), options)],
			[50, options => decompress.map('gzip', packed, options)],
			[1, options => hash('sha256', data[0], options)],
		]) {
			const {told, options} = collect();
			await run(options);
			assertTold(told, {done: number});
		}
	});

	test('of files are counted, with those that can not be read', async () => {
		const paths = range(40).map(index => path.join(folder, `${index}`));
		for (const file of paths.slice(0, 30)) {
			writeFileSync(file, file);
		}

		const {told, options} = collect();
		const entries = await hash.files('sha256', paths, options);
		assert.equal(entries.filter(entry => entry instanceof Error).length, 10);
		assertTold(told, {done: 40, failed: 10});
	});
});

describe('a call', () => {
	test('ends by an error of the function', async () => {
		const data = range(500).map(index => Buffer.alloc(200_000, index));
		await assert.rejects(hash.map('sha512', data, failing(0)), {message: 'of the function'});
		await assert.rejects(hash('sha512', data[0], failing(1)), {message: 'of the function'});
		assert.equal((await hash.map('sha512', data)).length, 500);
	});

	test('that is aborted tells no more', async () => {
		const {told, options} = collect();
		const controller = new AbortController();
		const data = range(500).map(index => Buffer.alloc(200_000, index));
		const call = hash.map('sha512', data, {...options, signal: controller.signal});
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		const {length} = told;
		await hash.map('sha512', data);
		assert.equal(told.length, length);
	});
});
