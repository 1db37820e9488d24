'use strict';

// The platforms that have a package with a binary: the one table of them, for the loader and for `scripts/packages`.

/** `os`, `cpu` and `libc` as package managers write them; `triple` as Rust does. */
const targets = [
	{name: 'linux-x64-gnu', os: 'linux', cpu: 'x64', libc: 'glibc', triple: 'x86_64-unknown-linux-gnu'},
	{name: 'linux-x64-musl', os: 'linux', cpu: 'x64', libc: 'musl', triple: 'x86_64-unknown-linux-musl'},
	{name: 'linux-arm64-gnu', os: 'linux', cpu: 'arm64', libc: 'glibc', triple: 'aarch64-unknown-linux-gnu'},
	{name: 'linux-arm64-musl', os: 'linux', cpu: 'arm64', libc: 'musl', triple: 'aarch64-unknown-linux-musl'},
	{name: 'darwin-x64', os: 'darwin', cpu: 'x64', triple: 'x86_64-apple-darwin'},
	{name: 'darwin-arm64', os: 'darwin', cpu: 'arm64', triple: 'aarch64-apple-darwin'},
	{name: 'win32-x64-msvc', os: 'win32', cpu: 'x64', triple: 'x86_64-pc-windows-msvc'},
	{name: 'win32-arm64-msvc', os: 'win32', cpu: 'arm64', triple: 'aarch64-pc-windows-msvc'},
];

/** The package that has the binary of a target. */
const packageOf = name => `@p-lanes/${name}`;

/** The file of a target's binary, in its package and in a checkout. */
const fileOf = name => `p-lanes.${name}.node`;

/** The endings of the names of targets that may run on a system: on Linux by its C library, both if it is not known. */
const endings = {
	linux: libc => (libc === undefined ? ['-gnu', '-musl'] : [`-${libc}`]),
	win32: () => ['-msvc'],
};

/** The names of the targets that may run on a system, also of those that have no package. */
const namesFor = ({platform, arch, libc}) =>
	(endings[platform]?.(libc) ?? ['']).map(ending => `${platform}-${arch}${ending}`);

module.exports = {targets, packageOf, fileOf, namesFor};
