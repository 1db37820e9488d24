// The package `p-lanes` as it is published: the files that the checkout's package.json names, and another package.json.

import {execFileSync} from 'node:child_process';
import {cpSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {bundle} from '../bundle/bundle.mjs';
import {folderOf, packageOf, readManifest, root} from './facts.mjs';

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

/** Writes the folder of the package. In the checkout, `dist/` has files that load the sources; here it has the bundles. */
export const writeMain = async (targets, staging) => {
	const manifest = manifestFor(targets);
	const folder = folderOf(staging, manifest.name);
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	for (const name of listFiles().filter(file => !file.startsWith('dist/'))) {
		cpSync(path.join(root, name), path.join(folder, name));
	}

	await bundle(path.join(folder, 'dist'));
	writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, '\t')}\n`);
	return folder;
};
