// A small make: runs the commands of a build file, what a target needs first, and as many at once as there are cores.

import {exec} from 'node:child_process';
import {availableParallelism} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs, promisify} from 'node:util';
import pLimit from 'p-lanes';
import {readTargets} from './targets.mjs';

const USAGE = 'Usage: node build.mjs [--file build.json] [--jobs number] [target ...]';

const builder = (targets, folder, jobs) => {
	// With 'lend', a target that waits for others lends them its slot. Without it, the first targets would take all slots
	// and wait for ever: what they need would find none.
	const limit = pLimit({concurrency: jobs, nested: 'lend'});
	const outcomes = new Map();

	/** Builds a target, or joins the build of it that is under way. */
	const build = async name => {
		if (!outcomes.has(name)) {
			outcomes.set(name, await limit.once(name, make, name));
		}

		return outcomes.get(name);
	};

	/** Builds a target in a slot: 'built', 'failed' or 'left out'. It never rejects, so that other targets go on. */
	const make = async name => {
		const {needs, run} = targets.get(name);
		const needed = await Promise.all(needs.map(build));
		const missing = needs.filter((_, index) => needed[index] !== 'built');
		if (missing.length > 0) {
			console.error(`left out: ${name} (it needs ${missing.join(', ')})`);
			return 'left out';
		}

		try {
			await promisify(exec)(run, {cwd: folder});
			console.log(`built: ${name}`);
			return 'built';
		} catch (error) {
			console.error(`failed: ${name}: ${error.message}`); // the command, and what it printed
			return 'failed';
		}
	};

	return build;
};

const main = async () => {
	const {values, positionals} = parseArgs({
		options: {
			file: {type: 'string', default: 'build.json'},
			jobs: {type: 'string', default: String(availableParallelism())},
		},
		allowPositionals: true,
	});
	const jobs = Number(values.jobs);
	if (!Number.isInteger(jobs) || jobs < 1) {
		throw new Error(`--jobs must be a whole number from 1, got '${values.jobs}'`);
	}

	const targets = await readTargets(values.file);
	const unknown = positionals.find(name => !targets.has(name));
	if (unknown !== undefined) {
		throw new Error(`'${unknown}' is no target; there are ${[...targets.keys()].join(', ')}`);
	}

	const build = builder(targets, path.dirname(path.resolve(values.file)), jobs);
	const wanted = positionals.length > 0 ? positionals : [...targets.keys()];
	const outcomes = await Promise.all(wanted.map(build));
	process.exitCode = outcomes.every(outcome => outcome === 'built') ? 0 : 1;
};

main().catch(error => {
	console.error(`${error.message}\n${USAGE}`);
	process.exitCode = 2;
});
