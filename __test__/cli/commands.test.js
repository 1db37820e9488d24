'use strict';

// How a command is found, and what is said where there is none.

const assert = require('node:assert/strict');
const {accessSync, constants, readdirSync} = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const {describe, test} = require('node:test');
const {commands} = require('../../lib/cli/commands.js');
const {version} = require('../../package.json');
const {main, run} = require('./run.js');

const names = Object.keys(commands);

describe('the command p-lanes', () => {
	test('is what the package installs', {skip: process.platform === 'win32'}, () => {
		accessSync(main, constants.X_OK);
	});

	test('has a file for each command', () => {
		const files = readdirSync(path.join(__dirname, '../../lib/cli'));
		for (const name of names) {
			assert.ok(files.includes(`${name}.js`), name);
		}
	});

	test('tells its commands', () => {
		for (const args of [['--help'], ['-h'], ['help']]) {
			const {status, stdout, stderr} = run(args);
			assert.equal(status, 0);
			assert.equal(stderr, '');
			for (const name of names) {
				assert.ok(stdout.includes(`  ${name}`), name);
			}
		}
	});

	test('tells them also when it is given none, as a failure', () => {
		const {status, stdout} = run([]);
		assert.equal(status, 2);
		assert.match(stdout, /Usage: p-lanes <command>/);
	});

	test('tells its version', () => {
		assert.deepEqual(run(['--version']), {status: 0, stdout: `${version}\n`, stderr: ''});
	});

	test('refuses an unknown command with the list', () => {
		for (const name of ['docter', 'constructor', '--nothing']) {
			const {status, stdout, stderr} = run([name]);
			assert.equal(status, 2);
			assert.equal(stdout, '');
			assert.equal(stderr, `p-lanes has no command '${name}'; the commands are ${names.join(', ')}\n`);
		}
	});

	for (const name of names) {
		test(`${name} has help, and refuses an unknown option`, () => {
			const help = run([name, '--help']);
			assert.equal(help.status, 0);
			assert.match(help.stdout, new RegExp(`^Usage: p-lanes ${name}`));
			assert.match(help.stdout, /--help/);
			assert.deepEqual(run(['help', name]), help);

			const refused = run([name, '--nothing']);
			assert.equal(refused.status, 2);
			assert.match(refused.stderr, /^Unknown option '--nothing'\n/);
			assert.match(refused.stderr, new RegExp(`See p-lanes ${name} --help\n$`));
		});
	}
});
