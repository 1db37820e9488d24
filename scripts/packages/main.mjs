// The package `p-lanes` as it is published: the files that the checkout's package.json names, and another package.json.

import {execFileSync} from 'node:child_process';
import {cpSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {bundle} from '../bundle/bundle.mjs';
import {writeFaces} from '../bundle/faces.mjs';
import {mainFolder, packageOf, readManifest, root} from './facts.mjs';

/** npm itself says which files belong to the package. */
const listFiles = () => {
	const [{files}] = JSON.parse(
		execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
			cwd: root,
			encoding: 'utf8',
			shell: process.platform === 'win32',
			stdio: ['ignore', 'pipe', 'ignore'],
			maxBuffer: 1 << 26,
		}),
	);
	return files.map(file => file.path).filter(name => name !== 'package.json' && !name.endsWith('.node'));
};

/** The published package.json. `targets` are the platforms that have a package. */
export const manifestFor = targets => {
	const {scripts, devDependencies, napi, files, ...manifest} = readManifest();
	return {
		...manifest,
		optionalDependencies: Object.fromEntries(targets.map(({name}) => [packageOf(name), manifest.version])),
		publishConfig: {access: 'public'},
	};
};

/** Writes the folder of the package. `dist/` has the bundles meanwhile; in a checkout it has files that load the sources. */
export const writeMain = async targets => {
	rmSync(mainFolder, {recursive: true, force: true});
	mkdirSync(mainFolder, {recursive: true});
	await bundle();
	try {
		for (const name of listFiles()) {
			cpSync(path.join(root, name), path.join(mainFolder, name));
		}
	} finally {
		writeFaces();
	}

	writeFileSync(path.join(mainFolder, 'package.json'), `${JSON.stringify(manifestFor(targets), undefined, '\t')}\n`);
	return mainFolder;
};
