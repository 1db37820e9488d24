// Tests binaries of `npm run build:cross` on their platforms, or in what imitates these here.
//
//     npm run test:cross -- linux-arm64-gnu                          the smoke program
//     npm run test:cross -- linux-x64-musl __test__/pool/run.test.js   these specs
//     npm run test:cross -- --suite linux-x64-musl                   all specs but those of left-out.mjs
//
// With `--here` the Node that runs this takes the place of the target's: for the target that this machine is.

import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {reasonFor} from './left-out.mjs';
import {runNode, startsProcesses} from './runners.mjs';
import {asked, binaryOf, root, targets} from './targets.mjs';

/** Milliseconds for a file. Emulators are slow. */
const TIMEOUT = 600_000;

const allSpecs = () =>
	readdirSync(path.join(root, '__test__'), {recursive: true})
		.filter(name => name.endsWith('.test.js'))
		.map(name => path.join('__test__', name))
		.sort();

/** Runs the specs one by one. Returns those that failed. */
const runSpecs = (target, specs) => {
	const failed = [];
	for (const spec of specs) {
		const {status, signal, output} = runNode(target, ['--test-reporter=tap', spec], TIMEOUT);
		const passed = status === 0 && !/^not ok/m.test(output);
		const counts = Object.fromEntries(
			[...output.matchAll(/^# (pass|fail|skipped) (\d+)$/gm)].map(([, key, value]) => [key, value]),
		);
		console.log(
			`${passed ? 'ok' : 'FAILED'}: ${spec}, ${counts.pass ?? 0} passed, ${counts.fail ?? 0} failed, ${counts.skipped ?? 0} skipped`,
		);
		if (!passed) {
			console.log(signal === null ? output : `${output}\nended by ${signal}`);
			failed.push(spec);
		}
	}

	return failed;
};

const runSuite = target => {
	const {name} = target;
	const canStart = startsProcesses(target);
	const specs = [];
	const leftOut = new Map();
	for (const spec of allSpecs()) {
		const reason = reasonFor(name, spec, canStart);
		if (reason === undefined) {
			specs.push(spec);
		} else {
			leftOut.set(reason, [...(leftOut.get(reason) ?? []), spec]);
		}
	}

	const failed = runSpecs(target, specs);
	for (const [reason, some] of leftOut) {
		console.log(`left out, as it ${reason}: ${some.join(' ')}`);
	}

	console.log(`${name}: ${specs.length - failed.length} files passed, ${failed.length} failed: ${failed.join(' ')}`);
	return failed.length === 0;
};

const test = (target, specs, isSuite) => {
	const {name} = target;
	const {runner} = targets[name];
	if (runner === undefined) {
		throw new Error(`nothing here runs programs for ${name}`);
	}

	const binary = binaryOf(name);
	if (!existsSync(binary)) {
		throw new Error(`there is no ${path.relative(root, binary)}. Build it: npm run build:cross -- ${name}`);
	}

	if (isSuite) {
		return runSuite(target);
	}

	if (specs.length > 0) {
		return runSpecs(target, specs).length === 0;
	}

	const {status, signal, output} = runNode(target, ['scripts/cross/smoke.cjs'], TIMEOUT);
	console.log(`${name}\n${output}${signal === null ? '' : `ended by ${signal}\n`}`);
	return status === 0;
};

const [, , ...args] = process.argv;
const specs = args.filter(arg => arg.endsWith('.test.js'));
const names = asked(args.filter(arg => !arg.startsWith('--') && !specs.includes(arg)));
const passed = names.map(name => test({name, here: args.includes('--here')}, specs, args.includes('--suite')));
process.exitCode = passed.every(Boolean) ? 0 : 1;
