'use strict';

// Input of kernels that wait for a slot of a limit.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {compress, hash} = require('p-lanes');
const {busy} = require('../flow/helpers.js');

describe('input that is transferred away while its call waits', () => {
	const moved = () => {
		const data = new Uint8Array([1, 2, 3]);
		return {data, move: () => structuredClone(data, {transfer: [data.buffer]})};
	};

	for (const [what, call, place] of [
		['hash', (data, limit) => hash('crc32', data, {limit}), 'data'],
		['hash.map', (data, limit) => hash.map('crc32', ['a', data], {limit}), 'list[1]'],
		['compress', (data, limit) => compress('gzip', data, {limit}), 'data'],
	]) {
		test(`is refused then, and not taken for no bytes: ${what}`, async () => {
			const {limit, free} = busy();
			const {data, move} = moved();
			const called = call(data, limit);
			move();
			free();
			const isRefusal = ({code, message}) =>
				code === 'ERR_INVALID_ARG' && message.startsWith(`\`${place}\` must be memory that was not transferred`);
			await assert.rejects(called, isRefusal);
			await limit.onIdle();
		});
	}

	test('and what is still there, or is empty, is taken', async () => {
		const {limit, free} = busy();
		const options = {limit, encoding: 'hex'};
		const called = [
			hash('crc32', new Uint8Array(0), options),
			hash('crc32', new DataView(new ArrayBuffer(0)), options),
			hash.map('crc32', ['abc', Buffer.from('abc'), new SharedArrayBuffer(0)], options),
		];
		free();
		assert.deepEqual(await Promise.all(called), ['00000000', '00000000', ['352441c2', '352441c2', '00000000']]);
	});
});
