// What every binary is checked for when it is built.

import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';

const numbers = version => version.split('.').map(Number);

const isNewer = (version, than) => {
	const [a, b] = [numbers(version), numbers(than)];
	const index = a.findIndex((number, at) => number !== (b[at] ?? 0));
	return index >= 0 && a[index] > (b[index] ?? 0);
};

/** The newest version of glibc whose symbols a binary needs. */
export const newestGlibc = file => {
	const needs = execFileSync('readelf', ['--version-info', '--wide', file], {encoding: 'utf8'});
	const versions = [...needs.matchAll(/\bGLIBC_([\d.]+)/g)].map(([, version]) => version);
	return versions.reduce((newest, version) => (isNewer(version, newest) ? version : newest));
};

/** The symbols that need a newer glibc than a binary may need. */
const newSymbols = (file, most) => {
	const symbols = execFileSync('readelf', ['--dyn-syms', '--wide', file], {encoding: 'utf8'});
	return [...symbols.matchAll(/(\S+)@GLIBC_([\d.]+)/g)]
		.filter(([, , version]) => isNewer(version, most))
		.map(([, symbol]) => symbol);
};

export const checkGlibc = (file, most) => {
	const newest = newestGlibc(file);
	if (isNewer(newest, most)) {
		throw new Error(`${file} needs glibc ${newest}, and may need ${most}: ${newSymbols(file, most).join(', ')}`);
	}

	return newest;
};

/** Fails if a binary has a path of the machine that has built it. */
export const checkPaths = (file, folders) => {
	const bytes = readFileSync(file);
	for (const folder of folders) {
		const at = bytes.indexOf(folder.endsWith('/') ? folder : `${folder}/`);
		if (at >= 0) {
			throw new Error(`${file} has a path of this machine: ${bytes.toString('latin1', at, at + 100)}`);
		}
	}
};
