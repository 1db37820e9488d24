'use strict';

// What `p-lanes bench` compares, and what it writes. Never how long anything took.

const assert = require('node:assert/strict');
const {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {after, before, describe, test} = require('node:test');
const {version} = require('../../package.json');
const {run} = require('./run.js');

let root;

before(() => {
	root = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-bench-'));
});

after(() => {
	rmSync(root, {recursive: true});
});

/** A new folder, with packages by name: their version and their source. */
const folderWith = (name, packages) => {
	const folder = path.join(root, name);
	mkdirSync(folder);
	for (const [name, {version, source}] of Object.entries(packages)) {
		const home = path.join(folder, 'node_modules', name);
		mkdirSync(home, {recursive: true});
		writeFileSync(path.join(home, 'package.json'), JSON.stringify({name, version, main: 'index.js'}));
		writeFileSync(path.join(home, 'index.js'), source);
	}

	return folder;
};

/** A limiter that keeps its cap. */
const honest = {
	version: '7.7.7',
	source: `module.exports = concurrency => {
		let running = 0;
		const queue = [];
		const next = () => {
			while (running < concurrency && queue.length > 0) {
				running++;
				const [fn, resolve, reject] = queue.shift();
				Promise.resolve().then(fn).finally(() => { running--; next(); }).then(resolve, reject);
			}
		};
		return fn => new Promise((resolve, reject) => { queue.push([fn, resolve, reject]); next(); });
	};`,
};

/** One that limits nothing. */
const boundless = {version: '6.6.6', source: 'module.exports = () => fn => Promise.resolve().then(fn);'};

const rowsOf = stdout => stdout.split('\n').filter(line => /\d ns /.test(line));

describe('p-lanes bench', () => {
	test('compares with no limiter where nothing is installed', () => {
		const cwd = folderWith('nothing', {});
		const {status, stdout, stderr} = run(['bench', '--scenario', 'burst,map', '--rounds', '1'], {cwd});
		assert.equal(status, 0, stderr);
		assert.equal(stderr, '');
		assert.match(stdout, new RegExp(`^p-lanes ${version}$`, 'm'));
		assert.match(stdout, /^A burst of 1,000 calls at once$/m);
		assert.match(stdout, /÷ no limiter$/m);
		const rows = rowsOf(stdout);
		assert.equal(rows.filter(row => row.startsWith('  p-lanes ')).length, 2);
		assert.equal(rows.filter(row => row.startsWith('  no limiter ')).length, 2);
		assert.doesNotMatch(stdout, /NaN|undefined|p-limit [0-9]/);
	});

	test('finds what is installed in the folder, and writes a page', () => {
		const cwd = folderWith('peers', {'p-limit': honest});
		const {status, stdout, stderr} = run(['bench', '--scenario', 'burst', '--rounds', '2', '--html', 'page.html'], {
			cwd,
		});
		assert.equal(status, 0, stderr);
		assert.match(stdout, /p-limit 7\.7\.7/);
		assert.match(stdout, /÷ p-limit$/m);
		assert.match(stdout, /^ {2}p-limit .* 1\.00$/m);
		assert.match(stdout, /^Written: page\.html$/m);

		const page = readFileSync(path.join(cwd, 'page.html'), 'utf8');
		assert.match(page, /^<!doctype html>/);
		assert.equal(page.match(/<svg/g).length, 1);
		assert.match(page, /p-limit 7\.7\.7/);
		assert.match(page, /prefers-color-scheme: dark/);
		assert.doesNotMatch(page, /NaN|undefined|https?:/);
	});

	test('fails when a limiter does not limit, and compares the others', () => {
		const cwd = folderWith('broken', {throat: boundless});
		const {status, stdout, stderr} = run(['bench', '--scenario', 'burst', '--rounds', '1'], {cwd});
		assert.equal(status, 1);
		assert.match(stderr, /^burst, throat: 50 tasks ran at once/m);
		assert.match(stdout, /^ {2}p-lanes /m);
		assert.doesNotMatch(stdout, /^ {2}throat /m);
	});

	test('refuses what it can not use', () => {
		const refusals = [
			[['--rounds', '0'], /--rounds must be a whole number from 1 to 100, got '0'/],
			[['--rounds', 'many'], /--rounds must be .*'many'/],
			[['--scenario', 'burst,bursts'], /--scenario does not know 'bursts', only burst, sequence, map, lanes/],
			[['--html', ''], /--html needs the name of a file/],
			[['fast'], /options alone, got 'fast'/],
		];
		for (const [args, message] of refusals) {
			const {status, stdout, stderr} = run(['bench', ...args]);
			assert.equal(status, 2, stderr);
			assert.equal(stdout, '');
			assert.match(stderr, message);
		}
	});

	test('leaves an earlier page as it is until there is a new one', () => {
		const source = `require('node:fs').copyFileSync('page.html', 'seen.html'); ${honest.source}`;
		const cwd = folderWith('earlier', {'p-limit': {...honest, source}});
		writeFileSync(path.join(cwd, 'page.html'), 'earlier');
		const {status, stderr} = run(['bench', '--scenario', 'burst', '--rounds', '1', '--html', 'page.html'], {cwd});
		assert.equal(status, 0, stderr);
		assert.equal(readFileSync(path.join(cwd, 'seen.html'), 'utf8'), 'earlier');
		assert.match(readFileSync(path.join(cwd, 'page.html'), 'utf8'), /^<!doctype html>/);
	});

	test('says that a page can not be written before it measures anything', () => {
		const cwd = folderWith('full', {});
		const {status, stdout, stderr} = run(['bench', '--html', 'no/such/folder.html'], {cwd});
		assert.equal(status, 2);
		assert.equal(stdout, '');
		assert.match(stderr, /--html: can't write no\/such\/folder\.html: ENOENT/);
	});
});
