'use strict';

const assert = require('node:assert/strict');

module.exports = {
	'One limit for the whole process': {
		before: 'globalThis.query = async sql => [sql];',
		behind: 'tell([rows, db.concurrency, db === pLimit({name: "db"}), pLimit({name: "db"}).stats().online.granted]);',
		expected: [[['select 1'], 10, false, 1]],
	},

	'Rate and adaptive concurrency': {
		before: `
			globalThis.ids = range(3);
			globalThis.getUser = async id => 'user ' + id;
			globalThis.download = async url => url;`,
		behind: 'tell([users, page, hosts.size]);',
		expected(lines) {
			assert.deepEqual(JSON.parse(lines.at(-1)), [['user 0', 'user 1', 'user 2'], 'https://example.com/', 1]);
		},
	},

	'The lanes': {
		files: {a: 'a', b: 'bb', c: 'ccc', 'package.json': '{}', 'folder/d': ''},
		// Any port that is free.
		edit: block => block.replace('8080', '0'),
		expected: lines => {
			assert.match(lines.join(' '), /^\[\s*1,\s*2,\s*3,\s*2,\s*\d+\s*\] \{.*count: 5,/);
		},
	},

	'The pool': {
		files: {
			'worker.mjs': 'export default task => task * 2;',
			one: 'one',
		},
		before: `
			globalThis.images = [1, 2, 3];
			globalThis.request = 21;
			globalThis.paths = ['one'];
			globalThis.data = 'data'.repeat(1000);`,
		behind: `
			import {decompress} from 'p-lanes';
			const again = await decompress('zstd', small);
			tell([await thumbnails, answer, digests[0].length, again.toString() === data]);`,
		expected: [[[2, 4, 6], 42, 64, true]],
	},
};
