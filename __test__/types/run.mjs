// Checks the types: the programs of this folder and of an example with the TypeScript of the project, then `matrix/`, then the code
// blocks of the documents and the examples.
//
// The file of the compiler is named, because the older versions that the matrix uses install a `tsc`, too.

import {spawnSync} from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const runs = [
	['node_modules/typescript/bin/tsc', '-p', '__test__/types'],
	['node_modules/typescript/bin/tsc', '-p', 'examples/cpu-files'],
	['__test__/types/matrix/run.mjs'],
	['__test__/types/blocks.mjs'],
];
process.exitCode = runs.every(args => spawnSync(process.execPath, args, {cwd: root, stdio: 'inherit'}).status === 0)
	? 0
	: 1;
