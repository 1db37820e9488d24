// Runs the specs on another runtime, which comes from npm:
//
//     npm run test:bun [-- files]     # WebAssembly stands in for the addon
//     npm run test:deno [-- files]    # the addon
//
// What a runtime lacks is listed below.

import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {root} from './fingerprint.mjs';
import {npmTool} from './npm-tools.mjs';
import {LEFT_OUT} from './wasm-specs.cjs';

/** Milliseconds for a file. */
const TIMEOUT = 200_000;

/** Specs that Bun can't run, and why. What needs threads is left out as in `run-specs.mjs --binding wasm`. */
const NOT_ON_BUN = [
	['compat/async-context.test.js'], // async ids: all are 0
	['compat/properties.test.js'], // `describe` behind an `await`
	['contexts/stores.test.js', 'flow/leaks.test.js', 'leaks.test.js', 'lifetimes.test.js'], // what V8's collector does
	['observability/channels.test.js', 'observability/counters.test.js', 'observability/inspect.test.js'], // `gc`
	['observability/snapshot.test.js', 'rate/time.test.js'], // `gc`
	['options/lists.test.js', 'signals/kinds.test.js'], // `Serializer` of node:v8
	['environment/fake-timers.test.js'], // a package that is loaded under them hangs
	['flow/retry-after.test.js'], // a message has the name of a function, which Bun takes away
	['iterables/kinds.test.js'], // pools beside limits
	['environment/globals.test.js'], // contexts of node:vm in which structured clones are made
	['flow/exit-warning.test.js'], // `beforeExit` when calls are pending
	['kernels/special-files.test.js'], // Node's permission model
	['live/dashboard.test.js'], // programs with flags of Node
].flat();

/** Specs that Deno can't run, and why. */
const NOT_ON_DENO = [
	['cli', 'docs', 'examples', 'packages', 'demo.test.js', 'downstream.test.js', 'layout.test.js', 'release.test.js'], // programs of Node
	['report.test.js', 'binding', 'wasm'], // the same
	['flow/exit-warning.test.js', 'observability/progress.test.js', 'rate/time.test.js'], // `beforeExit` when calls are pending
	['flow/nested.test.js'], // all pass, and Deno ends with 1
	['rate/threads.test.js', 'shared/exits.test.js'], // an addon is not told that a thread has ended
	['signals/kinds.test.js'], // `isExternal` of node:util
	['signals/one-listener.test.js'], // the order of the listeners of a signal
	['compat/async-context.test.js'], // async ids: all are 0, also with p-limit
	['compat/unhandled.test.js', 'live/top.test.js'], // exit codes, signals
	['contexts/limit.test.js', 'contexts/pool.test.js'], // the context in which generators are left
	['entries.test.js'], // one name more in what `import` gives for a CommonJS module
	['environment'], // fake timers of Node's own, contexts of node:vm
	['flow/leaks.test.js', 'heap.test.js', 'leaks.test.js', 'lifetimes.test.js'], // what V8's collector does
	['kernels/special-files.test.js'], // Node's permission model
	['messages.test.js'], // texts of errors that a worker's own failure has
	['observability/inspect.test.js'], // how a proxy is shown
	['pool'], // a worker that is ended keeps its place
].flat();

const numberOf = (output, pattern) => Number(pattern.exec(output)?.[1] ?? 0);

const RUNTIMES = {
	bun: {
		version: '1.4.5',
		leftOut: [...LEFT_OUT, ...NOT_ON_BUN],
		args: file => ['test', '--timeout', '100000', '--preload', path.join(root, 'scripts/wasm-specs.cjs'), `./${file}`],
		env: {NODE_TEST_CONTEXT: 'bun'},
		passed: output => numberOf(output, /^ *(\d+) pass$/m),
		failed: output => numberOf(output, /^ *(\d+) fail$/m),
	},
	deno: {
		version: '2.9.6',
		leftOut: NOT_ON_DENO,
		args: file => ['test', '--allow-all', '--no-check', '--quiet', file],
		env: {NO_COLOR: '1'},
		passed: output => numberOf(output, /^(?:ok|FAILED) \| \d+ passed \((\d+) steps/m),
		failed: output => numberOf(output, /^FAILED \|.* (\d+) failed/m),
	},
};

const [name, ...asked] = process.argv.slice(2);
const {version, leftOut, args, env, passed, failed} = RUNTIMES[name];

const prefix = path.join(root, '.nodes', name);
npmTool(prefix, name, version);
const runtime = path.join(prefix, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name);

const isLeftOut = file => leftOut.some(left => file === left || file.startsWith(`${left}/`));

const allSpecs = () =>
	readdirSync(path.join(root, '__test__'), {recursive: true})
		.map(file => file.split(path.sep).join('/'))
		.filter(file => file.endsWith('.test.js') && !isLeftOut(file))
		.map(file => `__test__/${file}`)
		.sort();

const totals = {passed: 0, failed: 0};
for (const file of asked.length > 0 ? asked : allSpecs()) {
	const {stderr, stdout, status} = spawnSync(runtime, args(file), {
		cwd: root,
		encoding: 'utf8',
		env: {...process.env, ...env},
		timeout: TIMEOUT,
		shell: process.platform === 'win32',
	});
	const output = `${stdout}\n${stderr}`;
	totals.passed += passed(output);
	totals.failed += failed(output);
	if (status !== 0) {
		process.exitCode = 1;
		console.log(`FAILED ${file}\n${output}`);
	}
}

console.log(`${name} ${version}: ${totals.passed} tests passed, ${totals.failed} failed`);
