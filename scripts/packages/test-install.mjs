// Publishes all packages to a registry on this machine, and installs for each platform: exactly its package must come.
//
//     npm run test:install
//
// For platforms without a binary here, the package has an empty file in its place: this is about which package is chosen.
// That a program works with each package manager is tested by the rows `manager-` of `__test__/ecosystem`.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileOf, packageOf, root, targets} from './facts.mjs';
import {packFolder, writeAll} from './pack.mjs';
import {npmrcOf, withRegistry} from './registry.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-install-'));

const packEverything = async () => {
	const empty = path.join(folder, 'empty.node');
	writeFileSync(empty, '');
	const binaryOf = name => {
		const file = path.join(root, fileOf(name));
		return existsSync(file) ? file : empty;
	};
	const out = path.join(folder, 'tarballs');
	mkdirSync(out);
	const folders = await writeAll({staging: path.join(folder, 'packages'), binaryOf});
	return folders.map(packed => packFolder(packed, out));
};

/** Installs p-lanes into an empty folder, as on a platform. Returns the packages with binaries that came. */
const installFor = (url, {name, os: system, cpu, libc}) => {
	const place = path.join(folder, name);
	mkdirSync(place);
	writeFileSync(path.join(place, 'package.json'), '{"private": true}');
	writeFileSync(path.join(place, '.npmrc'), npmrcOf(url));
	const options = ['--no-audit', '--no-fund', '--loglevel=error', '--cache', path.join(folder, 'cache')];
	const asThere = [`--os=${system}`, `--cpu=${cpu}`, ...(libc ? [`--libc=${libc}`] : [])];
	execFileSync('npm', ['install', ...options, ...asThere, 'p-lanes'], {
		cwd: place,
		stdio: ['ignore', 'ignore', 'inherit'],
		shell: process.platform === 'win32',
	});
	assert.ok(existsSync(path.join(place, 'node_modules/p-lanes/package.json')));
	const scope = path.join(place, 'node_modules/@p-lanes');
	return existsSync(scope) ? readdirSync(scope).map(packageOf) : [];
};

/** A platform that has no package: the install works, and WebAssembly is used. */
const OTHER = {name: 'freebsd-x64', os: 'freebsd', cpu: 'x64'};

try {
	await withRegistry(await packEverything(), url => {
		for (const target of targets) {
			assert.deepEqual(installFor(url, target), [packageOf(target.name)]);
			console.log(`ok ${target.name}`);
		}

		assert.deepEqual(installFor(url, OTHER), []);
		console.log(`ok ${OTHER.name}: no package`);
	});
} finally {
	rmSync(folder, {recursive: true, force: true});
}
