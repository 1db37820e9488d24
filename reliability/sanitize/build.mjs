// Builds what the sanitizer needs, all of it in `target/sanitize`: its runtime, the addon, and the addon of the proof.

import {execFileSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.dirname(path.dirname(here));
export const target = path.join(root, 'target/sanitize');

const TRIPLE = 'x86_64-unknown-linux-gnu';

/** The crates that are C, and a part of the name of their archives. */
const LIBRARIES = {'brotlic-sys': 'brotli', 'libdeflate-sys': 'deflate', 'zstd-sys': 'zstd'};

const FLAGS = '-fsanitize=address -fno-omit-frame-pointer -g';

/** A stable compiler has the sanitizer, but asks to be told that it is unstable. */
export const environment = {
	...process.env,
	RUSTC_BOOTSTRAP: '1',
	RUSTFLAGS: '-Zsanitizer=address -Cforce-frame-pointers=yes',
	CARGO_TARGET_DIR: target,
	[`CFLAGS_${TRIPLE.replaceAll('-', '_')}`]: FLAGS,
	[`CXXFLAGS_${TRIPLE.replaceAll('-', '_')}`]: FLAGS,
	CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS: 'true',
	CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS: 'true',
	CARGO_PROFILE_RELEASE_OPT_LEVEL: '1',
	CARGO_PROFILE_RELEASE_LTO: 'off',
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
	CARGO_PROFILE_RELEASE_STRIP: 'none',
};

/** What has cargo build for the target and not for the machine that builds: build scripts are not watched. */
export const CARGO = ['--locked', '--release', '--target', TRIPLE];

const run = (command, args, options) =>
	execFileSync(command, args, {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options});

/**
 * The sanitizer's runtime as a library that can be preloaded. The toolchain has it as an archive, for executables: the
 * object that starts it before `main` has no place in a library, which has a constructor instead.
 */
const buildRuntime = () => {
	const library = path.join(target, 'runtime.so');
	const archive = path.join(
		run('rustc', ['--print', 'target-libdir', '--target', TRIPLE]).trim(),
		'librustc-stable_rt.asan.a',
	);
	if (!existsSync(archive)) {
		throw new Error(`this Rust toolchain has no AddressSanitizer: there is no ${archive}`);
	}

	const copy = path.join(target, 'runtime.a');
	const start = path.join(target, 'start.c');
	copyFileSync(archive, copy);
	run('ar', ['d', copy, 'asan_preinit.cpp.o']);
	writeFileSync(
		start,
		'void __asan_init(void);\n__attribute__((constructor)) static void start(void) { __asan_init(); }\n',
	);
	const whole = ['-Wl,--whole-archive', copy, '-Wl,--no-whole-archive'];
	run('gcc', ['-shared', '-fPIC', '-o', library, start, ...whole, '-lpthread', '-ldl', '-lrt', '-lm']);
	return library;
};

const buildAddon = () => {
	const addon = path.join(target, 'p-lanes.node');
	run('cargo', ['build', ...CARGO, '--features', 'node', '--lib'], {env: environment, stdio: 'inherit'});
	copyFileSync(path.join(target, TRIPLE, 'release/libp_lanes.so'), addon);
	return addon;
};

/** Compiled and linked apart: to link with the sanitizer would bring gcc's runtime beside the one that is preloaded. */
const buildProof = () => {
	const [object, proof] = [path.join(target, 'proof.o'), path.join(target, 'proof.node')];
	run('gcc', ['-c', '-fPIC', ...FLAGS.split(' '), '-o', object, path.join(here, 'proof.c')]);
	run('gcc', ['-shared', '-o', proof, object]);
	return proof;
};

/** Throws where the C libraries were built without the sanitizer, by other flags of the environment for instance. */
const checkLibraries = () => {
	const built = path.join(target, TRIPLE, 'release/build');
	const archives = readdirSync(built, {recursive: true}).filter(name => name.endsWith('.a'));
	for (const [crate, part] of Object.entries(LIBRARIES)) {
		const own = archives.filter(name => name.startsWith(crate) && path.basename(name).includes(part));
		const plain = own.filter(name => !run('nm', [path.join(built, name)]).includes('U __asan_report'));
		if (own.length === 0 || plain.length > 0) {
			throw new Error(`the C library of ${crate} is not instrumented: ${plain.join(', ') || 'it was not found'}`);
		}
	}
};

export const build = () => {
	mkdirSync(target, {recursive: true});
	const built = {runtime: buildRuntime(), addon: buildAddon(), proof: buildProof()};
	checkLibraries();
	return built;
};
