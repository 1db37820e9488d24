// Small files to read, made once for all children.

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** The size of a file tells which one it is, so that results in the wrong order are seen. */
export const sizeOf = index => 1024 + index;

export const fileIn = (folder, index) => path.join(folder, `${index}.txt`);

/** A new folder with some files, which goes when the process exits. */
export const createFiles = count => {
	const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-bench-'));
	process.once('exit', () => {
		rmSync(folder, {recursive: true, force: true});
	});
	for (let index = 0; index < count; index++) {
		writeFileSync(fileIn(folder, index), Buffer.alloc(sizeOf(index), 'p-lanes\n'));
	}

	return folder;
};
