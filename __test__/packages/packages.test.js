'use strict';

// What is published: the package.json of each package, and what keeps a release from being published.

const assert = require('node:assert/strict');
const {execFileSync, spawnSync} = require('node:child_process');
const {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {after, before, describe, test} = require('node:test');
const {targets} = require('../../lib/binding/targets.js');

const root = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-packages-'));
const own = require('../../package.json');

after(() => {
	rmSync(folder, {recursive: true});
});

describe('the published package.json', () => {
	let manifestOf;
	let manifestFor;
	before(async () => {
		({manifestOf} = await import('../../scripts/packages/platform.mjs'));
		({manifestFor} = await import('../../scripts/packages/main.mjs'));
	});

	test('of p-lanes has all platforms in exactly its version, and nothing that only a checkout needs', () => {
		const manifest = manifestFor(targets);
		assert.deepEqual(
			manifest.optionalDependencies,
			Object.fromEntries(targets.map(({name}) => [`@p-lanes/${name}`, own.version])),
		);
		assert.equal(targets.length, 8);
		for (const name of ['scripts', 'devDependencies', 'files', 'napi']) {
			assert.equal(name in manifest, false, name);
		}

		for (const name of ['name', 'version', 'exports', 'main', 'types', 'bin', 'engines', 'peerDependencies']) {
			assert.deepEqual(manifest[name], own[name], name);
		}
	});

	test('of the checkout has no platform: npm ci would look for them', () => {
		assert.equal('optionalDependencies' in own, false);
	});

	test('of a platform says where it belongs', () => {
		for (const target of targets) {
			const {name, version, os: systems, cpu, libc, main, engines, license} = manifestOf(target);
			assert.equal(name, `@p-lanes/${target.name}`);
			assert.equal(version, own.version);
			assert.deepEqual(
				[systems, cpu, libc],
				[[target.os], [target.cpu], target.os === 'linux' ? [target.libc] : undefined],
			);
			assert.equal(main, `p-lanes.${target.name}.node`);
			assert.deepEqual([engines, license], [own.engines, own.license]);
		}
	});
});

/** The first bytes of a program of Linux for a processor, and enough of a text behind them. */
const elf = (machine, text) => {
	const bytes = Buffer.alloc(8192);
	bytes.write('\x7fELF', 'latin1');
	bytes.writeUInt16LE(machine, 18);
	bytes.write(text, 64);
	return bytes;
};

const [X64, ARM64] = [62, 183];

describe('a release', () => {
	let problemsOfRelease;
	let problemsOfWasm;
	let problemsOfPaths;
	let wanted;
	before(async () => {
		({problemsOfPaths, problemsOfRelease, problemsOfWasm} = await import('../../scripts/packages/check.mjs'));
		const {fingerprint} = await import('../../scripts/fingerprint.mjs');
		wanted = fingerprint();
	});

	/** Puts a binary into the folder; returns what is said about it. */
	const saidOf = (name, bytes) => {
		writeFileSync(path.join(folder, `p-lanes.${name}.node`), bytes);
		return problemsOfRelease(folder).filter(problem => problem.startsWith(`p-lanes.${name}.node`));
	};

	test('needs the binaries of all platforms', () => {
		const missing = problemsOfRelease(folder).filter(problem => /^p-lanes\..*\.node is missing$/.test(problem));
		assert.equal(missing.length, targets.length);
	});

	test('takes binaries of these sources for their platform alone', () => {
		assert.deepEqual(saidOf('linux-x64-gnu', elf(X64, `${wanted} GLIBC_2.17`)), []);
		assert.deepEqual(saidOf('linux-arm64-musl', elf(ARM64, wanted)), []);
		assert.match(saidOf('linux-x64-gnu', elf(ARM64, wanted))[0], /elf arm64 in place of elf x64/);
		assert.match(saidOf('darwin-x64', elf(X64, wanted))[0], /elf x64 in place of macho x64/);
		assert.match(saidOf('linux-x64-gnu', elf(X64, 'of others'))[0], /built from other sources/);
		assert.match(saidOf('linux-x64-gnu', elf(X64, `${wanted} GLIBC_2.35`))[0], /needs glibc 2\.35/);
		assert.match(saidOf('linux-x64-musl', elf(X64, `${wanted} GLIBC_2.17`))[0], /built for glibc/);
		assert.match(saidOf('win32-x64-msvc', Buffer.from('short'))[0], /unknown in place of pe x64/);
	});

	test('finds the same sources in a checkout on Windows', {skip: !existsSync(path.join(root, '.git'))}, async () => {
		const {fingerprint} = await import('../../scripts/fingerprint.mjs');
		const [here, there] = [[], ['-c', 'core.autocrlf=true', '-c', 'core.eol=crlf']].map((options, index) => {
			const checkout = path.join(folder, `checkout-${index}`);
			execFileSync('git', ['clone', '--quiet', '--shared', '--no-checkout', root, checkout]);
			execFileSync('git', [...options, 'checkout', '--quiet', 'HEAD', '--', '.'], {cwd: checkout});
			return fingerprint(checkout);
		});
		assert.equal(there, here);
	});

	test('takes WebAssembly of these sources without names of functions', () => {
		/** A custom section of less than 128 bytes. */
		const section = (name, text = '') => [0, 1 + name.length + text.length, name.length, ...Buffer.from(name + text)];
		const said = bytes => {
			const file = path.join(folder, 'some.wasm');
			writeFileSync(file, Buffer.from(bytes));
			return problemsOfWasm(file, wanted);
		};
		const empty = [...Buffer.from('\0asm'), 1, 0, 0, 0];
		assert.deepEqual(said([...empty, ...section('sources', wanted)]), []);
		assert.match(said(empty)[0], /built from other sources/);
		assert.match(said([...empty, ...section('sources', wanted), ...section('name')])[0], /names of functions/);
		assert.match(said([1, 2, 3])[0], /no WebAssembly/);
		assert.match(problemsOfWasm(path.join(folder, 'none.wasm'), wanted)[0], /is missing/);
	});

	test('has no path of the machine that built it', () => {
		const packed = path.join(folder, 'packed');
		mkdirSync(path.join(packed, 'dist'), {recursive: true});
		writeFileSync(path.join(packed, 'dist/good.js'), 'p-lanes.wasm');
		assert.deepEqual(problemsOfPaths(packed), []);
		writeFileSync(path.join(packed, 'dist/bad.js'), `// ${path.join(root, 'p-lanes.wasm')}`);
		assert.deepEqual(problemsOfPaths(packed), ['bad.js has a path of the machine that built it']);
	});

	test('is not the checkout', () => {
		const {status, stderr} = spawnSync(process.execPath, [path.join(root, 'scripts/packages/refuse.mjs')], {
			encoding: 'utf8',
		});
		assert.equal(status, 1);
		assert.match(stderr, /The checkout is no package/);
		assert.match(own.scripts.prepublishOnly, /refuse\.mjs/);
		assert.match(own.scripts.prepack, /refuse\.mjs/);
	});

	test('is packed whole or not at all', () => {
		const packing = () =>
			execFileSync(process.execPath, [path.join(root, 'scripts/packages/pack.mjs'), '--binaries', folder], {
				stdio: 'pipe',
				encoding: 'utf8',
			});
		assert.throws(packing, ({stderr}) => /can't be published:\n- /.test(stderr));
	});
});
