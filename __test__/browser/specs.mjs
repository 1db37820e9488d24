// The specs that run in a page, in one bundle with the library and its stand-ins (`lib/web/`).

import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {standIns, webAssembly} from '../../scripts/bundle/web-plugins.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const specs = path.dirname(here);
const root = path.dirname(specs);

/** The stand-ins of Node's modules that specs use. */
const MODULES = new Map(
	Object.entries({
		'node:assert': 'assert.js',
		'node:assert/strict': 'assert.js',
		'node:events': 'events.js',
		'node:test': 'test.js',
		'node:timers': 'timers.js',
		'node:timers/promises': 'timers-promises.js',
	}),
);

/** Tests that do not run in a page, and why. */
const LEFT_OUT = [
	/\btransform\b/, // streams of Node
	/chain > (`nested: |calls inside calls)/, // async contexts, which a page does not have
	/once > inside an? (offline )?task, /,
	/with `nested: (lend|detect)`/,
	/ready lets in one after the other/, // a page has no `nextTick`: it takes a turn of the event loop
	/lets in one after the other when a pause is over/,
	/import gives the same as default and by name/, // what esbuild makes of `import()`
	/another copy of the package/, // a second copy
	/values that cannot be shown/, // `util.inspect` of Node
	/a return\(\) of the source ends a next\(\) that waits for an event/, // `EventEmitter`
	/ready looks at the first of those who wait/, // `mock`
	/and names the function, if it has a name|as the limit of a pool and of kernels/, // `require.resolve`
	/is the call of a lane that has run for the longest time/, // esbuild renames functions
	/refused calls change no count/, // the times in `stats()` go on
	/a date, in each form and whatever the time zone/, // `process`
	/random programs behave as the model says/,
	/what is still there, or is empty, is taken/, // `Buffer`
];

const importsOf = file =>
	[...readFileSync(file, 'utf8').matchAll(/\b(?:require|import)\('([^']+)'\)/g)].map(([, name]) => name);

const isIn = (file, folder) => file.startsWith(path.join(root, folder) + path.sep);

/** Returns whether all that a file of specs imports is there in a page. */
const mayRun = file =>
	importsOf(file).every(name => {
		if (!name.startsWith('.')) {
			return !name.startsWith('node:') ? ['fast-check', 'p-lanes', 'p-limit'].includes(name) : MODULES.has(name);
		}

		const imported = path.resolve(path.dirname(file), name);
		return isIn(imported, '__test__') ? mayRun(imported) : imported.startsWith(root) && !isIn(imported, 'benches');
	});

/** The names of the specs that run in a page, from the folder of specs. */
export const specsOfPages = () =>
	readdirSync(specs, {recursive: true})
		.map(name => name.split(path.sep).join('/'))
		.filter(name => name.endsWith('.test.js') && mayRun(path.join(specs, name)))
		.sort();

const standInsOfTests = {
	name: 'stand-ins-of-tests',
	setup(pluginBuild) {
		pluginBuild.onResolve({filter: /^node:/}, ({path: name}) =>
			MODULES.has(name) ? {path: path.join(here, 'node', MODULES.get(name))} : undefined,
		);
		pluginBuild.onResolve({filter: /^p-lanes$/}, () => ({path: path.join(root, 'index.js')}));
	},
};

/** Each spec has a frame, and so a library of its own, as it has a process in Node. */
const frameScript = name => `
	const {runAll} = require('node:test');
	const {setTimeout} = globalThis;
	globalThis.setImmediate = require('node:timers').setImmediate; // many specs use the global
	const {parent} = window;
	addEventListener('error', ({error, message}) => parent.ended({failed: [{name: '(loading)', error: error?.stack ?? message}]}));
	require('./${name}');
	// Specs may declare their tests in microtasks.
	setTimeout(() => runAll([${LEFT_OUT.join(', ')}], parent.began).then(parent.ended), 0);
`;

/** Runs in the page: opens one frame after another, and returns the results of all. */
const runFrames = async (names, millis) => {
	const all = {passed: 0, skipped: 0, needAddon: 0, failed: []};
	for (const [index, name] of names.entries()) {
		const frame = document.createElement('iframe');
		let latest = '(none)';
		const {
			passed = 0,
			skipped = 0,
			needAddon = 0,
			failed,
		} = await new Promise(resolve => {
			window.began = test => {
				latest = test;
			};
			window.ended = resolve;
			setTimeout(() => resolve({failed: [{name: latest, error: `has not ended in ${millis} ms`}]}), millis);
			frame.srcdoc = `<!doctype html><meta charset="utf-8"><script src="${index}.js"></script>`;
			document.body.append(frame);
		});
		frame.remove();
		all.passed += passed;
		all.skipped += skipped;
		all.needAddon += needAddon;
		all.failed.push(...failed.map(failure => ({...failure, name: `${name} > ${failure.name}`})));
	}

	return all;
};

/** Milliseconds for a spec. */
const TIMEOUT = 30_000;

const bundle = async name => {
	const {outputFiles} = await build({
		stdin: {contents: frameScript(name), resolveDir: specs, sourcefile: 'frame.js'},
		bundle: true,
		write: false,
		platform: 'browser',
		format: 'iife',
		target: 'es2022',
		loader: {'.wasm': 'binary'},
		plugins: [standInsOfTests, webAssembly(), standIns],
	});
	return outputFiles[0].text;
};

/** Returns the files of a page that runs specs and posts their results. */
export const pageOf = async names => {
	const files = {
		'index.html': '<!doctype html><meta charset="utf-8"><body><script src="page.js"></script>',
		'page.js': `
			const post = results => fetch('/results', {method: 'POST', body: JSON.stringify(results)});
			const runFrames = ${runFrames};
			runFrames(${JSON.stringify(names)}, ${TIMEOUT}).then(post, error => post({failed: [{name: '(page)', error: error.stack}]}));
		`,
	};
	for (const [index, name] of names.entries()) {
		files[`${index}.js`] = await bundle(name);
	}

	return files;
};
