// The Rust that builds a target: that of rustup, if it has the target's standard library, and otherwise Debian's, which
// builds the standard library itself.

import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {toolsEnvironment} from './tools.mjs';

const DEBIAN = '/usr/bin';

const sysrootOf = env => {
	try {
		return execFileSync('rustc', ['--print', 'sysroot'], {
			env,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}).trim();
	} catch {
		return undefined; // there is no Rust here
	}
};

const hasLibrary = (sysroot, triple) => {
	const libraries = path.join(sysroot, 'lib/rustlib', triple, 'lib');
	return existsSync(libraries) && readdirSync(libraries).some(name => name.startsWith('libstd-'));
};

/** Returns the name of the toolchain, its variables, with others, and the arguments that it needs. */
export const rustFor = (triple, variables) => {
	const env = toolsEnvironment(variables);
	const own = sysrootOf(env);
	if (own !== undefined && hasLibrary(own, triple)) {
		return {name: 'own', env, args: []};
	}

	// Unstable options are for nightly compilers; this lets any compiler take them.
	const debian = {...toolsEnvironment(variables, DEBIAN), RUSTC_BOOTSTRAP: '1'};
	if (existsSync(path.join(DEBIAN, 'rustc')) && existsSync(path.join(DEBIAN, 'cargo'))) {
		if (existsSync(path.join(sysrootOf(debian), 'lib/rustlib/src/rust/library/std'))) {
			return {name: 'debian', env: debian, args: ['-Zbuild-std=std']};
		}
	}

	throw new Error(
		`no Rust here has the standard library for ${triple}, or its source. With rustup: \`rustup target add ${triple}\`. On Debian 12: \`apt-get install rustc-web cargo-web rust-web-src\`.`,
	);
};
