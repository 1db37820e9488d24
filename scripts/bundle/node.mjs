// The bundle for Node: CommonJS, two files for what every program needs, and one for each part that only some need.
//
// | file | holds |
// |---|---|
// | `base.js`, `core.js`, `later.js`, `pool.js`, ... | a part: source files, see `parts.mjs` |
// | `bytes.js` | the WebAssembly, compressed |
// | `index.js`, `prometheus.js`, ... | an entry, in one line; `index.mjs`, ... is its face for `import` |
// | `worker.js`, `sample.js`, `work.js`, `bin.js` | a source file that is run by its path, in one line |

import {chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {brotliCompressSync} from 'node:zlib';
import {build} from 'esbuild';
import {callOf, EVALUATED, partOf} from './parts.mjs';
import {nameOf, root, sourceNames} from './sources.mjs';
import {WASM} from './web-plugins.mjs';

export const LICENSE = '/*! p-lanes, MIT license */';

/** Source files that are run by their paths, by what the bundle calls them. A thread or a process runs the first three. */
const RUN_BY_PATH = {
	'worker.js': 'lib/pool/worker.js',
	'sample.js': 'lib/cli/bench/sample.js',
	'work.js': 'lib/cli/doctor/work.js',
	'bin.js': 'lib/cli/main.js',
};

/** A part gets files of other parts by the functions that those export. */
const otherParts = part => ({
	name: 'other-parts',
	setup({onLoad, onResolve}) {
		onResolve({filter: /^\./, namespace: 'file'}, ({path: given, resolveDir}) => {
			const file = path.join(resolveDir, given);
			const isHere = file.endsWith('.json') || partOf(nameOf(file)) === part;
			return isHere ? undefined : {path: nameOf(file), namespace: 'other-part'};
		});
		onResolve({filter: /./, namespace: 'other-part'}, ({path: given}) => ({path: given, external: true}));
		onLoad({filter: /./, namespace: 'other-part'}, ({path: name}) => ({contents: `module.exports = ${callOf(name)};`}));
	},
});

/** Node's modules come by `require` where there is one. A bundler that makes an ES module of a part may leave none. */
const builtins = {
	name: 'builtins',
	setup({onLoad, onResolve}) {
		onResolve({filter: /^node:/, namespace: 'file'}, ({path: name}) => ({path: name, namespace: 'builtin'}));
		onResolve({filter: /./, namespace: 'builtin'}, ({path: name}) => ({path: name, external: true}));
		onLoad({filter: /./, namespace: 'builtin'}, ({path: name}) => ({
			contents: `
				try {
					module.exports = require('${name}');
				} catch {
					module.exports = process.getBuiltinModule('${name}');
				}`,
		}));
	},
};

/** The file that has the WebAssembly. It is loaded only where the addon is not. */
const BYTES = 'bytes.js';

/** Files in whose place a part has what they would read: the version, the WebAssembly, and the page of the dashboard. */
const contents = {
	name: 'contents',
	setup({onLoad, onResolve}) {
		onResolve({filter: /^bytes$/}, () => ({path: `./${BYTES}`, external: true}));
		onLoad({filter: /[\\/]wasm-bytes\.js$/}, () => ({
			contents: `
				const {Buffer} = require('node:buffer');
				const readWasm = () => require('node:zlib').brotliDecompressSync(Buffer.from(require('bytes'), 'base64'));
				module.exports = {readWasm};`,
			resolveDir: root,
		}));
		onLoad({filter: /[\\/]package\.json$/}, ({path: file}) => {
			const {version} = JSON.parse(readFileSync(file, 'utf8'));
			return {contents: JSON.stringify({version}), loader: 'json'};
		});
		onLoad({filter: /[\\/]page-files\.js$/}, ({path: file}) => {
			const folder = path.join(path.dirname(file), 'page');
			const files = readdirSync(folder).map(name => [name, readFileSync(path.join(folder, name), 'utf8')]);
			return {contents: `module.exports = ${JSON.stringify({files: Object.fromEntries(files)})};`};
		});
	},
};

/** What esbuild puts around a module. */
const WRAPPER = /^(var \w+ = __commonJS\(\{\n {2}"[^"\n]+")(\(.*\) \{\n(?:.*\n)*?) {2}\}\n\}\);\n/gm;

/**
 * Puts the function of each module in parentheses: V8 compiles it at once, and not first a part of it and then all of it.
 * For files whose modules are all evaluated.
 */
const compiledAtOnce = code => {
	let count = 0;
	const changed = code.replace(WRAPPER, (_, name, rest) => {
		count++;
		return `${name}: (function${rest}  })\n});\n`;
	});
	const modules = code.match(/ = __commonJS\(\{/g).length;
	if (count !== modules) {
		throw new Error(`esbuild has wrapped ${modules} modules, of which ${count} look as expected`);
	}

	return changed;
};

const buildPart = async (folder, part, names) => {
	const table = names.map(name => `'${name}': () => require('./${name}'),`);
	const {outputFiles} = await build({
		stdin: {contents: `module.exports = {\n${table.join('\n')}\n};`, resolveDir: root, sourcefile: `${part}.js`},
		plugins: [otherParts(part), builtins, contents],
		packages: 'external',
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		charset: 'utf8',
		banner: {js: LICENSE},
		logLevel: 'warning',
		write: false,
	});
	const [{text}] = outputFiles;
	writeFileSync(path.join(folder, `${part}.js`), EVALUATED.includes(part) ? compiledAtOnce(text) : text);
};

const writeParts = async folder => {
	const names = new Map();
	for (const name of sourceNames()) {
		const part = partOf(name);
		names.set(part, [...(names.get(part) ?? []), name]);
	}

	await Promise.all([...names].map(([part, ofPart]) => buildPart(folder, part, ofPart)));
};

/** The entries have the same exports, spelled so that Node finds their names. */
const writeEntries = folder => {
	/** Refuses the name of a part. */
	const write = (name, text) => {
		writeFileSync(path.join(folder, name), text, {flag: 'wx'});
	};
	write(BYTES, `module.exports = '${brotliCompressSync(readFileSync(WASM)).toString('base64')}';\n`);
	// In two lines: Node takes `module.exports = require(...)` for a re-export, and would search all of that file for names.
	write('index.js', `const exported = ${callOf('index.js')};\nmodule.exports = exported;\n`);
	copyFileSync(path.join(root, 'index.mjs'), path.join(folder, 'index.mjs'));
	for (const file of readdirSync(path.join(root, 'entries')).filter(name => /\.m?js$/.test(name))) {
		const text = readFileSync(path.join(root, 'entries', file), 'utf8');
		write(
			file,
			text.replaceAll(/require\('\.\.\/(lib\/[^']+)'\)/g, (_, name) => callOf(name)),
		);
	}

	for (const [file, name] of Object.entries(RUN_BY_PATH)) {
		write(file, `${file === 'bin.js' ? '#!/usr/bin/env node\n' : ''}module.exports = ${callOf(name)};\n`);
	}

	chmodSync(path.join(folder, 'bin.js'), 0o755);
};

export const buildNode = async folder => {
	await writeParts(folder);
	writeEntries(folder);
};
