// Edge runtimes: they compile no WebAssembly from bytes, but import it as a module.

import {copyFileSync, mkdirSync} from 'node:fs';
import path from 'node:path';
import {build} from 'esbuild';
import {expectLimits, LIMITS_LINES} from '../programs.mjs';

/** Bundles the program of a row, as the tools of that runtime do. */
const bundle = (place, contents, options) =>
	build({
		stdin: {contents, resolveDir: place.folder},
		outfile: place.path('out/worker.mjs'),
		bundle: true,
		format: 'esm',
		target: 'es2022',
		...options,
	});

/** The text of a program of Node that prints what a runtime answers to one request. */
const MINIFLARE = `
	import {Miniflare} from 'miniflare';
	const server = new Miniflare({
		modules: true,
		rootPath: 'out',
		scriptPath: 'worker.mjs',
		modulesRules: [{type: 'CompiledWasm', include: ['**/*.wasm']}, {type: 'ESModule', include: ['**/*.mjs']}],
		compatibilityDate: '2026-01-01',
		compatibilityFlags: JSON.parse(process.argv[2]),
	});
	console.log(await (await server.dispatchFetch('http://localhost/')).text());
	await server.dispose();
`;

const EDGE = `
	import {readFileSync} from 'node:fs';
	import {EdgeRuntime} from 'edge-runtime';
	const module = new WebAssembly.Module(readFileSync('node_modules/p-lanes/p-lanes.wasm'));
	const runtime = new EdgeRuntime({
		initialCode: readFileSync('out/worker.mjs', 'utf8'),
		extend: context => Object.assign(context, {wasmModule: module}),
	});
	console.log(await (await runtime.dispatchFetch('http://localhost/')).text());
`;

export default [
	{
		group: 'runtime',
		name: 'workerd',
		title: 'Cloudflare Workers (workerd)',
		node: 22,
		nodeLine: '24',
		packages: {miniflare: '4'},
		async check(place) {
			place.write({'limits.mjs': LIMITS_LINES, 'serve.mjs': MINIFLARE});
			const worker = `
				import {lines} from './limits.mjs';
				export default {fetch: async () => new Response(await lines())};
			`;
			// Wrangler copies what is imported, too.
			const modules = {
				name: 'modules',
				setup({onResolve}) {
					onResolve({filter: /\.wasm$/}, ({path: name, resolveDir}) => {
						copyFileSync(path.resolve(resolveDir, name), place.path('out/p-lanes.wasm'));
						return {path: './p-lanes.wasm', external: true};
					});
				},
			};
			mkdirSync(place.path('out'));
			await bundle(place, worker, {conditions: ['workerd', 'worker', 'browser'], plugins: [modules]});
			let uses;
			for (const flags of [[], ['nodejs_compat']]) {
				uses = expectLimits(place.runNode(['serve.mjs', JSON.stringify(flags)]));
			}

			return {version: place.versionOf('workerd'), uses};
		},
	},
	{
		group: 'runtime',
		name: 'edge-light',
		title: 'Edge Runtime (Vercel)',
		packages: {'edge-runtime': '4'},
		async check(place) {
			place.write({'limits.mjs': LIMITS_LINES, 'serve.mjs': EDGE});
			const worker = `
				import {lines} from './limits.mjs';
				addEventListener('fetch', event => event.respondWith(lines().then(text => new Response(text))));
			`;
			// What Next.js makes of the import of a module.
			const modules = {
				name: 'modules',
				setup({onLoad, onResolve}) {
					onResolve({filter: /\.wasm\?module$/}, ({path: name}) => ({path: name, namespace: 'modules'}));
					onLoad({filter: /./, namespace: 'modules'}, () => ({contents: 'export default wasmModule;'}));
				},
			};
			await bundle(place, worker, {conditions: ['edge-light', 'browser'], format: 'iife', plugins: [modules]});
			return {version: place.versionOf('edge-runtime'), uses: expectLimits(place.runNode(['serve.mjs']))};
		},
	},
];
