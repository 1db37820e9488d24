// Programs that come as Python packages, in a folder of their own and in fixed versions.

import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

/**
 * Returns the folder with the programs. Installs them into `environment` if others are there, or none. `packages` has a
 * version for each name.
 */
export const pythonTools = (environment, packages) => {
	const installed = path.join(environment, 'installed.json');
	const wanted = JSON.stringify(packages);
	if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
		execFileSync('python3', ['-m', 'venv', '--clear', environment], {stdio: 'inherit'});
		const names = Object.entries(packages).map(([name, version]) => `${name}==${version}`);
		execFileSync(
			path.join(environment, 'bin/pip'),
			['install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:', ...names],
			{stdio: 'inherit'},
		);
		writeFileSync(installed, wanted);
	}

	return path.join(environment, 'bin');
};
