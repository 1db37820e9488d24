// The table of targets that are built from Linux. A target has the name that Node gives its platform, as the file
// `p-lanes.<target>.node` has.

import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** Where everything is that these scripts install and build. A folder outside of the checkout can serve several. */
export const folder = path.resolve(process.env.P_LANES_CROSS ?? path.join(root, '.cross'));

/** The newest version of glibc that a binary may need: that of RHEL 7. Every Node from 20 on needs a newer one. */
const GLIBC = '2.17';

/** A library of musl systems is linked to their C library, which the process has anyway. */
const MUSL = ['-Ctarget-feature=-crt-static'];

/**
 * | field | |
 * |---|---|
 * | `triple` | the target's name in Rust |
 * | `glibc` | the newest version of glibc that the binary may need |
 * | `library` | what cargo calls the library |
 * | `flags` | of the compiler |
 * | `features` | of the crates, beside the default ones |
 * | `runner` | what runs the target's Node here; see `runners.mjs` |
 */
export const targets = {
	'linux-x64-gnu': {
		triple: 'x86_64-unknown-linux-gnu',
		glibc: GLIBC,
		library: 'libp_lanes.so',
		runner: process.arch === 'x64' ? 'direct' : 'qemu-x86_64',
	},
	'linux-x64-musl': {
		triple: 'x86_64-unknown-linux-musl',
		library: 'libp_lanes.so',
		flags: MUSL,
		runner: process.arch === 'x64' ? 'direct' : 'qemu-x86_64',
	},
	'linux-arm64-gnu': {
		triple: 'aarch64-unknown-linux-gnu',
		glibc: GLIBC,
		library: 'libp_lanes.so',
		runner: process.arch === 'arm64' ? 'direct' : 'qemu-aarch64',
	},
	'linux-arm64-musl': {
		triple: 'aarch64-unknown-linux-musl',
		library: 'libp_lanes.so',
		flags: MUSL,
		runner: process.arch === 'arm64' ? 'direct' : 'qemu-aarch64',
	},
	// For tests under wine. What is published is built with Microsoft's linker, on Windows. Both look the functions of
	// Node up when the addon is loaded.
	'win32-x64-gnu': {
		triple: 'x86_64-pc-windows-gnu',
		library: 'p_lanes.dll',
		features: ['napi/dyn-symbols'],
		runner: 'wine',
	},
};

export const binaryOf = name => path.join(folder, 'binaries', `p-lanes.${name}.node`);

/** Returns the targets that were asked for. Ends the process if there is no such target. */
export const asked = names => {
	const unknown = names.filter(name => !Object.hasOwn(targets, name));
	if (names.length === 0 || unknown.length > 0) {
		const problem = names.length === 0 ? 'Name a target' : `There is no target ${unknown.join(', ')}`;
		console.error(`${problem}. The targets are: ${Object.keys(targets).join(', ')}.`);
		process.exit(2);
	}

	return names;
};
