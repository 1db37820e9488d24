// The bundles for environments without Node; see lib/web/README.md.
//
// | file | has the WebAssembly |
// |---|---|
// | `web.mjs`, `web.cjs` | in its text: browsers, and whatever else is not Node |
// | `workerd.mjs` | by an import of a module, as Cloudflare Workers compile none |
// | `edge-light.mjs` | the same, in the form of Vercel's Edge runtime |

import {existsSync} from 'node:fs';
import path from 'node:path';
import {build} from 'esbuild';
import {LICENSE} from './node.mjs';
import {root} from './sources.mjs';
import {standIns, WASM, webAssembly} from './web-plugins.mjs';

const bundles = [
	{outfile: 'web.mjs'},
	{outfile: 'web.cjs', format: 'cjs', entry: 'index.js'},
	{outfile: 'workerd.mjs', imported: '../p-lanes.wasm'},
	{outfile: 'edge-light.mjs', imported: '../p-lanes.wasm?module'},
];

const buildOne = (folder, {outfile, format = 'esm', entry = 'index.mjs', imported}) =>
	build({
		entryPoints: [path.join(root, entry)],
		outfile: path.join(folder, outfile),
		bundle: true,
		platform: 'browser',
		format,
		target: 'es2022',
		loader: {'.wasm': 'binary'},
		plugins: [webAssembly(imported), standIns],
		banner: {js: LICENSE},
		minifySyntax: true,
		minifyWhitespace: true,
		logLevel: 'warning',
	});

export const buildWeb = async folder => {
	if (!existsSync(WASM)) {
		throw new Error('there is no p-lanes.wasm for the bundles without Node: run `npm run build:wasm`');
	}

	await Promise.all(bundles.map(bundle => buildOne(folder, bundle)));
};
