// Runs one case: installs its packages, runs its workload with p-limit and with p-lanes, and compares.
//
// A case is an object:
// - `packages`: names and exact versions. The first one is the package that the case is about, and names the case.
// - `does`: what the workload does, for the table.
// - `steps`: the commands of the workload. Each is an array, or an object: `run` is the array, `status` the exit code that it has to end
//   with (default 0). A step with `lanesStatus` is a known difference: with p-lanes it has to end with that exit code, and its output is
//   not compared.
// - `files`: names and texts of the files that lie in the workload's folder before the first step.
// - `env`: what the steps have in their environment besides.
// - `scrub`: pairs of a pattern (with the flag `g`) and a text. They take out what two runs of one program differ in,
//   such as durations.
// - `sortLines`: whether the lines of the output come in any order.
// - `ignore`: patterns of files that are not compared.
// - `calls`: `'equal'` (the default) if both runs make the same number of calls, `'some'` if the number depends on timing,
//   `'none'` if the package loads p-limit and calls it in no run.
// - `node`: the lowest Node version that the packages take, if it is above the repository's.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {differences} from './compare.mjs';
import {counts, replace} from './stand-in.mjs';
import {runWorkload} from './workload.mjs';

/** Dependencies of the packages are installed as they were on this day, so that a later run installs the same. */
const BEFORE = '2026-11-28';

/** Installs the packages of a case, unless the folder has them from an earlier run. */
const install = (folder, packages) => {
	const manifest = `${JSON.stringify({private: true, dependencies: packages}, null, '\t')}\n`;
	const done = path.join(folder, 'installed.json');
	if (existsSync(done) && readFileSync(done, 'utf8') === manifest) {
		return;
	}

	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	writeFileSync(path.join(folder, 'package.json'), manifest);
	execFileSync(
		'npm',
		['install', `--before=${BEFORE}`, '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'],
		{
			cwd: folder,
			stdio: ['ignore', 'ignore', 'pipe'],
			encoding: 'utf8',
			shell: process.platform === 'win32',
		},
	);
	writeFileSync(done, manifest);
};

const runWith = (folder, one, lanes) => {
	const countFile = path.join(folder, 'counts');
	rmSync(countFile, {force: true});
	const versions = replace(path.join(folder, 'node_modules'), {lanes, countFile});
	let results;
	try {
		results = runWorkload(folder, one, lanes !== undefined);
	} catch (error) {
		throw new Error(`with ${lanes ? 'p-lanes' : 'p-limit'}: ${error.message}`, {cause: error});
	}

	return {versions, results, ...counts(countFile)};
};

/** Returns why the counts prove nothing, or are not the same in both runs. */
const wrongCounts = (own, lanes, expected = 'equal') => {
	if (lanes.loads === 0) {
		return ['p-lanes was not loaded'];
	}

	if (expected === 'none') {
		return own.calls === 0 && lanes.calls === 0 ? [] : ['calls were made, and the case says that there are none'];
	}

	if (lanes.calls === 0) {
		return ['p-lanes was not called'];
	}

	return expected === 'equal' && (own.calls !== lanes.calls || own.limits !== lanes.limits)
		? [`p-limit: ${own.limits} limits, ${own.calls} calls; p-lanes: ${lanes.limits} limits, ${lanes.calls} calls`]
		: [];
};

/** Counts the texts that are not empty, and not those of a file that the case brought. */
const madeBy = (results, {files = {}}) =>
	[...results].filter(([name, text]) => text !== '' && files[name.replace(/^file /, '')] !== text).length;

/**
 * @param {object} one the case
 * @param {{folder: string, lanes: string}} places `folder` takes the packages and the workload, `lanes` is the folder of p-lanes
 * @returns {{versions: string[], limits: number, calls: number, made: number, known: number, problems: string[]}} `made` counts
 * the outputs and files that the workload has made, `known` the known differences
 */
export const runCase = (one, {folder, lanes: lanesFolder}) => {
	if (one.packages) {
		install(folder, one.packages);
	}

	const own = runWith(folder, one);
	const lanes = runWith(folder, one, lanesFolder);
	const made = madeBy(own.results, one);
	return {
		versions: lanes.versions,
		limits: lanes.limits,
		calls: lanes.calls,
		made,
		known: one.steps.filter(step => step.lanesStatus !== undefined).length,
		problems: [
			...(made === 0 ? ['the workload made nothing that can be compared'] : []),
			...wrongCounts(own, lanes, one.calls),
			...differences(own.results, lanes.results),
		],
	};
};
