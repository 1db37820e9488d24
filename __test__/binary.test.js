'use strict';

// What `require` says when the native addon does not load.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const {cpSync, mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {after, describe, test} = require('node:test');

const root = path.dirname(__dirname);
const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-'));
const copy = path.join(folder, 'p-lanes');
for (const name of ['package.json', 'index.js', 'lib', 'dist']) {
	cpSync(path.join(root, name), path.join(copy, name), {recursive: true});
}

after(() => {
	rmSync(folder, {recursive: true});
});

const load = (of, {flags = [], env = {}} = {}) => {
	const script = `try { require(${JSON.stringify(of)}); console.log('loaded'); } catch (error) {
		console.log(error.code + ' ' + error.name + ' ' + (error.cause !== undefined) + '\\n' + error.message);
	}`;
	const {stdout} = spawnSync(process.execPath, [...flags, '-e', script], {
		encoding: 'utf8',
		env: {...process.env, NODE_OPTIONS: '', ...env},
	});
	return stdout.trim();
};

const checkSaid = (said, ...parts) => {
	assert.match(said, /^ERR_NO_BINARY NoBinaryError true\n/);
	assert.ok(said.includes(`${process.platform}-${process.arch}`));
	assert.doesNotMatch(said, /npm has a bug|optional dependencies|wasm/);
	assert.ok(said.split('\n').length <= 10, said);
	for (const part of parts) {
		assert.match(said, part);
	}
};

describe('an addon that does not load', () => {
	test('is missing', () => {
		checkSaid(load(copy), /looked for: .*p-lanes\./, /why: There is no /, /npm run build/);
	});

	test('is damaged', () => {
		const file = path.join(folder, 'damaged.node');
		writeFileSync(file, 'no library');
		checkSaid(load(root, {env: {P_LANES_BINARY: file}}), /looked for: .*damaged\.node/, /why: .*damaged\.node/);
	});

	test('is not where the variable says', () => {
		const said = load(root, {env: {P_LANES_BINARY: path.join(folder, 'nothing.node')}});
		checkSaid(said, /why: There is no .*nothing\.node/, /what to do: The variable P_LANES_BINARY /);
	});

	test('was built for a newer C library', {skip: process.platform !== 'linux'}, () => {
		const file = path.join(folder, 'newer.node');
		writeFileSync(file, '');
		const preload = path.join(folder, 'preload.js');
		writeFileSync(
			preload,
			`require.extensions['.node'] = (_, name) => {
				throw Object.assign(new Error("/lib/libc.so.6: version \`GLIBC_2.99' not found (required by " + name + ")"), {
					code: 'ERR_DLOPEN_FAILED',
				});
			};`,
		);
		checkSaid(load(root, {flags: ['-r', preload]}), /why: .*GLIBC_2\.99/, /C library of this system is older/);
	});

	test('is refused by --no-addons', () => {
		checkSaid(load(root, {flags: ['--no-addons']}), /without --no-addons/);
	});

	test('is refused by the permission model', () => {
		const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
		checkSaid(load(root, {flags: [flag, '--allow-fs-read=*']}), /--allow-addons/);
	});

	test('does load', () => {
		assert.equal(load(root), 'loaded');
	});
});
