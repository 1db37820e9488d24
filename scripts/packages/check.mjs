// What is missing for a release, or does not belong together.

import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fingerprint} from '../fingerprint.mjs';
import {fileOf, NOTICES, readManifest, root, targets, WASM} from './facts.mjs';

/** The newest glibc that a published binary may need: that of CentOS 7, Amazon Linux 2 and everything since. */
const GLIBC = 17;

/** Tells a binary's format and processor by its first bytes: `elf x64`. */
const formatOf = bytes => {
	const at = (offset, names) => names[bytes.readUInt16LE(offset)];
	if (bytes.toString('latin1', 0, 4) === '\x7fELF') {
		return `elf ${at(18, {62: 'x64', 183: 'arm64'})}`;
	}

	if (bytes.readUInt32LE(0) === 0xfe_ed_fa_cf) {
		return `macho ${{16777223: 'x64', 16777228: 'arm64'}[bytes.readUInt32LE(4)]}`;
	}

	if (bytes.toString('latin1', 0, 2) === 'MZ') {
		return `pe ${at(bytes.readUInt32LE(60) + 4, {34404: 'x64', 43620: 'arm64'})}`;
	}

	return 'unknown';
};

const FORMATS = {linux: 'elf', darwin: 'macho', win32: 'pe'};

/** Returns what is wrong with a binary of a platform. */
const problemsOfBinary = ({name, os, cpu, libc}, file, wanted) => {
	if (!existsSync(file)) {
		return [`${fileOf(name)} is missing`];
	}

	const bytes = readFileSync(file);
	const problems = [];
	const [format, expected] = [bytes.length > 4096 ? formatOf(bytes) : 'unknown', `${FORMATS[os]} ${cpu}`];
	if (format !== expected) {
		return [`${fileOf(name)} is no binary for ${name}: ${format} in place of ${expected}`];
	}

	if (!bytes.includes(wanted)) {
		problems.push(`${fileOf(name)} was built from other sources than these (${wanted})`);
	}

	const minors = [...bytes.toString('latin1').matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
	if (libc === 'glibc' && Math.max(...minors) > GLIBC) {
		problems.push(`${fileOf(name)} needs glibc 2.${Math.max(...minors)}, and at most 2.${GLIBC} is allowed`);
	}

	if (libc === 'musl' && minors.length > 0) {
		problems.push(`${fileOf(name)} was built for glibc`);
	}

	return problems;
};

const problemsOfVersions = () => {
	const {version} = readManifest();
	const [, ofCrate] = /^version = "(.*)"$/m.exec(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'));
	return version === ofCrate ? [] : [`package.json has the version ${version}, and Cargo.toml ${ofCrate}`];
};

/** Returns what is wrong with the WebAssembly. Names of functions would add a half to what browsers load. */
export const problemsOfWasm = (file, wanted) => {
	if (!existsSync(file)) {
		return [`${WASM} is missing: npm run build:wasm`];
	}

	const bytes = readFileSync(file);
	const problems = [];
	if (!WebAssembly.validate(bytes)) {
		return [`${WASM} is no WebAssembly`];
	}

	if (!bytes.includes(wanted)) {
		problems.push(`${WASM} was built from other sources than these (${wanted})`);
	}

	if (WebAssembly.Module.customSections(new WebAssembly.Module(bytes), 'name').length > 0) {
		problems.push(`${WASM} has names of functions in it: build it without settings of your own`);
	}

	return problems;
};

/** Returns which files of a folder have a path of this checkout in them. */
export const problemsOfPaths = folder =>
	readdirSync(folder, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(root))
		.map(({name}) => `${name} has a path of the machine that built it`);

/** The notices: beside the binaries, or in the checkout. */
export const noticesIn = binaries =>
	[binaries, root].map(folder => path.join(folder, NOTICES)).find(file => existsSync(file));

/** Returns what keeps all packages from being published, in a line each. `binaries` is the folder with the binaries. */
export const problemsOfRelease = (binaries = root) => {
	const wanted = fingerprint();
	return [
		...problemsOfVersions(),
		...targets.flatMap(target => problemsOfBinary(target, path.join(binaries, fileOf(target.name)), wanted)),
		...problemsOfWasm(path.join(root, WASM), wanted),
		...(noticesIn(binaries) === undefined
			? [`${NOTICES} is missing: what is linked into the binaries asks for it`]
			: []),
	];
};
