// Publishes all packages: those of the platforms first, so that `p-lanes` is never there without them.
//
//     npm run publish:all -- [--binaries FOLDER] [-- --tag next --provenance --dry-run]
//
// What follows the second `--` goes to `npm publish`.

import {execFileSync} from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import {problemsOfRelease} from './check.mjs';
import {root} from './facts.mjs';
import {writeAll} from './pack.mjs';

const given = process.argv.slice(2);
const isNamed = given[0] === '--binaries';
const binaries = isNamed ? path.resolve(given[1]) : root;
const forNpm = given.slice(isNamed ? 2 : 0).filter(arg => arg !== '--');

const problems = problemsOfRelease(binaries);
if (problems.length > 0) {
	console.error(`these packages can't be published:\n${problems.map(problem => `- ${problem}`).join('\n')}`);
	process.exit(1);
}

const [main, ...platforms] = await writeAll({staging: path.join(root, 'build/packages'), binaries});
for (const folder of [...platforms, main]) {
	execFileSync('npm', ['publish', ...forNpm], {
		cwd: folder,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
}
