'use strict';

module.exports = {
	'The lanes': {
		before: `
			globalThis.files = range(4000);
			globalThis.summarize = most(async file => file);
			globalThis.getUser = async name => name;`,
		behind: 'tell(summarize.most);',
		// One slot is the reserve's from the request on, and was the batch's before.
		expected: [8],
	},

	'Work through a source of any size': {
		before: `
			const stored = [];
			globalThis.urls = range(100);
			globalThis.download = most(async url => url);
			globalThis.store = async page => { await tick(); stored.push(page); };`,
		behind: 'tell([stored.length, stored[99], download.most]);',
		expected: [[100, 99, 8]],
	},

	'Retry, and wait as long as the server says': {
		before: `
			let attempts = 0;
			globalThis.get = async url => {
				attempts++;
				if (attempts === 1) {
					throw Object.assign(new Error('429'), {status: 429, headers: {'retry-after-ms': '20'}});
				}
				return url;
			};`,
		behind: 'tell([answer, attempts]);',
		expected: [['https://example.com/a', 2]],
	},

	'Keep to quotas': {
		before: `
			globalThis.ask = async (prompt, options) => new Response(prompt, {headers: {'x-ratelimit-remaining-requests': '3', 'x-ratelimit-reset-requests': '1s'}});`,
		behind:
			'const {requests, tokens} = model.stats().rates; tell([reply, Math.round(requests.available), tokens.available >= 19_050]);',
		expected: [['Why lanes?', 3, true]],
	},

	'Stop a call, move it, hold a slot': {
		before: `
			globalThis.render = async signal => 'a report';
			process.on('unhandledRejection', error => tell(String(error).split(':')[0]));`,
		behind: 'tell(limit.activeCount);',
		expected: [0, 'AbortError'],
	},

	'Let tenants take turns': {
		before: `
			globalThis.requests = ['a', 'b', 'a'].map((tenant, index) => ({tenant, path: '/' + index}));
			globalThis.answer = async path => path;`,
	},

	'Let the limit find its number': {
		before: `
			globalThis.queries = range(10);
			globalThis.find = most(async query => query);`,
	},

	'Share one limit between all threads': {
		before: 'globalThis.query = async sql => [sql];',
		behind: 'tell([rows, pLimit({name: "db"}).stats().online.granted]);',
		expected: [[['select 1'], 1]],
	},

	'End in good order': {
		before: `
			globalThis.limit = pLimit(1);
			globalThis.server = {close: () => tell('closed')};
			const forEver = setInterval(() => {}, 60_000);`,
		behind: `
			let end;
			limit(() => new Promise(resolve => { end = resolve; })).then(() => tell('ended'));
			limit(() => {}).catch(error => { tell(error.code); end(); });
			process.kill(process.pid, 'SIGTERM');`,
		expected: ['closed', 'ERR_LIMIT_CLOSED', 'ended'],
	},

	'Call the limit inside the limit': {
		before: `
			const seen = [];
			globalThis.linksOf = most(async url => { seen.push(url); return url.length < 6 ? [url + 'a', url + 'b'] : []; });`,
		behind: 'tell([seen.length, linksOf.most]);',
		expected: [[63, 4]],
	},
};
