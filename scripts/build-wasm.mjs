// Builds p-lanes.wasm, the limiter for where no addon loads, unless one was built from these very sources already.
//
//     npm run build:wasm [-- --force]
//
// A toolchain is a `rustc` that has the standard library for WebAssembly: `rustup target add wasm32-unknown-unknown`. Where
// there is none, one that has the sources of the standard library is enough, which is then built, too: Debian has it as
// rustc-web and rust-web-src. That is a feature of nightly compilers, so these are told to behave as one.

import {spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {buildEnvironment} from './build-environment.mjs';
import {fingerprint, root} from './fingerprint.mjs';

const TARGET = 'wasm32-unknown-unknown';
const OUTPUT = path.join(root, 'p-lanes.wasm');

const HOW = `building p-lanes.wasm needs Rust 1.88 or later with the target ${TARGET}:

    rustup target add ${TARGET}

or, where rustup has none, cargo beside the sources of the standard library (Debian and Ubuntu):

    apt-get install rustc-web rust-web-src lld`;

const fail = message => {
	console.error(`p-lanes: ${message}`);
	process.exit(1);
};

const outputOf = (command, args) => {
	const {status, stdout} = spawnSync(command, args, {cwd: root, encoding: 'utf8'});
	return status === 0 ? stdout.trim() : undefined;
};

/** What a compiler can build WebAssembly with. */
const describe = rustc => {
	const sysroot = outputOf(rustc, ['--print', 'sysroot']);
	const has = name => sysroot !== undefined && existsSync(path.join(sysroot, 'lib/rustlib', name));
	return {rustc, sysroot, hasLibrary: has(TARGET), hasSources: has('src/rust/library/std/Cargo.toml')};
};

/** The linker for a compiler that may have none of its own. */
const linkerOf = compilers => {
	const shipped = compilers
		.filter(({sysroot}) => sysroot !== undefined)
		.map(({rustc, sysroot}) => {
			const host = /^host: (.*)$/m.exec(outputOf(rustc, ['-vV']))?.[1];
			return path.join(sysroot, 'lib/rustlib', String(host), 'bin/gcc-ld/wasm-ld');
		});
	return ['wasm-ld', ...shipped].find(linker => outputOf(linker, ['--version']) !== undefined);
};

/** How to build: the compiler, and what else cargo is given. */
const findToolchain = () => {
	const compilers = [process.env.RUSTC, 'rustc', '/usr/bin/rustc'].filter(Boolean).map(describe);
	const complete = compilers.find(({hasLibrary}) => hasLibrary);
	if (complete !== undefined) {
		return {args: [], env: {RUSTC: complete.rustc}};
	}

	const sources = compilers.find(({hasSources}) => hasSources);
	const linker = linkerOf(compilers);
	if (sources === undefined || linker === undefined) {
		fail(HOW);
	}

	return {
		args: ['-Zbuild-std=std,panic_abort'],
		env: {RUSTC: sources.rustc, RUSTC_BOOTSTRAP: '1', CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker},
	};
};

const build = () => {
	if (outputOf('cargo', ['--version']) === undefined) {
		fail(HOW);
	}

	const {args, env} = findToolchain();
	const {status} = spawnSync(
		'cargo',
		['build', '--locked', '--lib', '--features', 'wasm', '--profile', 'wasm', '--target', TARGET, ...args],
		{
			cwd: root,
			stdio: 'inherit',
			env: buildEnvironment({env: {...process.env, ...env, CARGO_TARGET_DIR: path.join(root, 'target/wasm')}}),
		},
	);
	if (status !== 0) {
		fail('p-lanes.wasm could not be built; cargo says why above.');
	}

	copyFileSync(path.join(root, 'target/wasm', TARGET, 'wasm/p_lanes.wasm'), OUTPUT);
};

/** What the module that is there was built from. */
const built = () => {
	const {createWasmBinding} = createRequire(import.meta.url)('../lib/binding/wasm/create.js');
	try {
		return createWasmBinding({bytes: readFileSync(OUTPUT)}).FINGERPRINT;
	} catch {
		return undefined; // there is none, or an old one
	}
};

const wanted = fingerprint();
if (process.argv.includes('--force') || built() !== wanted) {
	build();
	if (built() !== wanted) {
		fail('p-lanes.wasm was built but does not load.');
	}
}
