'use strict';

const assert = require('node:assert/strict');

module.exports = {
	'Adaptive limits': {
		before: `
			globalThis.origin = await originOf(({url}, response) => {
				response.writeHead(url.endsWith('=3') ? 503 : 200).end(JSON.stringify({url}));
			});
			globalThis.queries = range(10);`,
		behind: `
			const {overloads} = search.stats().adaptive;
			tell([results.filter(({status}) => status === 'rejected').length, results[9].value, overloads]);`,
		expected(lines) {
			assert.deepEqual(JSON.parse(lines.at(-1)), [1, {url: '/search?q=9'}, 1]);
		},
	},
};
