// Runs the JS specs on each supported line of Node, whose binaries come as npm packages into `.nodes`.
//
//     npm run test:nodes [-- 20 24]

import {execFileSync, spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {binaryOf, LINES} from './nodes.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Milliseconds for a file: nothing takes nearly as long, and what hangs is named. */
const TIMEOUT = 300_000;

const folders = readdirSync(path.join(root, '__test__'), {withFileTypes: true})
	.filter(entry => entry.isDirectory())
	.map(({name}) => path.join('__test__', name));

const specs = ['__test__', ...folders].flatMap(folder =>
	readdirSync(path.join(root, folder))
		.filter(name => name.endsWith('.test.js'))
		.map(name => path.join(folder, name)),
);

const asked = process.argv.slice(2);
const failed = [];
for (const line of asked.length > 0 ? asked : LINES) {
	const binary = binaryOf(line);
	console.log(`\nNode ${execFileSync(binary, ['--version'], {encoding: 'utf8'}).trim()}`);
	if (
		spawnSync(binary, ['--test', `--test-timeout=${TIMEOUT}`, ...specs], {cwd: root, stdio: 'inherit'}).status !== 0
	) {
		failed.push(line);
	}
}

if (failed.length > 0) {
	console.error(`\nfailed on Node ${failed.join(', ')}`);
	process.exit(1);
}
