'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const zlib = require('node:zlib');
const fc = require('fast-check');
const {compress, decompress} = require('p-lanes');

const formats = {
	gzip: {levels: [0, 1, 6, 9], ours: zlib.gzipSync, theirs: zlib.gunzipSync},
	brotli: {levels: [0, 4, 11], ours: zlib.brotliCompressSync, theirs: zlib.brotliDecompressSync},
	// node:zlib has it from Node 22.15 on.
	zstd: {levels: [1, 3, 19], ours: zlib.zstdCompressSync, theirs: zlib.zstdDecompressSync},
};
const text = 'the quick brown fox jumps over the lazy dog. '.repeat(2000);

for (const [format, {levels, ours, theirs}] of Object.entries(formats)) {
	describe(format, () => {
		const skip = theirs === undefined;

		for (const level of levels) {
			test(`level ${level} is read by node:zlib`, {skip}, async () => {
				assert.equal(theirs(await compress(format, text, {level})).toString(), text);
			});
		}

		test("node:zlib's is read", {skip}, async () => {
			assert.equal((await decompress(format, ours(text))).toString(), text);
		});

		test('any bytes come back', async () => {
			await fc.assert(
				fc.asyncProperty(fc.array(fc.uint8Array({maxLength: 2000}), {maxLength: 5}), async list => {
					const back = await decompress.map(
						format,
						await compress.map(format, list, {level: levels[1], lane: 'offline'}),
					);
					assert.deepEqual(
						back,
						list.map(bytes => Buffer.from(bytes)),
					);
				}),
				{numRuns: 30},
			);
		});

		test('a bomb is an error, and one byte less is not', async () => {
			const bomb = await compress(format, Buffer.alloc(64 << 20), {level: levels[1]});
			assert.ok(bomb.length < 1 << 20);
			await assert.rejects(decompress(format, bomb, {maxOutputLength: (64 << 20) - 1}), {code: 'ERR_OUTPUT_TOO_LARGE'});
			assert.equal((await decompress(format, bomb, {maxOutputLength: 64 << 20})).length, 64 << 20);
			await assert.rejects(decompress(format, bomb, {maxOutputLength: 0}), {code: 'ERR_OUTPUT_TOO_LARGE'});
		});

		test('what is empty, cut off, corrupt or followed by more is an error', async () => {
			const whole = await compress(format, text);
			for (const bad of [
				Buffer.alloc(0),
				whole.subarray(0, -1),
				whole.subarray(0, 1),
				Buffer.from('not compressed'),
				Buffer.concat([whole, Buffer.from('x')]),
			]) {
				await assert.rejects(decompress(format, bad), {code: 'ERR_INVALID_DATA'});
			}
		});

		test('the first failure of a list says which item it was', async () => {
			const good = await compress(format, 'good');
			await assert.rejects(decompress.map(format, [good, 'bad', good, 'bad']), {code: 'ERR_INVALID_DATA', index: 1});
		});
	});
}

describe('bad input', () => {
	for (const [name, call, message] of [
		['a format', () => compress('rar', ''), /^`format` must be one of 'gzip', 'brotli', 'zstd', got 'rar'$/],
		[
			'a level of another format',
			() => compress('gzip', '', {level: 10}),
			/^`level` must be a whole number from 0 to 9 for gzip, got 10$/,
		],
		[
			'a level that is no whole number',
			() => compress('zstd', '', {level: 1.5}),
			/^`level` must be a whole number from 1 to 22 for zstd, got 1.5$/,
		],
		['data', () => compress('gzip', {}), /^`data` must be a string/],
		[
			'a cap',
			() => decompress('gzip', '', {maxOutputLength: -1}),
			/^`maxOutputLength` must be a whole number of bytes from 0 to 4294967295, got -1$/,
		],
		['an item', () => compress.map('gzip', [1]), /^`list\[0\]` must be/],
		['a lane', () => compress('gzip', '', {lane: 1}), /^`lane` must be/],
	]) {
		test(name, async () => {
			await assert.rejects(call, {code: 'ERR_INVALID_ARG', message});
		});
	}
});
