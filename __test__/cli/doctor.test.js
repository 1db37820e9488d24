'use strict';

const assert = require('node:assert/strict');
const {mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {after, describe, test} = require('node:test');
const {examine} = require('../../lib/cli/doctor/examine.js');
const {describe: describeSystem} = require('../../lib/cli/doctor/describe.js');
const {textReport} = require('../../lib/cli/doctor/report.js');
const {needsModule} = require('../wasm/module.js');
const {run} = require('./run.js');

const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-doctor-'));

after(() => {
	rmSync(folder, {recursive: true});
});

const NAMES = ['binary', 'limit', 'lanes', 'rate', 'kernel', 'pool'];

describe('p-lanes doctor', () => {
	test('finds that all is well', () => {
		const {status, stdout, stderr} = run(['doctor'], {cwd: folder});
		assert.equal(status, 0, stdout);
		assert.equal(stderr, '');
		for (const name of NAMES) {
			assert.match(stdout, new RegExp(`^ {2}ok {4}${name} `, 'm'));
		}

		assert.doesNotMatch(stdout, /FAIL|undefined|NaN/);
		assert.match(stdout, /p-lanes works here/);
	});

	test('says what was loaded, from where, on which system', () => {
		const {status, stdout} = run(['doctor', '--json'], {cwd: folder});
		assert.equal(status, 0, stdout);
		const {version, binary, node, system, processor, tests} = JSON.parse(stdout);
		const given = process.env.P_LANES_BINARY;
		const {FINGERPRINT} = require('../../lib/binding/binding.js');
		assert.equal(version, require('../../package.json').version);
		assert.match(binary.file, /\.node$/);
		assert.equal(path.dirname(binary.file), given ? path.dirname(given) : path.join(__dirname, '../..'));
		assert.equal(binary.isGiven, Boolean(given));
		assert.equal(binary.fingerprint, FINGERPRINT);
		assert.ok(binary.bytes > 100_000);
		assert.equal(node.version, process.versions.node);
		assert.equal(`${system.platform}-${system.arch}`, `${process.platform}-${process.arch}`);
		assert.equal(processor.coresForThisProcess, os.availableParallelism());
		assert.deepEqual(
			tests.map(({name, passed}) => [name, passed]),
			NAMES.map(name => [name, true]),
		);
	});

	test('says of each test that needs the addon why, where WebAssembly serves the limits', needsModule, () => {
		const {status, stdout} = run(['doctor'], {cwd: folder, env: {P_LANES_BINDING: 'wasm', P_LANES_BINARY: ''}});
		assert.equal(status, 0, stdout);
		assert.match(stdout, /^ {2}-- {4}pool {4}a `Pool` needs the native addon of p-lanes: /m);
		assert.match(stdout, /^p-lanes works here, but for what needs the addon \(--\)\.$/m);
	});

	test('fails when the addon does not load, and says what to do', () => {
		const file = path.join(folder, 'damaged.node');
		writeFileSync(file, 'no library');
		const {status, stdout} = run(['doctor'], {cwd: folder, env: {P_LANES_BINARY: file}});
		assert.equal(status, 1);
		assert.match(stdout, /^binary +none was loaded$/m);
		assert.match(stdout, /^ {2}FAIL {2}binary$/m);
		assert.match(stdout, /damaged\.node/);
		assert.match(stdout, /what to do: /);
		assert.doesNotMatch(stdout, /^ {2}ok/m);
		assert.match(stdout, /p-lanes does not work here/);
	});

	test('goes on after a test that fails or hangs, and says what to do about it', async () => {
		const works = {name: 'binary', advice: undefined, run: () => 'loaded'};
		const fails = {
			name: 'pool',
			advice: 'Start no threads.',
			run() {
				throw new Error('no threads here');
			},
		};
		const hangs = {name: 'rate', advice: 'Wind the clock.', run: () => new Promise(() => {})};
		const outcomes = await examine([works, hangs, fails], 20);
		assert.deepEqual(
			outcomes.map(({name, passed, advice}) => [name, passed, advice]),
			[
				['binary', true, undefined],
				['rate', false, 'Wind the clock.'],
				['pool', false, 'Start no threads.'],
			],
		);
		const text = textReport({...describeSystem(), tests: outcomes});
		assert.match(text, /^ {2}FAIL {2}rate\n +it has not ended within 0\.02 s\n +what to do: Wind the clock\.$/m);
		assert.match(text, /^ {2}FAIL {2}pool\n +no threads here\n +what to do: Start no threads\.$/m);
		assert.match(text, /p-lanes does not work here/);
	});

	test('tries nothing more when the addon does not load', async () => {
		const fails = {
			name: 'binary',
			run() {
				throw new Error('no addon');
			},
		};
		assert.equal((await examine([fails, {name: 'limit', run: () => 'not reached'}])).length, 1);
	});

	test('refuses what is no option', () => {
		const {status, stderr} = run(['doctor', 'limit']);
		assert.equal(status, 2);
		assert.match(stderr, /options alone, got 'limit'/);
	});
});
