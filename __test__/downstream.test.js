'use strict';

// The runner of `npm run test:downstream` on packages that are written here, without a network.

const test = require('node:test');
const assert = require('node:assert');
const {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');

const PLAIN_LIMIT = `
	const pLimit = concurrency => {
		const queue = [];
		let active = 0;
		const next = () => {
			while (active < concurrency && queue.length > 0) {
				active++;
				queue.shift()();
			}
		};

		const limit = (fn, ...args) => new Promise(resolve => {
			queue.push(() => resolve((async () => fn(...args))().finally(() => { active--; next(); })));
			next();
		});
		limit.map = (items, fn) => Promise.all(Array.from(items, (item, index) => limit(fn, item, index)));
		return limit;
	};
`;

const COMMON_JS = {
	'package.json': '{"name": "p-limit", "version": "3.1.0"}',
	'index.js': `${PLAIN_LIMIT} module.exports = pLimit;`,
};

const ES_MODULE = {
	'package.json': '{"name": "p-limit", "version": "7.3.0", "type": "module", "exports": "./index.js"}',
	'index.js': `${PLAIN_LIMIT}
		export default pLimit;
		export function limitFunction(fn, {concurrency}) { const limit = pLimit(concurrency); return (...args) => limit(() => fn(...args)); }
	`,
};

// Writes files and prints lines, in the order in which its calls begin.
const WORK = `
	const limit = pLimit(2);
	const answers = await Promise.all([1, 2, 3].map(value => limit(async factor => value * factor, 10)));
	const mapped = await limit.map([4, 5], async item => item + 1);
	limit.concurrency = 3;
	fs.writeFileSync('answers.json', JSON.stringify({answers, mapped}));
	console.log(answers.length, 'answers');
`;

const commonJsCase = {
	files: {
		'run.js': `const fs = require('fs'); const pLimit = require('p-limit'); const deep = require('user').limit; (async () => { ${WORK} await deep(1)(() => 1); })();`,
	},
	steps: [['node', 'run.js']],
};

const esModuleCase = {
	files: {
		'run.mjs': `import fs from 'node:fs'; import pLimit, {limitFunction} from 'p-limit'; ${WORK}
			console.log(await limitFunction(async value => value + 1, {concurrency: 1})(1));`,
	},
	steps: [['node', 'run.mjs']],
};

const write = (folder, files) => {
	mkdirSync(folder, {recursive: true});
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(path.join(folder, name), text);
	}
};

/** A folder with a p-limit of each shape: the given one, and a CommonJS one that the package `user` has for itself. */
const folderWith = (t, files) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'downstream-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const nodeModules = path.join(folder, 'node_modules');
	write(path.join(nodeModules, 'p-limit'), files);
	write(path.join(nodeModules, 'user'), {'index.js': "exports.limit = require('p-limit');"});
	write(path.join(nodeModules, 'user/node_modules/p-limit'), {
		...COMMON_JS,
		'package.json': COMMON_JS['package.json'].replace('3.1.0', '2.3.0'),
	});
	return folder;
};

/** A folder with code that takes the place of p-lanes. */
const brokenLanes = (t, code) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'downstream-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	write(folder, {'index.js': code});
	return folder;
};

const SHOW = "console.log('shown');";

/** Makes a call more where p-lanes is: only p-lanes has `clearQueue` here. */
const ONE_MORE = `${SHOW} const limit = require('p-limit')(1); limit(() => 1); if (limit.clearQueue) limit(() => 2);`;

const load = () => import('../scripts/downstream/case.mjs');

test('p-lanes takes the place of each p-limit, in its shape, and the calls are counted', async t => {
	const {runCase} = await load();
	const outcome = runCase(commonJsCase, {folder: folderWith(t, COMMON_JS), lanes: root});
	assert.deepStrictEqual(outcome.problems, []);
	assert.deepStrictEqual(outcome.versions, ['2.3.0', '3.1.0']);
	assert.strictEqual(outcome.limits, 2);
	// Three calls, one map, and the call in the package that has a p-limit for itself.
	assert.strictEqual(outcome.calls, 5);
});

test('an ES module with limitFunction', async t => {
	const {runCase} = await load();
	const outcome = runCase(esModuleCase, {folder: folderWith(t, ES_MODULE), lanes: root});
	assert.deepStrictEqual(outcome.problems, []);
	assert.strictEqual(outcome.limits, 2);
	assert.strictEqual(outcome.calls, 5);
});

test('a second run of a folder starts from the p-limit that was installed', async t => {
	const {runCase} = await load();
	const folder = folderWith(t, COMMON_JS);
	const first = runCase(commonJsCase, {folder, lanes: root});
	assert.deepStrictEqual(runCase(commonJsCase, {folder, lanes: root}), first);
	assert.ok(existsSync(path.join(folder, 'node_modules/p-limit/own/index.js')));
});

test('another result is found, in a file and in the output', async t => {
	const {runCase} = await load();
	const lanes = brokenLanes(
		t,
		`${PLAIN_LIMIT} module.exports = concurrency => { const limit = pLimit(concurrency); return Object.assign((fn, ...args) => limit(async () => (await fn(...args)) + 1), limit); };`,
	);
	const {problems} = runCase(commonJsCase, {folder: folderWith(t, COMMON_JS), lanes});
	assert.strictEqual(problems.length, 1);
	assert.match(problems[0], /^file answers\.json: differs/);
	assert.match(problems[0], /p-limit .*\[10,20,30\][\s\S]*p-lanes .*11,21,31/);
});

test('a workload that fails with p-lanes says so', async t => {
	const {runCase} = await load();
	const lanes = brokenLanes(t, "module.exports = () => { throw new Error('no limits today'); };");
	assert.throws(
		() => runCase(commonJsCase, {folder: folderWith(t, COMMON_JS), lanes}),
		/^Error: with p-lanes: node run\.js: exit code 1, expected 0[\s\S]*no limits today/,
	);
});

test('calls that were not made, or of another number, are a difference', async t => {
	const {runCase} = await load();
	const run = (code, more) =>
		runCase(
			{files: {'run.js': code}, steps: [['node', 'run.js']], ...more},
			{folder: folderWith(t, COMMON_JS), lanes: root},
		).problems;
	assert.deepStrictEqual(run(SHOW), ['p-lanes was not loaded']);
	assert.deepStrictEqual(run(`${SHOW} require('p-limit')`), ['p-lanes was not called']);
	assert.deepStrictEqual(run(`${SHOW} require('p-limit')`, {calls: 'none'}), []);
	assert.match(run(`${SHOW} require('p-limit')(1)(() => 1)`, {calls: 'none'})[0], /calls were made/);
	assert.match(run("require('p-limit')(1)(() => 1)")[0], /made nothing that can be compared/);

	assert.deepStrictEqual(run(ONE_MORE), ['p-limit: 1 limits, 1 calls; p-lanes: 1 limits, 2 calls']);
	assert.deepStrictEqual(run(ONE_MORE, {calls: 'some'}), []);
});

test('a known difference has to be there', async t => {
	const {runCase} = await load();
	const run = (code, lanesStatus) =>
		runCase(
			{files: {'run.js': `${SHOW} ${code}`}, steps: [{run: ['node', 'run.js'], lanesStatus}], calls: 'some'},
			{folder: folderWith(t, COMMON_JS), lanes: root},
		);
	const differs = "const limit = require('p-limit')(1); limit(() => 1); if (limit.clearQueue) process.exitCode = 3;";
	assert.strictEqual(run(`${differs} require('fs').writeFileSync('made', 'text');`, 3).known, 1);
	assert.throws(() => run(differs, 0), /with p-lanes: .* exit code 3, expected 0/);
	assert.throws(() => run("require('p-limit')(1)(() => 1)", 3), /with p-lanes: .* exit code 0, expected 3/);
});
