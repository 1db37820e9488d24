// What the packages are made of, and where it is.

import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const require = createRequire(import.meta.url);

export const {targets, packageOf, fileOf, namesFor} = require('../../lib/binding/targets.js');
const {libcFamily} = require('../../lib/common/system.js');

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const readManifest = () => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** The folder of a package, in the folder of all packages. */
export const folderOf = (staging, name) => path.join(staging, ...name.split('/'));

/** The notices of what is linked into a binary, beside the binaries or in the checkout. */
export const NOTICES = 'THIRD-PARTY-NOTICES.md';

/** WebAssembly, for where no binary loads. */
export const WASM = 'p-lanes.wasm';

/** The platform of this machine. */
export const here = () => {
	const names = namesFor({platform: process.platform, arch: process.arch, libc: libcFamily()});
	const target = targets.find(({name}) => names.includes(name));
	if (target === undefined) {
		throw new Error(`there is no package for ${process.platform}-${process.arch}`);
	}

	return target;
};
