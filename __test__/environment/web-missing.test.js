'use strict';

// What is said of the parts of the package that are not there without Node (`lib/web/missing.js`).

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const kernels = require('../../lib/web/kernels/exports.js');
const {Pool} = require('../../lib/web/pool/pool.js');

const expected = name => ({
	name: 'NoBinaryError',
	code: 'ERR_NO_BINARY',
	message: new RegExp(
		`^${name} needs the native addon of p-lanes: this is its file for where Node is not, .*condition \`node\``,
	),
});

describe('without Node', () => {
	test('a pool and configure throw, and say which file was loaded', () => {
		assert.throws(() => new Pool(), expected('Pool'));
		assert.throws(() => kernels.configure({}), expected('configure'));
	});

	test('kernels reject', async () => {
		const calls = {
			hash: kernels.hash,
			'hash.map': kernels.hash.map,
			'hash.files': kernels.hash.files,
			compress: kernels.compress,
			'decompress.map': kernels.decompress.map,
		};
		for (const [name, call] of Object.entries(calls)) {
			await assert.rejects(call, expected(name));
		}
	});
});
