// The supported lines of Node, whose binaries come as npm packages into `.nodes`.

import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {npmTool} from './npm-tools.mjs';

export const LINES = ['20', '22', '24', '26'];
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** The path of the `node` of a line; it is installed where it is not there yet. */
export const binaryOf = line => {
	const folder = npmTool(path.join(root, '.nodes', line), `node-${platform}`, line);
	return path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
};
