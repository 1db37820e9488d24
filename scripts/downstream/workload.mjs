// Runs the workload of a case in a new folder, and collects what can be compared: the output of each
// step, and the content of each file that is there at the end.

import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** Milliseconds for a step. A step that takes longer hangs. */
const STEP_TIMEOUT = 300_000;

/** Folders that a workload leaves and that are not its result. */
const NO_RESULT = new Set(['node_modules', '.git']);

/** The environment of the steps: no colours, no questions, and nothing of the npm run that started this. */
const environment = folder => {
	const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD$)/i.test(name));
	return {
		...Object.fromEntries(kept),
		PATH: [path.join(folder, 'node_modules/.bin'), path.dirname(process.execPath), process.env.PATH].join(
			path.delimiter,
		),
		HOME: path.join(folder, 'home'),
		CI: 'true',
		NO_COLOR: '1',
		FORCE_COLOR: '0',
		TZ: 'UTC',
		ASTRO_TELEMETRY_DISABLED: '1',
		GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
		GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
		GIT_CONFIG_COUNT: '3',
		GIT_CONFIG_KEY_0: 'user.name',
		GIT_CONFIG_VALUE_0: 'downstream',
		GIT_CONFIG_KEY_1: 'user.email',
		GIT_CONFIG_VALUE_1: 'downstream@example.com',
		GIT_CONFIG_KEY_2: 'init.defaultBranch',
		GIT_CONFIG_VALUE_2: 'main',
	};
};

const lastLines = text => (text ?? '').trimEnd().split('\n').slice(-30).join('\n');

const writeFiles = (folder, files) => {
	for (const [name, text] of Object.entries(files)) {
		const file = path.join(folder, name);
		mkdirSync(path.dirname(file), {recursive: true});
		writeFileSync(file, text);
	}
};

/** What Node's own warnings begin with. */
const PROCESS_ID = [/\(node:\d+\)/g, '(node:PID)'];

const scrubbed = (text, rules) =>
	rules.reduce((rest, [pattern, replacement]) => rest.replaceAll(pattern, replacement), text);

/** Yields the paths of all files below `folder`, relative to it. */
function* filesBelow(folder, prefix = '') {
	for (const entry of readdirSync(path.join(folder, prefix), {withFileTypes: true})) {
		const name = path.posix.join(prefix, entry.name);
		if (entry.isFile()) {
			yield name;
		} else if (entry.isDirectory() && !NO_RESULT.has(entry.name)) {
			yield* filesBelow(folder, name);
		}
	}
}

/** Runs one step. Returns its exit code and output. Throws if it ends with another code than the case expects. */
const runStep = ({run: [program, ...args], status: expected = 0}, {cwd, env}) => {
	const {status, signal, stdout, stderr, error} = spawnSync(program, args, {
		cwd,
		env,
		encoding: 'utf8',
		timeout: STEP_TIMEOUT,
		maxBuffer: 2 ** 28,
	});
	if (!error && status === expected) {
		return {stdout, stderr};
	}

	const end = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}, expected ${expected}`);
	throw new Error(`${[program, ...args].join(' ')}: ${end}\n${lastLines(stdout)}\n${lastLines(stderr)}`);
};

/**
 * Runs all steps of a case in `folder/work`.
 *
 * @param {string} folder
 * @param {object} one the case
 * @param {boolean} isLanes whether p-lanes is in the place of p-limit
 * @returns {Map<string, string>} what is compared, by name
 */
export const runWorkload = (folder, one, isLanes) => {
	const {files = {}, steps, scrub = [], ignore = [], env = {}, sortLines = false} = one;
	const cwd = path.join(folder, 'work');
	rmSync(cwd, {recursive: true, force: true});
	mkdirSync(cwd, {recursive: true});
	mkdirSync(path.join(folder, 'home'), {recursive: true});
	writeFiles(cwd, files);

	const shown = text => {
		const rest = scrubbed(text, [PROCESS_ID, ...scrub]);
		return sortLines ? rest.split('\n').sort().join('\n') : rest;
	};

	const results = new Map();
	for (const [index, given] of steps.entries()) {
		const step = Array.isArray(given) ? {run: given} : given;
		const differs = step.lanesStatus !== undefined;
		const status = isLanes && differs ? step.lanesStatus : step.status;
		const {stdout, stderr} = runStep({...step, status}, {cwd, env: {...environment(folder), ...env}});
		if (!differs) {
			results.set(`step ${index + 1}, stdout`, shown(stdout));
			results.set(`step ${index + 1}, stderr`, shown(stderr));
		}
	}

	for (const name of [...filesBelow(cwd)].sort()) {
		if (!ignore.some(pattern => pattern.test(name))) {
			// Latin-1 keeps each byte.
			results.set(`file ${name}`, scrubbed(readFileSync(path.join(cwd, name), 'latin1'), scrub));
		}
	}

	return results;
};
