// Finds every regular file below a folder.
//
// Symbolic links are never followed and file systems never crossed, so there are no loops, no file is
// found twice, and `demo /` does not end up in /proc. What is left out is counted by reason.

import {lstatSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {Refusal} from './refusal.mjs';
import {Skips} from './skips.mjs';

/** Throws a message for what is no folder. A link given by name is what the user means, so it is followed. */
const statFolder = folder => {
	let stats;
	try {
		stats = statSync(folder);
	} catch (error) {
		throw new Refusal(
			error.code === 'ENOENT' || error.code === 'ENOTDIR'
				? `No such folder: ${folder}`
				: `Cannot look at ${folder}: ${error.code}`,
		);
	}

	if (!stats.isDirectory()) {
		throw new Refusal(`Not a folder: ${folder}`);
	}

	return stats;
};

/** Gives `files`, each with its path and size, and `skips`. */
export const walk = root => {
	const {dev} = statFolder(root);
	const files = [];
	const skips = new Skips();
	const folders = [root];

	const visit = (path, stats) => {
		if (stats.isSymbolicLink()) {
			skips.add('symbolic link');
		} else if (stats.dev !== dev) {
			skips.add('other file system');
		} else if (stats.isDirectory()) {
			folders.push(path);
		} else if (stats.isFile()) {
			files.push({path, size: stats.size});
		} else {
			skips.add('special file');
		}
	};

	while (folders.length > 0) {
		const folder = folders.pop();
		let names;
		try {
			names = readdirSync(folder);
		} catch (error) {
			if (folder === root) {
				throw new Refusal(`Cannot read ${root}: ${error.code}`);
			}

			skips.add(`unreadable folder, ${error.code}`);
			continue;
		}

		for (const name of names) {
			const path = join(folder, name);
			try {
				visit(path, lstatSync(path));
			} catch (error) {
				skips.add(`unreadable, ${error.code}`);
			}
		}
	}

	return {files, skips};
};
