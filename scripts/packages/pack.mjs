// Packs everything that is published.
//
//     npm run pack:all [-- --only-this-platform] [--binaries FOLDER] [--out FOLDER]

import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {noticesIn, problemsOfPaths, problemsOfRelease} from './check.mjs';
import {fileOf, here, root, targets} from './facts.mjs';
import {writeMain} from './main.mjs';
import {writePlatform} from './platform.mjs';

export const packFolder = (folder, out) => {
	const [{filename}] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--pack-destination', out], {
			cwd: folder,
			encoding: 'utf8',
			shell: process.platform === 'win32',
			stdio: ['ignore', 'pipe', 'ignore'],
		}),
	);
	return path.join(out, filename);
};

const refuse = problems => {
	if (problems.length > 0) {
		throw new Error(`these packages can't be published:\n${problems.map(problem => `- ${problem}`).join('\n')}`);
	}
};

/**
 * Writes the folders of the packages into `staging` and resolves to them: that of `p-lanes` first. `binaryOf` returns the file with the
 * binary of a platform. Rejects if a file has a path of this machine.
 */
export const writeAll = async ({
	staging,
	binaries = root,
	of = targets,
	binaryOf = name => path.join(binaries, fileOf(name)),
}) => {
	const notices = noticesIn(binaries);
	const folders = [
		await writeMain(of, staging),
		...of.map(target => writePlatform(target, {binary: binaryOf(target.name), notices, staging})),
	];
	refuse(folders.flatMap(problemsOfPaths));
	return folders;
};

/**
 * Packs into a folder. Resolves to the paths of the tarballs: that of `p-lanes` first, then that of each platform.
 * Rejects if not all parts of a release are there, but for `onlyThisPlatform`.
 */
export const packAll = async ({out, binaries = root, onlyThisPlatform = false}) => {
	refuse(onlyThisPlatform ? [] : problemsOfRelease(binaries));
	mkdirSync(out, {recursive: true});
	const staging = mkdtempSync(path.join(out, 'packages-'));
	try {
		const folders = await writeAll({staging, binaries, of: onlyThisPlatform ? [here()] : targets});
		return folders.map(folder => packFolder(folder, out));
	} finally {
		rmSync(staging, {recursive: true});
	}
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const {values} = parseArgs({
		options: {
			'only-this-platform': {type: 'boolean', default: false},
			binaries: {type: 'string', default: root},
			out: {type: 'string', default: path.join(root, 'build/tarballs')},
		},
	});
	try {
		const {binaries, out} = values;
		const tarballs = await packAll({
			binaries: path.resolve(binaries),
			out: path.resolve(out),
			onlyThisPlatform: values['only-this-platform'],
		});
		console.log(tarballs.join('\n'));
	} catch (error) {
		console.error(error.message);
		process.exitCode = 1;
	}
}
