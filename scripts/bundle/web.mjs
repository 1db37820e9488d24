// Makes the bundles for environments without Node; see lib/web/README.md.
//
//   dist/web.mjs, dist/web.cjs   the WebAssembly is in the bundle: browsers, and tests of pages by `require`
//   dist/workerd.mjs             imports ./p-lanes.wasm as a module: Cloudflare Workers
//   dist/edge-light.mjs          imports ./p-lanes.wasm?module: Vercel's Edge runtime

import {copyFileSync, mkdirSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {standIns, webAssembly} from './web-plugins.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = path.join(root, 'dist');

const bundles = [
	{outfile: 'web.mjs'},
	{outfile: 'web.cjs', format: 'cjs', entry: 'index.js'},
	{outfile: 'workerd.mjs', imported: './p-lanes.wasm'},
	{outfile: 'edge-light.mjs', imported: './p-lanes.wasm?module'},
];

/** Writes all bundles into `dist/`. The WebAssembly must have been built. */
export const bundleWeb = async () => {
	mkdirSync(dist, {recursive: true});
	copyFileSync(path.join(root, 'p-lanes.wasm'), path.join(dist, 'p-lanes.wasm'));
	await Promise.all(
		bundles.map(({outfile, format = 'esm', entry = 'index.mjs', imported}) =>
			build({
				entryPoints: [path.join(root, entry)],
				outfile: path.join(dist, outfile),
				bundle: true,
				platform: 'browser',
				format,
				target: 'es2022',
				loader: {'.wasm': 'binary'},
				plugins: [webAssembly(imported), standIns],
				legalComments: 'none',
				minifySyntax: true,
				minifyWhitespace: true,
			}),
		),
	);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	await bundleWeb();
}
