'use strict';

// The entries beside the package's own: what they give, and what they load.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {cpSync, mkdtempSync, rmSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const {describe, test} = require('node:test');
const {exports: entries, peerDependencies, peerDependenciesMeta} = require('../../package.json');

const names = ['dashboard', 'opentelemetry', 'prometheus', 'top'];

const root = path.join(__dirname, '../..');

/** Runs a script in a process of its own, and gives what it prints. */
const print = (script, cwd = __dirname) =>
	execFileSync(process.execPath, ['-e', script], {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim();

const loaded = `Object.keys(require.cache).filter(file => /[\\\\/]lib[\\\\/]live[\\\\/]|prom-client|opentelemetry/.test(file))`;

describe('entries', () => {
	test('are these', () => {
		assert.deepEqual(
			Object.keys(entries).sort(),
			['.', ...names.map(name => `./${name}`), './package.json', './testing', './worker'].sort(),
		);
	});

	for (const name of names) {
		test(`p-lanes/${name} gives one function, by require and by import`, async () => {
			const required = require(`p-lanes/${name}`);
			const imported = await import(`p-lanes/${name}`);
			assert.deepEqual(Object.keys(required), [name]);
			assert.deepEqual(Object.keys(imported), [name]);
			assert.equal(typeof required[name], 'function');
			assert.equal(imported[name], required[name]);
		});
	}

	test('are not loaded by the package itself', () => {
		assert.equal(print(`require('p-lanes'); console.log(${loaded}.length)`), '0');
	});

	test('load no other package before they are called', () => {
		const script = names.map(name => `require('p-lanes/${name}');`).join('');
		assert.equal(print(`${script} console.log(${loaded}.some(file => file.includes('node_modules')))`), 'false');
	});

	test('need their peers only where they are called, and name the one that is missing', () => {
		assert.deepEqual(Object.keys(peerDependenciesMeta), Object.keys(peerDependencies));
		assert.ok(Object.values(peerDependenciesMeta).every(({optional}) => optional));
		const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-entries-'));
		try {
			// A copy, because Node looks for packages from where a linked file really is.
			for (const file of ['dist', 'entries', 'lib', 'index.js', 'package.json']) {
				cpSync(path.join(root, file), path.join(folder, 'node_modules/p-lanes', file), {recursive: true});
			}

			const {P_LANES_BINARY} = process.env;
			const binary = P_LANES_BINARY ?? Object.keys(require.cache).find(file => file.endsWith('.node'));
			const tell = (name, options) => `
				process.env.P_LANES_BINARY = ${JSON.stringify(binary)};
				const limits = {api: require('p-lanes')(1)};
				try {
					require('p-lanes/${name}').${name}({limits, ${options}});
					console.log('works');
				} catch (error) {
					console.log(error.code, error.message.split('\\n')[0]);
				}`;
			assert.equal(print(tell('prometheus', ''), folder), "MODULE_NOT_FOUND Cannot find module 'prom-client'");
			assert.equal(
				print(tell('opentelemetry', ''), folder),
				"MODULE_NOT_FOUND Cannot find module '@opentelemetry/api'",
			);
			assert.equal(print(`${tell('dashboard', '')} process.exit()`, folder), 'works');
		} finally {
			rmSync(folder, {recursive: true});
		}
	});
});
