// Installs the packed packages into an empty folder, as a user of this platform has them, and runs a program of a little of
// everything: `scripts/cross/smoke.cjs`.
//
//     node scripts/packages/smoke.mjs FOLDER   the folder with the tarballs of `npm run pack:all`

import {execFileSync} from 'node:child_process';
import {cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {here, root} from './facts.mjs';

const PROGRAM = 'scripts/cross/smoke.cjs';

const [given] = process.argv.slice(2);
if (given === undefined) {
	console.error('Name the folder with the tarballs.');
	process.exit(2);
}

const tarballs = path.resolve(given);
const {name} = here();
const isOurs = file => /^p-lanes-\d.*\.tgz$/.test(file) || new RegExp(`^p-lanes-${name}-\\d.*\\.tgz$`).test(file);
const files = readdirSync(tarballs).filter(isOurs);
if (files.length !== 2) {
	throw new Error(
		`${tarballs} needs one tarball of p-lanes and one for ${name}, and has ${files.join(', ') || 'none'}`,
	);
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-smoke-'));
try {
	writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
	const paths = files.map(file => path.join(tarballs, file));
	execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...paths], {
		cwd: folder,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	// The program takes the package that it is in.
	const program = path.join(folder, 'node_modules/p-lanes', PROGRAM);
	cpSync(path.join(root, PROGRAM), program);
	execFileSync(process.execPath, [program], {cwd: folder, stdio: 'inherit'});
	console.log(`ok: ${files.join(', ')} on Node ${process.version}`);
} finally {
	rmSync(folder, {recursive: true, force: true});
}
