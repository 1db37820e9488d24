// Packs the package as it is published, without what npm runs before: the addon is as it is here.

import {execFileSync} from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import {bundle} from './bundle.mjs';
import {writeFaces} from './faces.mjs';
import {root} from './sources.mjs';

/** Packs into a folder, and returns the path of the tarball. */
export const packInto = async folder => {
	await bundle();
	try {
		const [{filename}] = JSON.parse(
			execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
				cwd: root,
				encoding: 'utf8',
				stdio: ['ignore', 'pipe', 'ignore'],
				shell: process.platform === 'win32',
			}),
		);
		return path.join(folder, filename);
	} finally {
		writeFaces();
	}
};
