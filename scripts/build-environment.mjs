// What every release build of the addon gets, so that the binary tells where it comes from, and not on which machine it
// was built.

import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fingerprint, root as ROOT} from './fingerprint.mjs';

const cargoHome = env => env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');

/** The folders whose paths the compiler would write into the binary, and what it writes in their place. */
export const machinePaths = (root, env = process.env) => {
	const sysroot = execFileSync(env.RUSTC ?? 'rustc', ['--print', 'sysroot'], {cwd: root, env, encoding: 'utf8'}).trim();
	// cargo names the folder of a registry by a hash of the registry's address.
	const registries = path.join(cargoHome(env), 'registry/src');
	const crates = existsSync(registries) ? readdirSync(registries).map(name => path.join(registries, name)) : [];
	return [
		[cargoHome(env), '/cargo'],
		...crates.map(folder => [folder, '/crates']),
		[path.join(sysroot, 'lib/rustlib/src/rust'), '/rust'],
		[root, '/p-lanes'],
		...(env.CARGO_TARGET_DIR === undefined ? [] : [[path.resolve(root, env.CARGO_TARGET_DIR), '/target']]),
	];
};

const flagsOf = ({CARGO_ENCODED_RUSTFLAGS, RUSTFLAGS}) =>
	CARGO_ENCODED_RUSTFLAGS?.split('\x1f') ?? RUSTFLAGS?.split(' ').filter(Boolean) ?? [];

/** The variables of a release build by cargo, with more flags for the compiler. */
export const buildEnvironment = ({root = ROOT, env = process.env, flags = []} = {}) => {
	execFileSync('cargo', ['fetch', '--locked'], {cwd: root, env, stdio: 'inherit'}); // the crates' folders have to be there
	const remapped = machinePaths(root, env).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
	const {RUSTFLAGS, ...rest} = env;
	return {
		...rest,
		CARGO_ENCODED_RUSTFLAGS: [...flagsOf(env), ...remapped, ...flags].join('\x1f'),
		P_LANES_FINGERPRINT: fingerprint(root),
	};
};
