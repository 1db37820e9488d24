'use strict';

// Folders as package managers make them: the package in `node_modules`, and packages of platforms beside it.

const {spawnSync} = require('node:child_process');
const {cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const process = require('node:process');

const {namesFor, targets} = require('../../lib/binding/targets.js');
const {libcFamily} = require('../../lib/common/system.js');

const root = path.join(__dirname, '../..');
const {version} = require('../../package.json');

/** The file of the addon that this test runs on, and the name of its target. */
const {addon: exported, file: addon} = require('../../lib/binding/addon.js').loadAddon();
const [target] = namesFor({platform: process.platform, arch: process.arch, libc: libcFamily()});

const newFolder = () => mkdtempSync(path.join(os.tmpdir(), 'p-lanes-binding-'));

/** Installs the JavaScript of the package, and returns its folder. */
const installPackage = folder => {
	const own = path.join(folder, 'node_modules/p-lanes');
	for (const name of ['package.json', 'index.js', 'index.mjs', 'lib', 'dist', 'entries']) {
		cpSync(path.join(root, name), path.join(own, name), {recursive: true});
	}

	return own;
};

/** Installs the package of a platform; `bytes` is its binary, by default the real one. */
const installBinary = (folder, {name = target, of = version, bytes = readFileSync(addon)} = {}) => {
	const own = path.join(folder, 'node_modules/@p-lanes', name);
	const main = `p-lanes.${name}.node`;
	mkdirSync(own, {recursive: true});
	writeFileSync(path.join(own, 'package.json'), JSON.stringify({name: `@p-lanes/${name}`, version: of, main}));
	writeFileSync(path.join(own, main), bytes);
	return path.join(own, main);
};

/** The binary as another build: with another fingerprint in it. */
const otherBuild = () => {
	const {FINGERPRINT} = exported;
	const bytes = readFileSync(addon);
	const other = Buffer.from([...FINGERPRINT].reverse().join('').replace(/./, 'x'));
	for (let at = bytes.indexOf(FINGERPRINT); at !== -1; at = bytes.indexOf(FINGERPRINT, at)) {
		other.copy(bytes, at);
	}

	return bytes;
};

/** Runs a script in a folder, and returns what it prints. */
const runIn = (folder, script, {flags = [], env = {}} = {}) => {
	const {P_LANES_BINARY, P_LANES_BINDING, ...rest} = process.env;
	const {stdout, stderr, status} = spawnSync(process.execPath, [...flags, '-e', script], {
		cwd: folder,
		encoding: 'utf8',
		env: {...rest, NODE_OPTIONS: '', ...env},
	});
	return {stdout: stdout.trim(), stderr, status};
};

module.exports = {addon, installBinary, installPackage, newFolder, otherBuild, runIn, target, targets, version};
