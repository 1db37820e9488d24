// Publishes all packages: those of the platforms first, so that `p-lanes` is never there without them.
//
//     npm run publish:all -- [--binaries FOLDER | --tarballs FOLDER] [-- --tag next --provenance --dry-run]
//
// With `--tarballs` it is what `npm run pack:all` has packed there, byte by byte: what was tested. What follows the second
// `--` goes to `npm publish`.

import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {problemsOfRelease} from './check.mjs';
import {packageOf, readManifest, root, targets} from './facts.mjs';
import {writeAll} from './pack.mjs';

const [option, folder] = process.argv.slice(2);
const isNamed = ['--binaries', '--tarballs'].includes(option);
const given = isNamed ? path.resolve(folder) : root;
const forNpm = process.argv.slice(isNamed ? 4 : 2).filter(arg => arg !== '--');

const stopAt = problems => {
	if (problems.length > 0) {
		console.error(`these packages can't be published:\n${problems.map(problem => `- ${problem}`).join('\n')}`);
		process.exit(1);
	}
};

/** The tarballs of this version, as npm names them. */
const tarballs = () => {
	const {version} = readManifest();
	const names = ['p-lanes', ...targets.map(({name}) => packageOf(name).slice(1).replace('/', '-'))];
	const files = names.map(name => path.join(given, `${name}-${version}.tgz`));
	stopAt(files.filter(file => !existsSync(file)).map(file => `${path.basename(file)} is missing`));
	return files;
};

const folders = () => {
	stopAt(problemsOfRelease(given));
	return writeAll({binaries: given});
};

const [main, ...platforms] = await (option === '--tarballs' ? tarballs() : folders());
for (const place of [...platforms, main]) {
	execFileSync('npm', ['publish', place, ...forNpm], {
		cwd: root,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
}
