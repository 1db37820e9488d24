// npm packages that only tests of installs need: they are installed when they are first asked for.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {root} from './facts.mjs';

/** A dependency of verdaccio is asked for by a tag, `cjs`, that copies of the registry need not have. It is this version. */
const OVERRIDES = {'node-fetch': '2.7.0'};

/** The lines of versions that work. */
const VERSIONS = {
	verdaccio: '6',
	pnpm: '12',
	'@yarnpkg/cli-dist': '4',
	bun: '1',
};

/** Returns the folder of a tool. Install scripts run, as `bun` fetches nothing by them but puts its program in place. */
export const folderOfTool = name => {
	const prefix = path.join(root, 'build/tools', name.replaceAll(/\W+/g, '-'));
	const folder = path.join(prefix, 'node_modules', name);
	if (!existsSync(path.join(folder, 'package.json'))) {
		mkdirSync(prefix, {recursive: true});
		writeFileSync(
			path.join(prefix, 'package.json'),
			JSON.stringify({private: true, dependencies: {[name]: VERSIONS[name]}, overrides: OVERRIDES}),
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
