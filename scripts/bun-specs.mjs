// Runs the specs on Bun, where WebAssembly stands in for the addon: `npm run test:bun -- [files]`. Bun comes from npm.
//
// What needs threads is left out as in `run-specs.mjs --binding wasm`; what Bun lacks is listed below.

import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {root} from './fingerprint.mjs';
import {LEFT_OUT} from './wasm-specs.cjs';

const VERSION = '1.4.5';

/** Milliseconds for a file. */
const TIMEOUT = 120_000;

/** Specs that Bun can't run, and why. */
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

const folder = path.join(root, '.nodes', 'bun');

const install = () => {
	const binary = path.join(folder, 'node_modules/.bin', process.platform === 'win32' ? 'bun.exe' : 'bun');
	if (!existsSync(binary)) {
		mkdirSync(folder, {recursive: true});
		execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `bun@${VERSION}`], {
			stdio: 'inherit',
			shell: process.platform === 'win32',
		});
	}

	return binary;
};

const isLeftOut = name => [...LEFT_OUT, ...NOT_ON_BUN].some(left => name === left || name.startsWith(`${left}/`));

const allSpecs = () =>
	readdirSync(path.join(root, '__test__'), {recursive: true})
		.map(name => name.split(path.sep).join('/'))
		.filter(name => name.endsWith('.test.js') && !isLeftOut(name))
		.map(name => `__test__/${name}`)
		.sort();

const numberOf = (output, what) => Number(new RegExp(`^ *(\\d+) ${what}$`, 'm').exec(output)?.[1] ?? 0);

const bun = install();
const asked = process.argv.slice(2);
const totals = {pass: 0, skip: 0, fail: 0};
for (const file of asked.length > 0 ? asked : allSpecs()) {
	const preload = path.join(root, 'scripts/wasm-specs.cjs');
	const {stderr, stdout, status} = spawnSync(bun, ['test', '--timeout', '100000', '--preload', preload, `./${file}`], {
		cwd: root,
		encoding: 'utf8',
		env: {...process.env, NODE_TEST_CONTEXT: 'bun'},
		timeout: TIMEOUT,
	});
	const output = `${stdout}\n${stderr}`;
	for (const what of Object.keys(totals)) {
		totals[what] += numberOf(output, what);
	}

	if (status !== 0) {
		process.exitCode = 1;
		console.log(`FAILED ${file}\n${stderr}`);
	}
}

console.log(`${totals.pass} tests passed, ${totals.fail} failed, ${totals.skip} need threads`);
