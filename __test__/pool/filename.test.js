'use strict';

// Which file a `filename` names, and how a worker loads it: as `require` does, with its hooks, or by `import()`.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {after, describe, test} = require('node:test');
const {pathToFileURL} = require('node:url');
const {Pool} = require('p-lanes');
const {open} = require('./helpers.js');

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'p-lanes-filename-')));
after(() => rmSync(folder, {recursive: true}));

/** Writes files into a folder of their own, and returns a function that gives their paths. */
const write = (name, files) => {
	const own = path.join(folder, name);
	for (const [file, text] of Object.entries(files)) {
		const where = path.join(own, file);
		mkdirSync(path.dirname(where), {recursive: true});
		writeFileSync(where, text);
	}

	return (file = '') => path.join(own, file);
};

const says = text => `module.exports = () => ${JSON.stringify(text)};`;

describe('a file is found as `require` finds it', () => {
	const at = write('found', {
		'worker.js': says('worker.js'),
		'data.json': '1',
		'both.js': says('both.js'),
		'both/index.js': says('both/index.js'),
		'index/index.js': says('index/index.js'),
		'main/package.json': '{"main": "lib/start"}',
		'main/lib/start.js': says('main/lib/start.js'),
		'with.dots.js': says('with.dots.js'),
		'without-extension': says('without-extension'),
		'empty/readme.md': '',
	});
	for (const [given, found] of [
		['worker', 'worker.js'],
		['worker.js', 'worker.js'],
		['with.dots', 'with.dots.js'],
		['without-extension', 'without-extension'],
		['both', 'both.js'],
		['both/', 'both/index.js'],
		['index', 'index/index.js'],
		['index/', 'index/index.js'],
		['main', 'main/lib/start.js'],
	]) {
		test(`${given} is ${found}`, async t => {
			const relative = path.relative(process.cwd(), at(given)) + (given.endsWith('/') ? '/' : '');
			for (const filename of [at(given), relative, pathToFileURL(at(given)), pathToFileURL(at(given)).href]) {
				const pool = open(t, {filename});
				assert.equal(pool.options.filename, at(found));
				assert.equal(await pool.run(), found);
			}

			assert.equal(await open(t).run(1, {filename: at(given)}), found);
		});
	}

	test('what a URL says beside its path stays', async t => {
		const url = pathToFileURL(at('index'));
		url.search = '?a=1';
		const pool = open(t, {filename: url});
		assert.equal(pool.options.filename, `${pathToFileURL(at('index/index.js'))}?a=1`);
		assert.equal(await pool.run(), 'index/index.js');
	});

	for (const given of ['nothing', 'empty', 'worker.js/']) {
		test(`${given} is not found`, () => {
			assert.throws(() => new Pool({filename: at(given)}), {
				code: 'ERR_INVALID_ARG',
				message: `\`filename\` must be a file that exists: there is no ${at(given)}`,
			});
		});
	}
});

/**
 * A hook of `require`, as ts-node and swc have one. In its language `HOOKED` is a text, and there are enumerations,
 * which Node can't read.
 */
const hook = extensions => `
	const {readFileSync} = require('node:fs');
	for (const extension of ${JSON.stringify(extensions)}) {
		const next = require.extensions[extension];
		require.extensions[extension] = (module, file) => {
			const text = readFileSync(file, 'utf8');
			if (text.includes('HOOKED')) {
				module._compile(text.replaceAll('HOOKED', '"hooked"').replace('enum A {}', ''), file);
			} else {
				next(module, file);
			}
		};
	}`;

const hooked = "enum A {}\nconst b = require('./b');\nmodule.exports = () => [HOOKED, b];";

/** Runs a program that gives a pool a file, and returns what a job gives. */
const run = (args, filename, cwd) => {
	const main = path.join(cwd, 'main.cjs');
	writeFileSync(
		main,
		`const {Pool} = require(${JSON.stringify(require.resolve('p-lanes'))});
		const pool = new Pool({filename: ${JSON.stringify(filename)}, maxThreads: 1});
		pool.run(1).then(result => console.log(JSON.stringify(result)), error => console.log(error.message));`,
	);
	const {stdout, stderr} = spawnSync(process.execPath, [...args, main], {cwd, encoding: 'utf8', timeout: 60_000});
	return {stdout, stderr};
};

describe('a worker uses the hooks of `require` that the program was started with', () => {
	for (const [what, extensions, files, given] of [
		['.ts', ['.ts'], {'a.ts': hooked, 'b.ts': 'module.exports = HOOKED;'}, 'a.ts'],
		['.ts, by its name alone', ['.ts'], {'a.ts': hooked, 'b.ts': 'module.exports = HOOKED;'}, 'a'],
		['.ts of a folder', ['.ts'], {'a/index.ts': hooked, 'a/b.ts': 'module.exports = HOOKED;'}, 'a'],
		['.tsx and .jsx', ['.tsx', '.jsx'], {'a.tsx': hooked, 'b.jsx': 'module.exports = HOOKED;'}, 'a.tsx'],
		['.cts', ['.cts'], {'a.cts': hooked, 'b.cts': 'module.exports = HOOKED;'}, 'a.cts'],
		[
			'.cts in a package of ES modules',
			['.cts'],
			{'package.json': '{"type": "module"}', 'a.cts': hooked, 'b.cts': 'module.exports = HOOKED;'},
			'a.cts',
		],
		[
			'.ts in a package of ES modules, if the hook takes it',
			['.ts'],
			{'package.json': '{"type": "module"}', 'a.ts': hooked, 'b.ts': 'module.exports = HOOKED;'},
			'a.ts',
		],
		['.js, with what is no JavaScript', ['.js'], {'a.js': hooked, 'b.js': 'module.exports = HOOKED;'}, 'a.js'],
	]) {
		test(`for ${what}`, () => {
			const at = write(`hooked ${what}`, {'hook.cjs': hook(extensions), ...files});
			const {stdout, stderr} = run(['-r', './hook.cjs'], given, at());
			assert.equal(stdout, '["hooked","hooked"]\n', stderr);
		});
	}

	test('but not for an extension that no hook takes', () => {
		const at = write('not hooked', {'hook.cjs': hook(['.ts']), 'a.coffee': says('run')});
		assert.match(run(['-r', './hook.cjs'], './a.coffee', at()).stdout, /Unknown file extension "\.coffee"/);
	});
});

describe('a worker runs a file once', () => {
	for (const [extension, source] of [
		['js', "globalThis.runs = (globalThis.runs ?? 0) + 1; JSON.parse('{');"],
		['mjs', "globalThis.runs = (globalThis.runs ?? 0) + 1; JSON.parse('{');"],
		['js', "globalThis.runs = (globalThis.runs ?? 0) + 1; require('./wrong.js');"],
	]) {
		test(`that fails: .${extension}, ${source}`, async t => {
			const at = write('once', {
				[`a.${extension}`]: source,
				'runs.js': 'module.exports = () => globalThis.runs;',
				'wrong.js': '%',
			});
			const pool = open(t, {filename: at('runs.js')});
			await assert.rejects(pool.run(1, {filename: at(`a.${extension}`)}), {name: 'SyntaxError'});
			assert.equal(await pool.run(1), 1);
		});
	}
});

describe('tsx', () => {
	const loader = pathToFileURL(path.join(path.dirname(require.resolve('tsx/package.json')), 'dist/loader.mjs')).href;
	const cjs = require.resolve('tsx/cjs');
	const module = {
		'a.ts':
			"import {b} from './b';\nenum Sign { Plus = 1 }\nexport default (n: number): unknown => [n * Sign.Plus, b];",
		'b.ts': "export const b: string = 'typed';",
	};
	for (const [what, args, files] of [
		['`--import tsx`', ['--import', loader], module],
		[
			'`--import tsx`, in a package of ES modules',
			['--import', loader],
			{...module, 'package.json': '{"type": "module"}'},
		],
		['`-r tsx/cjs`', ['-r', cjs], module],
	]) {
		test(`${what}: a worker understands TypeScript as the main thread does`, () => {
			const at = write(what, files);
			const {stdout, stderr} = run(args, './a.ts', at());
			assert.equal(stdout, '[1,"typed"]\n', stderr);
		});
	}

	for (const [extension, source] of [
		['.cts', 'enum Sign { Plus = 1 }\nmodule.exports = (n: number): unknown => [n * Sign.Plus];'],
		['.mts', 'enum Sign { Plus = 1 }\nexport default (n: number): unknown => [n * Sign.Plus];'],
	]) {
		test(`${extension} files, which its hook for .js takes`, () => {
			const at = write(`tsx ${extension}`, {[`a${extension}`]: source});
			const {stdout, stderr} = run(['--import', loader], `./a${extension}`, at());
			assert.equal(stdout, '[1]\n', stderr);
		});
	}
});
