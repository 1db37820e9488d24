// Names the state of all sources that the binaries are built from, so that a stale one is recognized.

import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** `checkout` is the folder of the sources. */
export const fingerprint = (checkout = root) => {
	const sources = readdirSync(path.join(checkout, 'src'), {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => path.join(entry.parentPath ?? entry.path, entry.name))
		.sort();
	const hash = createHash('sha256');
	for (const file of [...sources, ...['Cargo.toml', 'Cargo.lock', 'build.rs'].map(name => path.join(checkout, name))]) {
		hash
			.update(path.relative(checkout, file).replaceAll(path.sep, '/'))
			.update('\0')
			.update(readFileSync(file))
			.update('\0');
	}

	return hash.digest('hex').slice(0, 16);
};
