'use strict';

// The warning when the event loop ends while a limit holds calls (`lib/gate/exit-warning.js`).

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const {describe, test} = require('node:test');
const {KEEPING} = require('../script.js');

/** Runs a script to its end. Returns the lines of its output, and the warnings of this package. */
const run = (body, flags = []) => {
	const {status, stdout, stderr} = spawnSync(process.execPath, [...flags, '-e', body], {
		cwd: path.join(__dirname, '../..'),
		encoding: 'utf8',
		timeout: 60_000,
	});
	assert.equal(status, 0, stderr);
	const warnings = stderr.split('\n').filter(line => line.includes('[P_LANES_STUCK] PLanesWarning'));
	return {lines: stdout.split('\n').filter(line => line !== ''), warnings, stderr};
};

const load = `const pLimit = ${KEEPING}(require('p-lanes'));`;
const pending = 'new Promise(() => {})';

/** A build graph whose targets are memoised: a task waits for a promise that another one has made. */
const graph = `
	const built = {};
	const needs = {app: ['ui', 'core'], ui: ['core'], core: []};
	const build = target => (built[target] ??= limit(async () => { await Promise.all(needs[target].map(build)); }));
	build('app');`;

describe('the end of the event loop', () => {
	for (const [options, held] of [
		['1', /a limit of concurrency 1 has 1 call that runs and 2 calls that wait$/],
		[
			"{concurrency: 1, name: 'graph'}",
			/the limit 'graph' of concurrency 1 has 1 call that runs and 2 calls that wait$/,
		],
		['{concurrency: 1, rate: {limit: 1000, interval: 1, burst: 9}}', /a limit of concurrency 1 has 1 call that runs/],
	]) {
		test(`warns of a graph of memoised promises, with ${options}`, () => {
			const {warnings, stderr} = run(`${load} const limit = pLimit(${options}); ${graph}`);
			assert.equal(warnings.length, 1, stderr);
			assert.match(warnings[0], held);
			assert.match(
				stderr,
				/^Tasks that run may wait for calls that wait for their slots\. See docs\/guide\/nested\.md/m,
			);
		});
	}

	test('names what is paused, and what never settles', () => {
		const paused = run(`${load} const limit = pLimit(2); limit.pause(); limit(() => 1);`);
		assert.match(paused.warnings[0], /a limit of concurrency 2 has 1 call that waits, and is paused$/);
		assert.match(paused.stderr, /A limit that is paused starts nothing until `resume\(\)`\./);
		const behind = run(`${load} const last = pLimit(1); last.pause(); pLimit(2).chain(last)(() => 1);`);
		assert.match(behind.stderr, /A limit that is paused starts nothing until `resume\(\)`\./);
		const running = run(`${load} pLimit(2).map([1, 2, 3].slice(0, 2), () => ${pending});`);
		assert.match(running.warnings[0], /a limit of concurrency 2 has 2 calls that run$/);
		assert.match(running.stderr, /The promises of tasks that run have not settled, or slots were not released\./);
	});

	test('one warning tells of all limits', () => {
		const {warnings} = run(`${load} for (let i = 0; i < 13; i++) pLimit(1)(() => ${pending});`);
		assert.equal(warnings.length, 1);
		assert.match(warnings[0], /; 3 more limits have some, too$/);
	});

	test('does not warn where nothing is pending', () => {
		for (const body of [
			'pLimit(2).map([1, 2, 3], async () => {});',
			'const limit = pLimit(2); limit.pause();',
			"const limit = pLimit({concurrency: 1, name: 'a', rate: {limit: 1, interval: 10}}); limit.map([1, 2, 3], () => {});",
			'const limit = pLimit(1); limit.pauseFor(20); limit(() => 1);',
			'const limit = pLimit(1); limit.pause(); limit(() => 1); limit.clearQueue();',
			`const limit = pLimit(1); limit(() => ${pending}); setTimeout(() => process.exit(), 10);`,
		]) {
			const {warnings, stderr} = run(load + body);
			assert.deepEqual([warnings, stderr], [[], ''], body);
		}
	});

	test('other listeners may add work, before or behind this one', () => {
		for (const order of ['on', 'prependListener']) {
			const body = `${load}
				const limit = pLimit(1);
				let end, times = 0;
				limit(() => new Promise(resolve => { end = resolve; })).then(() => console.log('settled'));
				process.${order}('beforeExit', () => { if (times++ < 3) setTimeout(() => times === 3 && end(), 5); });`;
			const {lines, warnings} = run(body);
			assert.deepEqual([lines, warnings], [['settled'], []]);
			const stuck = run(body.replace('&& end()', ''));
			assert.equal(stuck.warnings.length, 1, 'once, when the process ends');
		}
	});

	test('listeners of `warning` are told the code, and may set the exit code', () => {
		const {lines} = run(`${load}
			process.on('warning', ({name, code}) => { console.log(name, code); });
			pLimit(1)(() => ${pending});`);
		assert.deepEqual(lines, ['PLanesWarning P_LANES_STUCK']);
		const {warnings} = run(`${load} pLimit(1)(() => ${pending});`, ['--no-warnings']);
		assert.deepEqual(warnings, []);
	});

	test('of a worker thread, too', () => {
		const {warnings} = run(`
			const {Worker} = require('node:worker_threads');
			new Worker("${load} const limit = pLimit({concurrency: 1, name: 'there'}); limit(() => limit(() => 1));", {eval: true});`);
		assert.equal(warnings.length, 1);
		assert.match(warnings[0], /the limit 'there' of concurrency 1 has 1 call that runs and 1 call that waits$/);
	});

	test('a call adds nothing: one listener for all copies of the package, at the first limit', () => {
		const {lines} = run(`
			const count = () => console.log(process.listenerCount('beforeExit'), process.listenerCount('exit'));
			${load}
			count();
			pLimit(1);
			pLimit({concurrency: 1, name: 'a'})(() => {});
			count();
			for (let copy = 0; copy < 20; copy++) {
				for (const file of Object.keys(require.cache)) if (!file.endsWith('.node')) delete require.cache[file];
				require('p-lanes')(1);
			}
			count();`);
		assert.deepEqual(lines, ['0 0', '1 0', '1 0']);
	});
});
