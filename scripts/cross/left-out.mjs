// The specs that do not run under an emulator, and why. What is not listed runs.

import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {root, targets} from './targets.mjs';

/** For all targets: these are about the checkout and its tools, and not about the addon. */
const CHECKOUT = {
	'__test__/binary.test.js': 'loads other binaries than the one that is tested',
	'__test__/layout.test.js': 'reads sources',
	'__test__/downstream.test.js': 'tests scripts of the checkout',
	'__test__/report.test.js': 'tests scripts of the checkout',
	'__test__/demo.test.js': 'tests scripts of the checkout',
};

/** For the runner of a target. */
const EMULATED = {
	wine: {},
	'qemu-aarch64': {},
	'qemu-x86_64': {},
	direct: {},
};

/** Returns whether a spec, or a file beside it that it needs, starts processes. */
const startsProcesses = (spec, seen = new Set()) => {
	const file = path.join(root, spec);
	if (seen.has(file) || !existsSync(file)) {
		return false;
	}

	seen.add(file);
	const source = readFileSync(file, 'utf8');
	return (
		source.includes('node:child_process') ||
		[...source.matchAll(/require\('(\.[^']*)'\)/g)].some(([, name]) => {
			const needed = path.join(path.dirname(spec), name);
			return needed.startsWith('__test__') && startsProcesses(needed.endsWith('.js') ? needed : `${needed}.js`, seen);
		})
	);
};

/** Returns why a spec is left out for a target, or nothing. */
export const reasonFor = (name, spec, canStart) =>
	CHECKOUT[spec] ??
	EMULATED[targets[name].runner][spec] ??
	(!canStart && startsProcesses(spec) ? 'starts processes, which the emulator here does not' : undefined);
