'use strict';

module.exports = {
	'1. Limit the step, not the task': {
		before: `
			globalThis.needs = {app: ['ui', 'core'], ui: ['core'], core: []};
			globalThis.compile = most(async () => {});`,
		behind: "await build('app'); tell([compile.most <= 8, limit.activeCount]);",
		expected: [[true, 0]],
	},

	"2. `nested: 'lend'`": {
		before: `
			const seen = [];
			globalThis.linksOf = most(async url => { seen.push(url); return url.length < 26 ? [url + 'a', url + 'b'] : []; });`,
		behind: 'tell([seen.length, linksOf.most, limit.activeCount]);',
		expected: [[127, 4, 0]],
	},

	'Calls that another task has made': {
		before: `
			const built = [];
			globalThis.needs = {app: ['ui', 'core', 'api'], ui: ['core'], api: ['core', 'ui'], core: []};
			globalThis.run = most(async target => { built.push(target); });`,
		behind: "limit.concurrency = 1; await build('app'); tell([...built, run.most]);",
		expected: [['core', 'ui', 'api', 'app', 1]],
	},

	"3. `nested: 'detect'`": {
		behind: 'limit.concurrency = 1; tell([await limit(() => limit(() => 1)).catch(({code}) => code)]);',
		expected: [['ERR_DEADLOCK']],
	},

	'The warning': {
		behind: `
			process.exitCode = 0;
			process.on('exit', () => { console.log(process.exitCode); process.exitCode = 0; });
			process.listeners('warning').at(-1)({code: 'P_LANES_STUCK'});`,
		expected: [1],
	},
};
