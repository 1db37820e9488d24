// How esbuild makes the bundles for environments without Node.
//
// A file of `lib/web/` stands in for the file of `lib/` at the same path, and `lib/web/node/x.js` for the module
// `node:x`. A module of Node without a stand-in is an error.

import {existsSync} from 'node:fs';
import path from 'node:path';
import {root} from './sources.mjs';

const lib = path.join(root, 'lib');
const web = path.join(lib, 'web');

/** Where `npm run build:wasm` leaves the WebAssembly. */
export const WASM = path.join(root, 'p-lanes.wasm');

/** Returns the file that stands in for a path of `lib/`; undefined if there is none. */
const standInOf = file => {
	const inside = path.relative(lib, file);
	const standIn = path.join(web, inside);
	return !inside.startsWith('..') && existsSync(standIn) ? standIn : undefined;
};

export const standIns = {
	name: 'stand-ins',
	setup(build) {
		build.onResolve({filter: /^node:/}, ({path: name}) => {
			const file = path.join(web, 'node', `${name.slice('node:'.length)}.js`);
			return existsSync(file)
				? {path: file}
				: {errors: [{text: `${name} is not there without Node: lib/web/node has nothing for it`}]};
		});
		build.onResolve({filter: /^\./}, ({path: name, resolveDir}) => {
			const file = standInOf(path.resolve(resolveDir, name));
			return file && {path: file};
		});
	},
};

/** Where the bundle gets the WebAssembly from: its own text, or an import of that name. */
export const webAssembly = imported => ({
	name: 'web-assembly',
	setup(build) {
		// esbuild writes this path into the bundle, so it is none of this machine.
		build.onResolve({filter: /\/p-lanes\.wasm$/}, ({namespace}) =>
			namespace === 'file' ? {path: path.basename(WASM), namespace: 'p-lanes'} : undefined,
		);
		build.onLoad({filter: /.*/, namespace: 'p-lanes'}, () => ({
			contents: imported
				? `import module from ${JSON.stringify(imported)}; export {module};`
				: `export {default as bytes} from ${JSON.stringify(WASM)};`,
			resolveDir: root,
		}));
		if (imported) {
			build.onResolve({filter: /^\.\.\/p-lanes\.wasm(\?module)?$/}, ({path: name, namespace}) =>
				namespace === 'p-lanes' ? {path: name, external: true} : undefined,
			);
		}
	},
});
