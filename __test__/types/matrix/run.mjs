// Compiles programs of p-limit and of p-lanes with the settings that projects have: the swap has to compile wherever p-limit does.
//
//     node __test__/types/matrix/run.mjs [words]
//
// A row is a version of TypeScript with settings and programs. Both packages are installed as a user has them: only their own
// types, in an empty folder. `skipLibCheck` is off, so that our types are checked, too. With words, only rows whose names have them.

import {execFile} from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {rows} from './rows.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const installed = name => path.join(root, 'node_modules', name);

const compilerOf = version =>
	version === 'latest' ? installed('typescript/bin/tsc') : installed(`typescript-${version}/bin/tsc`);

const link = (folder, name) => {
	const place = path.join(folder, 'node_modules', name);
	mkdirSync(path.dirname(place), {recursive: true});
	symlinkSync(installed(name), place, 'junction');
};

/** Copies the files of types, which are beside `index.d.ts` and in `entries`. */
const installTypes = folder => {
	const place = path.join(folder, 'node_modules/p-lanes');
	cpSync(path.join(root, 'package.json'), path.join(place, 'package.json'));
	const names = ['.', 'entries'].flatMap(part => readdirSync(path.join(root, part)).map(name => path.join(part, name)));
	for (const name of names.filter(each => /\.d\.[cm]?ts$/.test(each))) {
		cpSync(path.join(root, name), path.join(place, name));
	}
};

/** Writes a project, and returns its folder. */
const writeProject = (base, {options, programs, extension = 'ts', type = 'commonjs', nodeTypes}, index) => {
	const folder = path.join(base, String(index));
	mkdirSync(folder, {recursive: true});
	writeFileSync(path.join(folder, 'package.json'), JSON.stringify({type}));
	installTypes(folder);
	link(folder, 'p-limit');
	if (nodeTypes !== undefined) {
		// A copy, which finds the types of undici beside itself: each version needs its own.
		const place = path.join(folder, 'node_modules/@types/node');
		cpSync(installed(nodeTypes), place, {recursive: true});
		if (!existsSync(path.join(place, 'node_modules/undici-types'))) {
			link(folder, 'undici-types');
		}
	}

	const files = programs.flatMap(program => {
		const text = readFileSync(path.join(here, `${program}.ts`), 'utf8');
		const variants = program === 'swap' ? ['p-limit', 'p-lanes'] : [program];
		return variants.map(variant => {
			const name = variant === program ? program : `swap-${variant}`;
			writeFileSync(path.join(folder, `${name}.${extension}`), text.replaceAll("'limiter'", `'${variant}'`));
			return `${name}.${extension}`;
		});
	});
	const compilerOptions = {noEmit: true, strict: true, skipLibCheck: false, ...options};
	writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({compilerOptions, files}));
	return folder;
};

const compile = async (base, row, index) => {
	const folder = writeProject(base, row, index);
	try {
		await promisify(execFile)(process.execPath, [compilerOf(row.typescript), '-p', folder, '--pretty', 'false'], {
			cwd: folder,
		});
		return '';
	} catch (error) {
		return error.stdout || error.message;
	}
};

const words = process.argv.slice(2);
const chosen = rows.filter(({name}) => words.every(word => name.includes(word)));
const base = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-types-'));
const queue = [...chosen.entries()];
let failed = 0;

const work = async () => {
	for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
		const [index, row] = next;
		const errors = await compile(base, row, index);
		failed += errors === '' ? 0 : 1;
		console.log(`${errors === '' ? 'ok  ' : 'FAIL'} ${row.name}`);
		if (errors !== '') {
			console.log(errors.trimEnd().replaceAll(/^/gm, '     '));
		}
	}
};

try {
	await Promise.all(Array.from({length: os.availableParallelism()}, work));
} finally {
	rmSync(base, {recursive: true});
}

console.log(`${chosen.length - failed} of ${chosen.length} settings compile.`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
