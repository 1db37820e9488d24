// Compiles the code blocks of README.md, of docs/ and of the examples, and the files of the examples, as a reader's editor does:
// JavaScript with `checkJs`, TypeScript with `strict`. On the oldest TypeScript that has modern settings, and on the newest.
//
//     node __test__/types/blocks.mjs [words]
//
// Stand-ins of a block (`__test__/docs/pages/`) become its variables. With words, only documents whose names have them.

import {spawn} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const require = createRequire(import.meta.url);
const {blocksOf} = require('../docs/blocks.js');
const exported = require('p-lanes');

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const words = process.argv.slice(2);

const compilers = {'TypeScript 5.4': 'typescript-5.4', 'the newest TypeScript': 'typescript'};

/** Packages that blocks import and that are not installed here, or have no types. */
const UNTYPED = ['cli-progress', 'fastify', 'express', 'pg', 'vitest', '@jest/globals', 'undici', 'axios', 'got'];

const markdownIn = folder =>
	readdirSync(path.join(root, folder), {recursive: true})
		.filter(name => name.endsWith('.md'))
		.map(name => `${folder}/${name.replaceAll(path.sep, '/')}`);

const documents = ['README.md', ...markdownIn('docs'), ...markdownIn('examples')].filter(
	name => words.length === 0 || words.some(word => name.includes(word)),
);

const recipesOf = document => {
	const file = path.join(root, '__test__/docs/pages', document.replace(/^docs\//, '').replace(/\.md$/, '.js'));
	return existsSync(file) ? require(file) : {};
};

/** The names that a block declares itself, or imports. */
const declaredIn = text => {
	const declared = new Set();
	for (const [, name] of text.matchAll(/^(?:export )?(?:const|let|var|class|(?:async )?function\*?) (\w+)/gm)) {
		declared.add(name);
	}

	for (const [, names] of text.matchAll(/^(?:import|const) (?:\w+, )?\{([^}]*)\}/gms)) {
		for (const name of names.split(',')) {
			declared.add(
				name
					.trim()
					.split(/\s+as\s+|:\s*/)
					.at(-1),
			);
		}
	}

	for (const [, name] of text.matchAll(/^import (\w+)/gm)) {
		declared.add(name);
	}

	return declared;
};

/** The stand-ins of a block as variables, unless it has its own. */
const standIns = (before, text) => {
	const declared = declaredIn(text);
	return before.replaceAll(/^(\s*)globalThis\.(\w+) = /gm, (assignment, indent, name) =>
		declared.has(name) ? assignment : `${indent}var ${name} = `,
	);
};

/** Blocks with a mistake that they are about, by document and name: the beginning of the line that must not compile. */
const MISTAKES = {'docs/guide/errors.md: Unknown options': 'pLimit(8).with'};

/** Files that can't be typed: why. */
const LEFT_OUT = {'docs/guide/pool.md: model.cjs': 'it stands for any module, and exports a promise with properties'};

const withMistake = (key, text) => {
	const start = MISTAKES[key];
	return start === undefined ? text : text.replace(start, `// @ts-expect-error\n${start}`);
};

const SOURCE = /\.[cm]?[jt]s$/;

const write = (folder, name, text) => {
	const file = path.join(folder, name);
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, text);
};

/** Writes the blocks of a document to a folder of its own. Returns how many there are. */
const writeBlocks = (base, document) => {
	const folder = path.join(base, document.replace(/\.md$/, ''));
	const recipes = recipesOf(document);
	const blocks = blocksOf(document);
	for (const {file, text: given, language, line, name} of blocks) {
		const text = withMistake(`${document}: ${name}`, given);
		const {before = '', types = '', files = {}} = recipes[name] ?? {};
		for (const [other, content] of Object.entries(files)) {
			if (
				SOURCE.test(other) &&
				!blocks.some(block => block.file !== undefined && block.file === other.replace('.mjs', '.mts'))
			) {
				write(folder, other, content);
			}
		}

		if (file !== undefined) {
			write(folder, file, `${document}: ${file}` in LEFT_OUT ? `// @ts-nocheck\n${text}` : text);
		} else if (language === 'ts') {
			write(folder, `line-${line}.mts`, `${types}\n${text}\nexport {};\n`);
		} else {
			write(folder, `line-${line}.mjs`, `${standIns(before, text)}\n${text}\nexport {};\n`);
		}
	}

	return blocks.length;
};

/** The types of what blocks find as globals: see `__test__/docs/tools.mjs`. */
const globals = () => {
	const names = Object.keys(exported).filter(name => name !== 'default' && name !== 'pLimit');
	return [
		...names.map(name => `declare const ${name}: typeof import('p-lanes').${name};`),
		"declare const pLimit: typeof import('p-lanes').default;",
		"declare const limit: import('p-lanes').Limit;",
		'declare const tick: () => Promise<void>;',
		'declare const range: (length: number) => number[];',
		'declare const tell: (what: unknown) => void;',
		'declare const most: <Arguments extends any[], Result>(fn: (...args: Arguments) => Result) => {(...args: Arguments): Promise<Awaited<Result>>; most: number};',
		"declare const originOf: (answer: (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown) => Promise<string>;",
	].join('\n');
};

const OPTIONS = {
	module: 'nodenext',
	target: 'es2022',
	lib: ['es2023', 'esnext.disposable'],
	strict: true,
	exactOptionalPropertyTypes: true,
	noEmit: true,
	allowJs: true,
	checkJs: true,
	skipLibCheck: true,
	types: ['node'],
};

/** What a reader of JavaScript writes without types. */
const RELAXED = {
	strictNullChecks: false,
	strictFunctionTypes: false, // what a message on a channel is, only its subscriber knows
	exactOptionalPropertyTypes: false,
	noImplicitAny: false,
	useUnknownInCatchVariables: false,
};

const link = (base, name) => {
	const place = path.join(base, 'node_modules', name);
	mkdirSync(path.dirname(place), {recursive: true});
	symlinkSync(name === 'p-lanes' ? root : path.join(root, 'node_modules', name), place, 'junction');
};

const compile = (compiler, project) =>
	new Promise(resolve => {
		const args = [path.join(root, 'node_modules', compiler, 'bin/tsc'), '-p', project, '--pretty', 'false'];
		const child = spawn(process.execPath, args, {cwd: path.dirname(project)});
		let output = '';
		child.stdout.on('data', data => {
			output += data;
		});
		child.on('close', code => resolve({code, output}));
	});

const base = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-blocks-'));
try {
	for (const name of ['p-lanes', '@types/node', '@opentelemetry/api', 'prom-client', 'p-limit']) {
		link(base, name);
	}

	let blocks = 0;
	for (const document of documents) {
		blocks += writeBlocks(base, document);
	}

	if (words.length === 0 || words.includes('examples')) {
		cpSync(path.join(root, 'examples'), path.join(base, 'examples'), {recursive: true});
	}

	write(base, 'package.json', JSON.stringify({type: 'module'}));
	write(base, 'globals.d.ts', globals());
	write(base, 'untyped.d.ts', UNTYPED.map(name => `declare module '${name}';`).join('\n'));
	const project = (name, options, include) => {
		const file = path.join(base, `${name}.json`);
		writeFileSync(
			file,
			JSON.stringify({compilerOptions: {...OPTIONS, ...options}, include: ['*.d.ts', ...include], exclude: []}),
		);
		return file;
	};
	const folders = ['README/*', 'docs/**/*', 'examples/**/*'];
	const projects = [
		project(
			'javascript',
			RELAXED,
			folders.flatMap(each => [`${each}.mjs`, `${each}.js`, `${each}.cjs`]),
		),
		project(
			'typescript',
			{allowImportingTsExtensions: true},
			folders.flatMap(each => [`${each}.mts`, `${each}.ts`]),
		),
	];
	let failed = 0;
	for (const [name, compiler] of Object.entries(compilers)) {
		for (const file of projects) {
			const {code, output} = await compile(compiler, file);
			console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${blocks} code blocks, ${path.basename(file, '.json')}, ${name}`);
			if (code !== 0) {
				failed++;
				console.log(output);
			}
		}
	}

	process.exitCode = failed === 0 ? 0 : 1;
} finally {
	rmSync(base, {recursive: true});
}
