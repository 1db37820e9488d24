// The source files, and which of them every program evaluates.

import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What programs get. */
export const outdir = path.join(root, 'dist');

/** The name of a source file: its path from the root of the package. */
export const nameOf = file => path.relative(root, file).split(path.sep).join('/');

/** A `require` that runs when its file does: not in a function, which would be indented or behind an arrow. */
const AT_ONCE = /^(?!\t)(?:(?!=>).)*\brequire\('(\.[^']*\.js)'\)/gm;

const loadedAtOnce = file =>
	[...readFileSync(file, 'utf8').matchAll(AT_ONCE)].map(([, name]) => path.join(path.dirname(file), name));

/** The names of the files that are evaluated with one of them. */
export const evaluatedWith = name => {
	const files = new Set([path.join(root, name)]);
	for (const file of files) {
		for (const loaded of loadedAtOnce(file)) {
			files.add(loaded);
		}
	}

	return new Set([...files].map(file => nameOf(file)));
};

/** The names of all files that Node evaluates at some time; those of a page are not. */
export const sourceNames = () => [
	'index.js',
	...readdirSync(path.join(root, 'lib'), {recursive: true, withFileTypes: true})
		.map(entry => nameOf(path.join(entry.parentPath ?? entry.path, entry.name)))
		.filter(name => name.endsWith('.js') && !/^lib\/(live\/page|web)\//.test(name)),
];
