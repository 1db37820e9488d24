// Checks the package as it is published: by publint, and its types by attw.

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {packAll} from '../packages/pack.mjs';
import {root} from './sources.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-check-'));

const run = (name, ...args) => {
	execFileSync('npx', ['--no-install', name, ...args], {
		cwd: root,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
};

try {
	const [tarball] = await packAll({out: folder, onlyThisPlatform: true});
	run('publint', 'run', tarball, '--strict');
	run('attw', tarball, '--format', 'table-flipped');
} finally {
	rmSync(folder, {recursive: true});
}
