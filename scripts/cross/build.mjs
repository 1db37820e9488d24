// Builds the addon for other platforms.
//
//     npm run build:cross -- [--quick] linux-x64-gnu linux-arm64-musl
//
// The binaries are left in `.cross/binaries`. `--quick` builds without optimization of the whole program, in half of the
// time, for tests.

import {copyFileSync, mkdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {buildEnvironment, machinePaths} from '../build-environment.mjs';
import {checkGlibc, checkPaths} from './checks.mjs';
import {rustFor} from './rust.mjs';
import {asked, binaryOf, folder, root, targets} from './targets.mjs';
import {run} from './tools.mjs';

const QUICK = {CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16'};

/**
 * What the build for Windows asks for, and takes nothing from: napi-build wants a library of Node (see `dyn-symbols` in the
 * table of targets), and Debian's Rust one of gcc that zig does not have.
 */
const emptyLibraries = () => {
	const empty = path.join(folder, 'libnode');
	mkdirSync(empty, {recursive: true});
	writeFileSync(path.join(empty, 'libnode.dll'), '');
	for (const name of ['libnode.a', 'libssp.a', 'libssp_nonshared.a']) {
		writeFileSync(path.join(empty, name), '!<arch>\n');
	}

	return {LIBNODE_PATH: empty};
};

/** Builds a target from a checkout into a folder, with more variables. Returns the path of what cargo has built. */
export const buildTarget = (
	name,
	{quick = false, from = root, into = path.join(folder, 'target'), variables = {}} = {},
) => {
	const {triple, glibc, library, flags, features = []} = targets[name];
	const rust = rustFor(triple, variables);
	const target = path.join(into, rust.name);
	const env = buildEnvironment({root: from, env: {...rust.env, CARGO_TARGET_DIR: target}, flags});
	run(
		'cargo',
		[
			...['zigbuild', ...rust.args, '--release', '--locked', '--lib'],
			...['--target', glibc === undefined ? triple : `${triple}.${glibc}`],
			...['node', ...features].flatMap(feature => ['--features', feature]),
		],
		{cwd: from, env: {...env, ...(triple.includes('windows') ? emptyLibraries() : {}), ...(quick ? QUICK : {})}},
	);
	const built = path.join(target, triple, 'release', library);
	checkPaths(
		built,
		machinePaths(from, env).map(([folder]) => folder),
	);
	const newest = glibc && checkGlibc(built, glibc);
	const size = `${(statSync(built).size / 1e6).toFixed(2)} MB`;
	console.log([name, size, newest && `needs glibc ${newest}`].filter(Boolean).join(', '));
	return built;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [, , ...args] = process.argv;
	const names = asked(args.filter(arg => arg !== '--quick'));
	for (const name of names) {
		const binary = binaryOf(name);
		mkdirSync(path.dirname(binary), {recursive: true});
		copyFileSync(buildTarget(name, {quick: args.includes('--quick')}), binary);
	}
}
