// The package of one platform: its binary, the notices, and a package.json by which package managers choose it.

import {copyFileSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {fileOf, folderOf, packageOf, readManifest, root} from './facts.mjs';

export const manifestOf = ({name, os, cpu, libc}) => {
	const {version, license, engines, repository, bugs, author, homepage} = readManifest();
	return {
		name: packageOf(name),
		version,
		description: `The native addon of p-lanes for ${name}`,
		license,
		author,
		homepage,
		bugs,
		repository,
		os: [os],
		cpu: [cpu],
		libc: libc && [libc],
		engines,
		main: fileOf(name),
		// Yarn must not leave it in an archive: the system loads a file.
		preferUnplugged: true,
		publishConfig: {access: 'public'},
	};
};

const readme = ({name}) =>
	`# ${packageOf(name)}\n\nThe native addon of [p-lanes](https://www.npmjs.com/package/p-lanes) for ${name}. Install \`p-lanes\`, which depends on it.\n`;

/** Writes the folder of a platform's package. `notices` is a file, if there is one. */
export const writePlatform = (target, {binary, notices, staging}) => {
	const folder = folderOf(staging, packageOf(target.name));
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	const write = (name, text) => {
		writeFileSync(path.join(folder, name), text);
	};
	write('package.json', `${JSON.stringify(manifestOf(target), undefined, '\t')}\n`);
	write('README.md', readme(target));
	copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
	copyFileSync(binary, path.join(folder, fileOf(target.name)));
	if (notices !== undefined) {
		copyFileSync(notices, path.join(folder, path.basename(notices)));
	}

	return folder;
};
