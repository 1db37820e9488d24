// Runs the benchmarks, each as its own command does, and collects the JSON that they write.

import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {root} from '../shared/machine.mjs';
import {simulations, suites} from './parts.mjs';

/** Runs a command whose output is of no use; its progress and errors are shown. Returns whether it succeeded. */
const succeeds = (command, args) =>
	spawnSync(command, args, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']}).status === 0;

const readJson = file => {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
};

/** The command of a part of the report, which writes to a file. */
const commandOf = (name, kind, file) => {
	if (name in simulations) {
		const cargo = ['bench', '--locked', '--quiet', '--bench', name];
		return ['cargo', [...cargo, '--', '--json', file, ...(kind === 'smoke' ? ['--test'] : [])]];
	}

	const {folder, [kind]: args = []} = suites[name];
	return [process.execPath, [path.join(root, 'benches', folder, 'run.mjs'), '--json', file, ...args]];
};

/** Whether a kind of run has this part. */
const isIn = (name, kind) => name in simulations || kind === 'full' || suites[name][kind] !== undefined;

/** Measures the parts with these names: what each wrote, and a line for each that failed. */
export const measure = (names, kind) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-report-'));
	const runs = {};
	const failures = [];
	try {
		for (const name of names.filter(name => isIn(name, kind))) {
			console.log(`${name} ...`);
			const file = path.join(folder, `${name}.json`);
			const [command, args] = commandOf(name, kind, file);
			const isWell = succeeds(command, args);
			runs[name] = readJson(file);
			if (!isWell || runs[name] === undefined) {
				failures.push(`${name}: failed; \`${command === 'cargo' ? command : 'node'} ${args.join(' ')}\` tells why`);
			}
		}
	} finally {
		rmSync(folder, {recursive: true});
	}

	return {runs: Object.fromEntries(Object.entries(runs).filter(([, run]) => run !== undefined)), failures};
};
