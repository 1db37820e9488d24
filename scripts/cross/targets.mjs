// The targets that are built from Linux: those of `lib/binding/targets.js` that can be, and one of Windows for tests.

import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {root} from '../fingerprint.mjs';

const {targets: published, fileOf} = createRequire(import.meta.url)('../../lib/binding/targets.js');

export {root};

/** Where everything is that these scripts install and build. A folder outside of the checkout can serve several. */
export const folder = path.resolve(process.env.P_LANES_CROSS ?? path.join(root, '.cross'));

/** The newest version of glibc that a binary may need: that of RHEL 7. Every Node from 20 on needs a newer one. */
const GLIBC = '2.17';

const QEMU = {x64: 'qemu-x86_64', arm64: 'qemu-aarch64'};

/** What a system of Linux needs. A library for musl is linked to the C library that the process has anyway. */
const linux = ({cpu, libc}) => ({
	library: 'libp_lanes.so',
	runner: cpu === process.arch ? 'direct' : QEMU[cpu],
	...(libc === 'musl' ? {flags: ['-Ctarget-feature=-crt-static']} : {glibc: GLIBC}),
});

/** Node's functions are looked up when the addon is loaded. */
const darwin = () => ({library: 'libp_lanes.dylib', flags: ['-Clink-arg=-undefined', '-Clink-arg=dynamic_lookup']});

const systems = {linux, darwin};

/**
 * | field | |
 * |---|---|
 * | `triple` | the target's name in Rust |
 * | `library` | what cargo calls the library |
 * | `glibc` | the newest version of glibc that the binary may need |
 * | `flags` | of the compiler |
 * | `features` | of the crates, beside `node` |
 * | `runner` | what runs the target's Node here, see `runners.mjs`; nothing does if there is none |
 */
export const targets = {
	...Object.fromEntries(
		published
			.filter(({os}) => os in systems)
			.map(target => [target.name, {triple: target.triple, ...systems[target.os](target)}]),
	),
	// For tests under wine. What is published is built with Microsoft's linker, on Windows. Both look the functions of
	// Node up when the addon is loaded.
	'win32-x64-gnu': {
		triple: 'x86_64-pc-windows-gnu',
		library: 'p_lanes.dll',
		features: ['napi/dyn-symbols'],
		runner: 'wine',
	},
};

/** Where the binary of a target is left. */
export const binaryOf = name => path.join(folder, 'binaries', fileOf(name));

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
