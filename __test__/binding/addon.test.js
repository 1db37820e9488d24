'use strict';

// Where the addon is found, and what is said when it does not load.

const assert = require('node:assert/strict');
const {cpSync, rmSync, writeFileSync} = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const {after, describe, test} = require('node:test');
const {libc, libcFamily} = require('../../lib/common/system.js');
const {addon, installBinary, installPackage, newFolder, runIn, target, targets, version} = require('./installed.js');

const folders = [];
const isLinux = process.platform === 'linux';

after(() => {
	for (const folder of folders) {
		rmSync(folder, {recursive: true});
	}
});

/** A folder with the package installed, and without a binary. */
const install = () => {
	const folder = newFolder();
	folders.push(folder);
	installPackage(folder);
	return folder;
};

const SCRIPT = `try {
	require('p-lanes');
	console.log(require('./node_modules/p-lanes/lib/binding/binding.js').file);
} catch (error) {
	console.log(error.code + ' ' + error.name + ' ' + (error.cause !== undefined) + '\\n' + error.message);
}`;

/** Loads the package in a folder. Returns the file of the addon, or the error. */
const load = (folder, {flags, env, before = ''} = {}) => {
	const {stdout, stderr} = runIn(folder, before + SCRIPT, {flags, env: {P_LANES_BINDING: 'addon', ...env}});
	return stdout || stderr;
};

const checkSaid = (said, ...parts) => {
	assert.match(said, /^ERR_NO_BINARY NoBinaryError true\n/);
	assert.ok(said.includes(`${process.platform}-${process.arch}`));
	assert.ok(said.split('\n').length <= 10, said);
	for (const part of parts) {
		assert.match(said, part);
	}
};

/** In a script: the next addon is refused with a message. */
const refuse = message => `require('node:module')._extensions['.node'] = () => {
	throw Object.assign(new Error(${JSON.stringify(message)}), {code: 'ERR_DLOPEN_FAILED'});
};`;

describe('the addon', () => {
	test('comes from the package of the platform', () => {
		const folder = install();
		const file = installBinary(folder);
		assert.equal(load(folder), file);
	});

	test('comes from beside package.json before that', () => {
		const folder = install();
		installBinary(folder);
		const file = path.join(folder, `node_modules/p-lanes/p-lanes.${target}.node`);
		cpSync(addon, file);
		assert.equal(load(folder), file);
	});

	test('is not that of another package, whose variable names one', () => {
		const folder = install();
		const file = installBinary(folder);
		assert.equal(load(folder, {env: {NAPI_RS_NATIVE_LIBRARY_PATH: path.join(folder, 'of-another.node')}}), file);
	});

	test('is never one for another C library, also where both are installed', {skip: !isLinux}, () => {
		const folder = install();
		const file = installBinary(folder);
		const others = targets.filter(
			({os, cpu, name}) => os === process.platform && cpu === process.arch && name !== target,
		);
		assert.equal(others.length, 1);
		const [{name}] = others;
		installBinary(folder, {name, bytes: 'not loaded'});
		assert.equal(load(folder), file);
		assert.doesNotMatch(load(folder, {before: refuse('no')}), new RegExp(name));
	});

	test('must have exactly the version of the package', () => {
		const folder = install();
		installBinary(folder, {of: '99.0.0'});
		checkSaid(load(folder), /why: .* has the version 99\.0\.0, and p-lanes /, /both come from one version/);
	});
});

describe('the C library', {skip: !isLinux}, () => {
	test('is the one that the report of the process has', () => {
		assert.equal(libcFamily(), libc().startsWith('glibc') ? 'gnu' : 'musl');
	});

	test('is known where the process may not read its program', () => {
		const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
		const root = path.join(__dirname, '../..');
		const {stdout, stderr} = runIn(root, `console.log(require('./lib/common/system.js').libcFamily())`, {
			flags: [flag, `--allow-fs-read=${root}/*`],
		});
		assert.equal(stdout, libcFamily(), stderr);
	});
});

describe('an addon that is missing', () => {
	test('in a checkout is to be built', () => {
		const folder = install();
		writeFileSync(path.join(folder, 'node_modules/p-lanes/Cargo.toml'), '');
		checkSaid(load(folder), /looked for: p-lanes\./, /why: There is no /, /npm run build/);
	});

	test('was left out with the optional dependencies', () => {
		const folder = install();
		const said = load(folder);
		checkSaid(said, /why: @p-lanes\/\S+ is not installed$/m, /--omit=optional/, /npm\/cli#4828/);
		assert.ok(said.endsWith(`npm install @p-lanes/${target}@${version}`), said);
	});

	test('is there for another C library', {skip: !isLinux}, () => {
		const folder = install();
		const name = `linux-${process.arch}-${libcFamily() === 'gnu' ? 'musl' : 'gnu'}`;
		installBinary(folder, {name});
		checkSaid(load(folder), new RegExp(`is not installed, but @p-lanes/${name} is`), /for another C library/);
	});

	test('is there for another processor', () => {
		const folder = install();
		const {name, cpu} = targets.find(({os, cpu}) => os === process.platform && cpu !== process.arch);
		installBinary(folder, {name});
		checkSaid(load(folder), new RegExp(`but @p-lanes/${name} is`), new RegExp(`is for ${cpu}, .*Rosetta`));
	});

	test('is there for another system', () => {
		const folder = install();
		const {name} = targets.find(({os}) => os !== process.platform);
		installBinary(folder, {name});
		checkSaid(load(folder), new RegExp(`but @p-lanes/${name} is`), /came from another system/);
	});

	test('is missing on a platform that has none', () => {
		const folder = install();
		const before = `Object.defineProperty(process, 'arch', {value: 'riscv64'});`;
		assert.match(load(folder, {before}), /why: p-lanes has no binary for \w+-riscv64$/m);
	});

	test('is missing in a single executable application', () => {
		const folder = install();
		// `require('node:sea')` of such a program says so; the message is of our own code.
		const before = `const load = require('node:module')._load;
			require('node:module')._load = (name, ...rest) => name === 'node:sea' ? {isSea: () => true} : load(name, ...rest);`;
		checkSaid(load(folder, {before}), /beside the executable/, /P_LANES_BINARY/);
	});

	test('is missing in a bundle', () => {
		const folder = install();
		// In a bundle the nearest package.json is not ours.
		writeFileSync(path.join(folder, 'node_modules/p-lanes/package.json'), JSON.stringify({version, main: 'index.js'}));
		checkSaid(load(folder), /was bundled/, new RegExp(`node_modules/@p-lanes/${target} beside it`));
		const file = installBinary(folder);
		assert.equal(load(folder), file);
	});

	test('is not where the variable says', () => {
		const file = path.join(install(), 'nothing.node');
		const said = load(install(), {env: {P_LANES_BINARY: file, P_LANES_BINDING: ''}});
		checkSaid(said, /why: There is no .*nothing\.node/, /what to do: The variable P_LANES_BINARY /);
	});
});

describe('an addon that is refused', () => {
	test('is damaged', () => {
		const folder = install();
		installBinary(folder, {bytes: 'no library'});
		checkSaid(load(folder), /why: .*p-lanes\..*\.node/, /does not fit this system or is damaged/);
	});

	test('is no library, and named by the variable', () => {
		const folder = install();
		const file = path.join(folder, 'damaged.node');
		writeFileSync(file, 'no library');
		const said = load(folder, {env: {P_LANES_BINARY: file, P_LANES_BINDING: ''}});
		checkSaid(said, /looked for: .*damaged\.node/, /why: .*damaged\.node/);
	});

	test('is of another version, and named by the variable', () => {
		const before = `require('node:module')._extensions['.node'] = module => {
			module.exports = {VERSION: '99.0.0'};
		};`;
		const said = load(install(), {before, env: {P_LANES_BINARY: addon, P_LANES_BINDING: ''}});
		checkSaid(said, /why: .*\.node has the version 99\.0\.0, and p-lanes /, /P_LANES_BINARY names an addon of another/);
	});

	for (const [name, message, ...parts] of [
		[
			'for a newer C library',
			"/lib/libc.so.6: version `GLIBC_2.9' not found (required by a.node), version `GLIBC_2.99' not found",
			/needs glibc 2\.99/,
		],
		['for musl', 'libc.musl-x86_64.so.1: cannot open shared object file: No such file or directory', /is for musl/],
		[
			'for glibc',
			'Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by a.node)',
			/is for glibc/,
		],
		[
			'for another processor',
			"dlopen(a.node, 0x0001): tried: 'a.node' (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))",
			/another processor/,
			/Rosetta/,
		],
	]) {
		test(`was built ${name}`, () => {
			const folder = install();
			installBinary(folder);
			checkSaid(load(folder, {before: refuse(message)}), /why: /, ...parts);
		});
	}

	test('is refused by --no-addons', () => {
		const folder = install();
		installBinary(folder);
		checkSaid(load(folder, {flags: ['--no-addons']}), /without --no-addons/);
	});

	test('is refused by the permission model', () => {
		const folder = install();
		installBinary(folder);
		const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
		checkSaid(load(folder, {flags: [flag, '--allow-fs-read=*']}), /--allow-addons/);
	});
});
