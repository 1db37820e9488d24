// Runs the JS specs on each supported line of Node, whose binaries come as npm packages into `.nodes`.
//
//     npm run test:nodes [-- 20 24]
//     npm run test:nodes -- --without-documents 22
//
// `--without-documents` is told to `run-specs.mjs`.

import {execFileSync, spawnSync} from 'node:child_process';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {binaryOf, LINES} from './nodes.mjs';

const runSpecs = fileURLToPath(new URL('run-specs.mjs', import.meta.url));

const asked = process.argv.slice(2).filter(argument => !argument.startsWith('--'));
const options = process.argv.slice(2).filter(argument => argument.startsWith('--'));
const failed = [];
for (const line of asked.length > 0 ? asked : LINES) {
	const binary = binaryOf(line);
	console.log(`\nNode ${execFileSync(binary, ['--version'], {encoding: 'utf8'}).trim()}`);
	if (spawnSync(binary, [runSpecs, ...options], {stdio: 'inherit'}).status !== 0) {
		failed.push(line);
	}
}

if (failed.length > 0) {
	console.error(`\nfailed on Node ${failed.join(', ')}`);
	process.exit(1);
}
