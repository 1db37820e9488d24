'use strict';

module.exports = {
	'Rates and LLM quotas': {
		before: `
			const began = performance.now();
			globalThis.paths = range(20);
			globalThis.request = async path => path;`,
		behind: 'tell(performance.now() - began >= 190);',
		expected: [true],
	},

	'Several quotas': {
		before: `
			globalThis.paths = range(3);
			globalThis.get = async path => path;`,
	},

	'LLM quotas: requests and tokens': {
		before: `
			globalThis.prompts = ['a', 'b', 'c'];
			globalThis.ask = async (prompt, signal) => {
				if (prompt === 'bad') throw Object.assign(new Error('refused'), {code: 'ECONNREFUSED'});
				return {text: prompt + '!', usage: {totalTokens: 5_000}};
			};
			const began = performance.now();`,
		behind: `
			const failed = await Promise.allSettled(Array.from({length: 20}, () => answer('bad')));
			const {available} = api.stats().rates.tokens;
			const came = (performance.now() - began) * 1.5;
			tell([5_000 <= available, available <= 5_000 + came, api.stats().online.granted]);
			tell([failed.every(({status}) => status === 'rejected')]);`,
		expected: [[true, true, 23], [true]],
	},

	'A server that tells what is left': {
		before: `
			globalThis.url = await originOf((request, response) => {
				response.setHeader('ratelimit-remaining', '3').setHeader('ratelimit-reset', '60').end('hello');
			});`,
	},

	'Two limits at once': {
		before: `
			globalThis.paths = ['/a', '/b', '/c'];
			const order = [];
			globalThis.get = async path => { order.push(path); return path; };`,
		behind: `
			tell([batch, answer, order.indexOf('/now') <= 1, all.stats().offline.granted, service.stats().online.granted]);`,
		expected: [[['/a', '/b', '/c'], '/now', true, 3, 1]],
	},

	'A limit for each key': {
		before: `
			globalThis.urls = ['https://a.example/1', 'https://a.example/2', 'https://b.example/1'];
			globalThis.download = async url => url.at(-1);`,
		behind: 'tell(pages);',
		expected: [['1', '2', '1']],
	},
};
