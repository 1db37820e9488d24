'use strict';

module.exports = {
	'Retry a call': {
		before: `
			const asked = {};
			const origin = await originOf(({url}, response) => {
				asked[url] = (asked[url] ?? 0) + 1;
				if (url === '/a' && asked[url] === 1) {
					response.writeHead(429, {'retry-after': '0.02'}).end();
				} else {
					response.writeHead(url === '/none' ? 404 : 200).end(JSON.stringify({url}));
				}
			});
			const request = fetch;
			globalThis.fetch = url => request(url.replace('https://example.com', origin));`,
		behind: `
			const none = await api(get, 'https://example.com/none').catch(({status}) => status);
			tell([none, asked]);`,
		expected: [[404, {'/a': 2, '/none': 1}]],
	},

	Timeouts: {
		// The first call would have the warning of calls that nothing can settle.
		behind: 'process.exit();',
	},

	'Stop a function': {
		before: `
			let asked = 0;
			globalThis.url = await originOf((_, response) => {
				asked++;
				if (asked === 1) {
					response.destroy();
				} else {
					response.end('hello');
				}
			});`,
		edit: block => block.replace('retry: 2', 'retry: {retries: 2, minTimeout: 1}'),
		behind: 'tell(asked);',
		expected: [2],
	},

	'A context for all calls': {
		before: 'globalThis.url = await originOf((_, response) => response.end());',
	},

	'A timeout for each attempt': {
		before: `
			globalThis.ask = (attempt, signal) =>
				new Promise((resolve, reject) => {
					signal.addEventListener('abort', () => reject(signal.reason));
					if (attempt === 2) {
						resolve('answer 2');
					}
				});`,
	},
};
