'use strict';

const assert = require('node:assert/strict');

module.exports = {
	'Starts per time': {
		before: `
			const began = performance.now();
			globalThis.paths = range(20);
			globalThis.request = async path => path;`,
		behind: 'tell([answers.length, performance.now() - began >= 190]);',
		expected(lines) {
			assert.deepEqual(JSON.parse(lines.at(-1)), [20, true]);
			assert.match(lines.join(' '), /limit: 100,\s+interval: 1000,\s+burst: 1\s+\} \{\s+count: \d+,/);
		},
	},

	'A limit for each key': {
		before: `
			globalThis.urls = ['https://a.example/1', 'https://a.example/2', 'https://b.example/1'];
			globalThis.download = async url => url.at(-1);`,
		behind: 'tell(pages);',
		expected: [2, 3, ['1', '2', '1']],
		edit: block => block.replace('console.log(', 'tell(').replace(', limits.total', '); tell(limits.total'),
	},
};
