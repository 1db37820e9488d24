// Runs the specs with an addon that AddressSanitizer watches, C libraries included, and with debug assertions.
//
//     npm run test:sanitize [-- --short] [-- __test__/pool/run.test.js ...]
//
// Node is the usual one; the sanitizer's runtime is preloaded. So every allocation of the process goes through it, and
// every access that the addon makes is checked. Reports go to files, where no child process and no spec can swallow one.
// The long form runs the Rust tests as well, with a look for leaks at the end of each.

import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {build, CARGO, environment, root, target} from './build.mjs';
import {prove} from './proof.mjs';
import {SHORT, UNFIT} from './specs.mjs';

/** Milliseconds for a spec: several times what the slowest takes. */
const TIMEOUT = 1_800_000;

const {values, positionals} = parseArgs({options: {short: {type: 'boolean'}}, allowPositionals: true});
const {runtime, addon, proof} = build();
const reports = path.join(target, 'reports');

/** Runs Node with the sanitizer; `told` are the reports that there were. */
const node = (args, options) => {
	rmSync(reports, {recursive: true, force: true});
	mkdirSync(reports, {recursive: true});
	const sanitizer = [
		`log_path=${path.join(reports, 'report')}`,
		// Node keeps much until the system takes it all.
		'detect_leaks=0',
		'detect_stack_use_after_return=1',
		'strict_string_checks=1',
	];
	const {status, signal} = spawnSync(process.execPath, args, {
		cwd: root,
		env: {
			...process.env,
			LD_PRELOAD: runtime,
			P_LANES_BINARY: addon,
			ASAN_OPTIONS: sanitizer.join(':'),
		},
		...options,
	});
	const told = readdirSync(reports).map(name => readFileSync(path.join(reports, name), 'utf8'));
	return {status, signal, told};
};

const specsOf = folder =>
	readdirSync(path.join(root, folder), {withFileTypes: true}).flatMap(entry => {
		const name = path.join(folder, entry.name);
		if (entry.isDirectory()) {
			return specsOf(name);
		}

		return name.endsWith('.test.js') ? [name] : [];
	});

const all = specsOf('__test__').map(name => name.replaceAll(path.sep, '/'));
const wanted = positionals.length > 0 ? positionals : all.filter(spec => !(spec in UNFIT));
const specs = values.short ? wanted.filter(spec => SHORT.some(start => spec.startsWith(start))) : wanted;

prove(node, {addon, proof});
console.log(`the sanitizer is at work; ${specs.length} of ${all.length} specs`);
for (const spec of all.filter(spec => spec in UNFIT)) {
	console.log(`  not ${spec}: ${UNFIT[spec]}`);
}

const {status, signal, told} = node(['--test', `--test-timeout=${TIMEOUT}`, ...specs], {stdio: 'inherit'});
for (const report of told) {
	console.error(report);
}

let failed = status !== 0;
if (!values.short && positionals.length === 0) {
	const rust = spawnSync('cargo', ['test', ...CARGO, '--features', 'kernels', '--lib', '--tests'], {
		cwd: root,
		env: {...environment, ASAN_OPTIONS: 'detect_leaks=1'},
		stdio: 'inherit',
	});
	failed ||= rust.status !== 0;
}

console.log(`sanitizer: ${told.length} reports${failed ? `, and specs failed (${signal ?? status})` : ''}`);
process.exit(failed || told.length > 0 ? 1 : 0);
