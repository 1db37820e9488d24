'use strict';

/** Folders in folders, deeper than there are slots, with a file in each. */
const nestedFiles = Object.fromEntries(
	Array.from({length: 12}, (_, depth) => [`tree/${'deeper/'.repeat(depth)}file`, '']),
);

module.exports = {
	'Calls inside calls': {
		// Else the warning tells of it.
		behind: 'await tick(); tell([limit.activeCount, limit.pendingCount]); process.exit();',
		expected: [[1, 1]],
	},

	'1. Limit the step, not the task': {
		before: `
			globalThis.needs = {app: ['ui', 'core'], ui: ['core'], core: []};
			globalThis.compile = most(async target => {});`,
		behind: "await build('app'); tell([compile.most <= 8, limit.activeCount]);",
		expected: [[true, 0]],
	},

	'1. Limit the step, not the task (2)': {
		files: nestedFiles,
		behind: `
			const found = await walk('tree');
			tell([found.length, found.every(name => name.endsWith('file')), limit.activeCount]);`,
		expected: [[12, true, 0]],
	},

	'2. Lend the slot': {
		before: `
			const seen = [];
			globalThis.linksOf = most(async url => { seen.push(url); return url.length < 26 ? [url + 'a', url + 'b'] : []; });`,
		behind: 'tell([seen.length, linksOf.most, limit.activeCount]);',
		expected: [[127, 4, 0]],
	},

	'2. Lend the slot (2)': {
		before: `
			const built = [];
			globalThis.needs = {app: ['ui', 'core', 'api'], ui: ['core'], api: ['core', 'ui'], core: []};
			globalThis.run = most(async target => { built.push(target); });`,
		behind: "limit.concurrency = 1; await build('app'); tell([...built, run.most]);",
		expected: [['core', 'ui', 'api', 'app', 1]],
	},

	'The warning': {
		behind: `
			process.exitCode = 0;
			process.on('exit', () => { console.log(process.exitCode); process.exitCode = 0; });
			process.listeners('warning').at(-1)({code: 'P_LANES_STUCK'});`,
		expected: [1],
	},
};
