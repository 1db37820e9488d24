// Runs the JS specs on the Node that runs this.
//
//     node scripts/run-specs.mjs [files]
//     node scripts/run-specs.mjs --without-documents
//     node scripts/run-specs.mjs --binding wasm       # WebAssembly in place of the addon; see wasm-specs.cjs
//     P_LANES_FROM=dist node scripts/run-specs.mjs    # on the bundle that is published, and not on the sources
//
// `--without-documents` leaves out the specs of documents, examples, reports and commands, which run programs for minutes
// and meet little of Node that the others do not meet.
//
// In CI, a file that fails runs once more, alone. If it passes then, it is listed as flaky, and the run goes on: the
// specs meet real threads and a shared machine, thousands of times in each run. Two failures are a failure.

import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {writeFaces} from './bundle/faces.mjs';
import {LEFT_OUT} from './wasm-specs.cjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Milliseconds for a file: nothing takes nearly as long, and what hangs is named. */
const TIMEOUT = 300_000;

/** If more files fail than this, the change is at fault and not the machine. */
const MOST_FLAKY = 3;

const reporter = new URL('failed-files.mjs', import.meta.url).href;

/** The folders and files of specs that `--without-documents` leaves out. */
const DOCUMENTS = ['cli', 'docs', 'examples', 'demo.test.js', 'downstream.test.js', 'layout.test.js', 'report.test.js'];

/** All specs but those in the folders and files that are left out, which are named as from `__test__`. */
const allSpecs = left => {
	const folders = readdirSync(path.join(root, '__test__'), {withFileTypes: true})
		.filter(entry => entry.isDirectory() && !left.includes(entry.name))
		.map(({name}) => name);
	return ['', ...folders].flatMap(folder =>
		readdirSync(path.join(root, '__test__', folder))
			.filter(name => name.endsWith('.test.js') && !left.includes(path.posix.join(folder, name)))
			.map(name => path.join('__test__', folder, name)),
	);
};

/** What each file of specs loads first. */
const preloads = [];

/** Runs files, and returns whether all passed, and those that are known to have failed. */
const run = files => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-specs-'));
	try {
		const list = path.join(folder, 'failed');
		const reporters = ['spec', 'stdout', reporter, list].map((value, index) =>
			index % 2 === 0 ? `--test-reporter=${value}` : `--test-reporter-destination=${value}`,
		);
		const {status} = spawnSync(
			process.execPath,
			[...preloads, '--test', `--test-timeout=${TIMEOUT}`, ...reporters, ...files],
			{
				cwd: root,
				stdio: 'inherit',
			},
		);
		const failed = new Set(readFileSync(list, 'utf8').split('\n').filter(Boolean));
		return {passed: status === 0, failed: [...failed].map(file => path.relative(root, file))};
	} finally {
		rmSync(folder, {recursive: true});
	}
};

const {values, positionals: asked} = parseArgs({
	options: {
		'without-documents': {type: 'boolean', default: false},
		binding: {type: 'string', default: 'addon'},
	},
	allowPositionals: true,
});

const isBundled = process.env.P_LANES_FROM === 'dist';
if (isBundled) {
	const {bundle} = await import('./bundle/bundle.mjs');
	await bundle();
	const {partsBySource} = await import('./bundle/parts.mjs');
	process.env.P_LANES_PARTS = JSON.stringify(partsBySource());
	preloads.push(`--require=${path.join(root, 'scripts/bundle/internals.cjs')}`);
} else {
	writeFaces();
}

const isWasm = values.binding === 'wasm';
if (isWasm) {
	// Specs and the programs that they run find it there.
	process.env.P_LANES_BINDING = 'wasm';
	const preload = `--require=${path.join(root, 'scripts/wasm-specs.cjs')}`;
	process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, preload].filter(Boolean).join(' ');
}

const left = [...(values['without-documents'] ? DOCUMENTS : []), ...(isWasm ? LEFT_OUT : [])];
const {passed, failed} = run(asked.length > 0 ? asked : allSpecs(left));
const flaky = [];
const broken = [];
if (!passed && process.env.CI !== undefined && failed.length <= MOST_FLAKY) {
	for (const file of failed) {
		console.log(`\nonce more: ${file}`);
		(run([file]).passed ? flaky : broken).push(file);
	}
}

for (const file of flaky) {
	console.log(`flaky: ${file} failed, and passed alone`);
}

if (isBundled) {
	writeFaces();
}

// A run that failed without a file that did is a failure of its own.
process.exitCode = passed || (flaky.length > 0 && broken.length === 0) ? 0 : 1;
