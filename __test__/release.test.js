'use strict';

// What has to name the same targets, licences and addresses in files that no program reads together.

const assert = require('node:assert/strict');
const {readFileSync} = require('node:fs');
const path = require('node:path');
const {describe, test} = require('node:test');
const {targets} = require('../lib/binding/targets.js');

const root = path.dirname(__dirname);
const read = name => readFileSync(path.join(root, name), 'utf8').replaceAll('\r\n', '\n');
const sorted = list => [...list].sort();

/** The strings in a list of a TOML or JS file. */
const stringsIn = (text, start) => {
	const [, list] = text.slice(text.indexOf(start)).split(/[[\]]/);
	return [...list.matchAll(/["']([^"']+)["']/g)].map(([, string]) => string);
};

describe('a release', () => {
	test('builds each platform that has a package', () => {
		const workflow = read('.github/workflows/release.yml');
		const built = [...workflow.matchAll(/^ +(?:- )?target: ([\w-]+)$/gm)].map(([, name]) => name);
		assert.deepEqual(sorted(built), sorted(targets.map(({name}) => name)));
	});

	test('has its crates checked for each platform, and WebAssembly', async () => {
		const {builds} = await import('../scripts/notices/crates.mjs');
		assert.deepEqual(sorted(stringsIn(read('deny.toml'), 'targets = ')), sorted(builds.map(({triple}) => triple)));
	});

	test('links the licences that both checks accept', () => {
		const accepted = stringsIn(read('scripts/notices/licences.mjs'), 'ACCEPTED = ');
		assert.deepEqual(stringsIn(read('deny.toml'), 'allow = '), accepted);
	});

	test('has a text for each component in its notices', () => {
		const notices = read('THIRD-PARTY-NOTICES.md');
		const names = [...notices.matchAll(/^\| (.+?) \| .+ \| .+ \|$/gm)].map(([, name]) => name).slice(1);
		assert.ok(names.length > 50, `${names.length} components`);
		const texts = [...notices.matchAll(/^## [\w.-]+: (.+)\n\n```text\n([\s\S]+?)\n```$/gm)];
		assert.ok(texts.every(([, , text]) => text.length > 500));
		const withText = new Set(texts.flatMap(([, uses]) => uses.split(', ')));
		assert.deepEqual(
			names.filter(name => !withText.has(name)),
			[],
		);
	});

	test('names one address', () => {
		const {repository, homepage, bugs} = JSON.parse(read('package.json'));
		const address = repository.url.replace(/^git\+|\.git$/g, '');
		assert.ok(homepage.startsWith(`${address}#`));
		assert.equal(bugs, `${address}/issues`);
		const crate = read('Cargo.toml');
		assert.equal(/^repository = "(.*)"$/m.exec(crate)[1], address);
		assert.equal(/^homepage = "(.*)"$/m.exec(crate)[1], address);
	});
});
