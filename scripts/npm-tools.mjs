// Programs that come as npm packages, each in a folder of its own, installed when they are first asked for.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** Returns the folder of a package under `prefix`. Its install scripts run: some put their program in place by them. */
export const npmTool = (prefix, name, version, overrides = {}) => {
	const folder = path.join(prefix, 'node_modules', name);
	if (!existsSync(path.join(folder, 'package.json'))) {
		mkdirSync(prefix, {recursive: true});
		writeFileSync(
			path.join(prefix, 'package.json'),
			JSON.stringify({private: true, dependencies: {[name]: version}, overrides}),
		);
		execFileSync(
			'npm',
			['install', '--no-package-lock', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'],
			{
				cwd: prefix,
				stdio: ['ignore', 'ignore', 'inherit'],
				shell: process.platform === 'win32',
			},
		);
	}

	return folder;
};
