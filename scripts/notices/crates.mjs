// What is linked into the binaries of all platforms and into the WebAssembly: asked of cargo.

import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {root, targets} from '../packages/facts.mjs';

const SYSTEMS = {linux: 'Linux', darwin: 'macOS', win32: 'Windows'};

const PROCESSORS = {x64: 'x86_64', arm64: 'aarch64'};

/** The name of a target in Rust. */
const tripleOf = ({os, cpu, libc}) => {
	const rest = {
		linux: `unknown-linux-${libc === 'musl' ? 'musl' : 'gnu'}`,
		darwin: 'apple-darwin',
		win32: 'pc-windows-msvc',
	};
	return `${PROCESSORS[cpu]}-${rest[os]}`;
};

/** All targets that are published, with the feature of the crate that they are built with. */
export const builds = [
	...targets.map(target => ({name: SYSTEMS[target.os], triple: tripleOf(target), feature: 'node'})),
	{name: 'WebAssembly', triple: 'wasm32-unknown-unknown', feature: 'wasm'},
];

const cargo = args =>
	execFileSync('cargo', args, {cwd: root, encoding: 'utf8', maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'inherit']});

/** The crates that are linked into one build. Macros run in the compiler and are not. */
const linkedInto = ({triple, feature}) =>
	cargo([
		...['tree', '--locked', '--edges', 'normal,no-proc-macro', '--target', triple, '--features', feature],
		...['--prefix', 'none', '--format', '{p}'],
	])
		.split('\n')
		.map(line => /^(\S+) v(\S+)/.exec(line))
		.filter(Boolean)
		.map(([, name, version]) => `${name} ${version}`);

/** Checksums of crates, by `name version`, as Cargo.lock has them. */
const checksums = () =>
	new Map(
		[
			...readFileSync(path.join(root, 'Cargo.lock'), 'utf8').matchAll(
				/^name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"$/gm,
			),
		].map(([, name, version, checksum]) => [`${name} ${version}`, checksum]),
	);

/** Returns all crates that are linked into any build, in the order of their names, each with the systems that it is for. */
export const linkedCrates = () => {
	const {packages} = JSON.parse(cargo(['metadata', '--locked', '--all-features', '--format-version', '1']));
	const byName = new Map(packages.map(each => [`${each.name} ${each.version}`, each]));
	const sums = checksums();
	const systems = new Map();
	for (const build of builds) {
		for (const crate of linkedInto(build)) {
			systems.set(crate, (systems.get(crate) ?? new Set()).add(build.name));
		}
	}

	return [...systems.keys()]
		.filter(key => byName.get(key).source !== null)
		.sort()
		.map(key => {
			const {name, version, license, authors, manifest_path: manifest} = byName.get(key);
			return {
				...{name, version, license, authors, checksum: sums.get(key)},
				...{folder: path.dirname(manifest), systems: [...systems.get(key)]},
			};
		});
};
