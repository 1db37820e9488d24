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
		.map(entry => path.relative(checkout, path.join(entry.parentPath ?? entry.path, entry.name)))
		.map(name => name.replaceAll(path.sep, '/'))
		.sort();
	const hash = createHash('sha256');
	for (const name of [...sources, 'Cargo.toml', 'Cargo.lock', 'build.rs']) {
		hash
			.update(name)
			.update('\0')
			.update(readFileSync(path.join(checkout, name)))
			.update('\0');
	}

	return hash.digest('hex').slice(0, 16);
};
