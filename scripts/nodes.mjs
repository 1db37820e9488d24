// The supported lines of Node, whose binaries come as npm packages into `.nodes`.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

export const LINES = ['20', '22', '24', '26'];
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** The path of the `node` of a line; it is installed where it is not there yet. */
export const binaryOf = line => {
	const prefix = path.join(root, '.nodes', line);
	const name = `node-${platform}`;
	const binary = path.join(prefix, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
	if (!existsSync(binary)) {
		mkdirSync(prefix, {recursive: true});
		execFileSync('npm', ['install', '--no-save', '--no-package-lock', '--prefix', prefix, `${name}@${line}`], {
			stdio: ['ignore', 'ignore', 'inherit'],
			shell: process.platform === 'win32',
		});
	}

	return binary;
};
