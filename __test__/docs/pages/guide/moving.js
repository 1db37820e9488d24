'use strict';

module.exports = {
	'p-limit': {
		before: `
			globalThis.rows = range(100);
			globalThis.summarize = async row => row;
			globalThis.lookUp = async id => 'row ' + id;`,
	},

	'p-queue': {
		before: `
			globalThis.urls = range(300);
			const downloaded = [];
			globalThis.download = most(async url => { downloaded.push(url); if (url === 7) throw 'seven'; return 'page'; });
			globalThis.report = reason => tell(reason);`,
		edit: block => block.replace('limit: 8', 'limit: 1e6'),
		behind: 'tell([page, downloaded.length, download.most]);',
		expected: ['seven', ['page', 301, 3]],
	},

	bottleneck: {
		before: `
			globalThis.paths = ['/a', '/b', '/c'];
			globalThis.request = async (host, path) => { tick(); return host + path; };
			const began = performance.now();`,
		behind: `
			const took = performance.now() - began;
			tell([answers, took >= 490, hosts.size, hosts.total.stats().online.granted]);`,
		expected: [[['example.com/a', 'example.com/b', 'example.com/c'], true, 1, 3]],
	},

	'p-map': {
		before: `
			globalThis.names = ['a', 'bb', 'ccc'];
			globalThis.sizeOf = async name => name.length;`,
		behind: 'tell([sizes, outcomes[2].value]);',
		expected: [[[1, 2, 3], 3]],
	},

	'p-throttle': {
		before: `
			globalThis.paths = range(4);
			globalThis.request = async path => path * 2;
			const began = performance.now();`,
		behind: 'tell([answers, performance.now() - began >= 140]);',
		expected: [[[0, 2, 4, 6], true]],
	},

	'p-retry': {
		before: `
			globalThis.download = async (path, attempt, signal) => {
				if (attempt < 3) throw Object.assign(new Error('503'), {status: 503});
				return signal.aborted ? 'aborted' : 'page of attempt ' + attempt;
			};`,
	},
};
