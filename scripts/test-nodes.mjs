// Runs the JS specs on each supported line of Node, whose binaries come as npm packages into `.nodes`.
//
//     npm run test:nodes [-- 20 24]

import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const LINES = ['20', '22', '24', '26'];
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const binaryOf = line => {
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

/** Milliseconds for a file: nothing takes nearly as long, and what hangs is named. */
const TIMEOUT = 300_000;

const specs = ['__test__', '__test__/flow', '__test__/kernels', '__test__/pool', '__test__/shared'].flatMap(folder =>
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
