'use strict';

// A kernel reads the memory that a view has, and no property that its user has put on it.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {run} = require('../script.js');

const {compress, decompress, hash} = pLimit;

const bytes = [1, 2, 3, 4, 5, 6, 7, 8];

const views = {
	'a Uint8Array': memory => new Uint8Array(memory, 2, 4),
	'an Int16Array': memory => new Int16Array(memory, 2, 2),
	'a DataView': memory => new DataView(memory, 2, 4),
};

const memories = {
	'an ArrayBuffer': () => Uint8Array.from(bytes).buffer,
	'a SharedArrayBuffer': () => {
		const memory = new SharedArrayBuffer(bytes.length);
		new Uint8Array(memory).set(bytes);
		return memory;
	},
};

const properties = {
	buffer: () => new ArrayBuffer(1),
	byteLength: () => 1000,
	byteOffset: () => 1,
	length: () => 1000,
};

for (const [kind, createView] of Object.entries(views)) {
	for (const [where, createMemory] of Object.entries(memories)) {
		describe(`${kind} of ${where}`, () => {
			for (const [name, answer] of Object.entries(properties)) {
				test(`with its own ${name}`, async () => {
					const view = createView(createMemory());
					let reads = 0;
					const get = () => {
						reads++;
						return answer();
					};
					Object.defineProperty(view, name, {get});
					const expected = Buffer.from(bytes.slice(2, 6));
					assert.deepEqual(await hash('sha256', view), await hash('sha256', expected));
					assert.deepEqual(await hash.map('sha256', [view]), await hash.map('sha256', [expected]));
					assert.deepEqual(await decompress('gzip', await compress('gzip', view)), expected);
					assert.equal(reads, 0);
				});
			}
		});
	}
}

test('an item that is inspected for the message of its refusal may abort the signal', () => {
	// In a process of its own: no kernel was called before.
	const output = run(`
		const {inspect} = require('node:util');
		const {hash} = pLimit;
		process.on('uncaughtException', error => console.log('uncaught', error.message));
		const controller = new AbortController();
		const data = new Uint8Array(1);
		data[inspect.custom] = () => {
			controller.abort(new Error('aborted'));
			return 'it';
		};
		const limit = pLimit(1);
		limit(() => structuredClone(data, {transfer: [data.buffer]}));
		hash('crc32', data, {signal: controller.signal, limit}).catch(error => console.log(error.message));
	`);
	assert.equal(output, 'aborted');
});

test('a refused item has the name of its argument', async () => {
	const gone = () => {
		const data = new Uint8Array(1);
		const limited = {limit: pLimit(1)};
		limited.limit(() => structuredClone(data, {transfer: [data.buffer]}));
		return [data, limited];
	};

	const refuses = (name, call) => assert.rejects(call(...gone()), new RegExp(`^InvalidArgError: \`${name}\``));
	await refuses('data', (data, limited) => hash('crc32', data, limited));
	await refuses('data', (data, limited) => compress('gzip', data, limited));
	await refuses('list\\[0\\]', (data, limited) => hash.map('crc32', [data], limited));
	await refuses('list\\[0\\]', (data, limited) => compress.map('gzip', [data], limited));
});
