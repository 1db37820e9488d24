// A benchmark: round after round, every scenario with every peer that can do it, each sample in a child
// process of its own.
//
// What a suite has:
//
// | key | is |
// |---|---|
// | `name` | its name, as in `npm run bench:NAME` |
// | `peers`, `scenarios`, `targets` | what is compared, doing what, to reach what |
// | `reference` | the peer that ratios are to, where a scenario has none of its own |
// | `titles` | how peers are called in the tables, where that is not their name |
// | `text` | sentences for the help and the report |
// | `child` | the file that takes a sample |
// | `env` | variables of a child's environment, if any |
// | `prepare` | `sizes => more for the size of every sample`, if anything |
//
// A peer may say what it lacks: `lack(operation)` gives a note, or nothing where it can do it.

import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {Figures} from './figures.mjs';
import {describeMachine, root, versionOf} from './machine.mjs';
import {readOptions} from './options.mjs';
import {plan} from './plan.mjs';
import {markdownReport, textReport} from './report.mjs';
import {takeSample} from './sample.mjs';
import {judge} from './targets.mjs';

const showProgress = text => {
	if (process.stderr.isTTY) {
		process.stderr.write(`\r\u001B[K${text}`);
	}
};

const save = (file, run) => {
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, `${JSON.stringify(run, undefined, '\t')}\n`);
};

/** Takes all samples: those that were taken, and a line for each that failed. */
const takeAll = async (suite, steps, sizes) => {
	const more = suite.prepare?.(sizes);
	const samples = [];
	const failures = [];
	for (const [index, step] of steps.entries()) {
		const {scenario, peer, round} = step;
		const name = `round ${round + 1}, ${scenario}, ${peer}`;
		showProgress(`${index + 1} of ${steps.length}: ${name}`);
		try {
			const commission = {scenario, peer, size: {...sizes[scenario], ...more}};
			samples.push({...step, ...(await takeSample(suite.child, commission, suite.env))});
		} catch (error) {
			failures.push(`${name}: ${error.stderr || error.message}`);
		}
	}

	showProgress('');
	return {samples, failures};
};

/** The peers that can do each scenario, and notes on what one cannot do yet. */
const findAble = ({peers, scenarios}, options) => {
	const notes = new Set();
	const able = Object.fromEntries(
		options.scenarios.map(name => {
			const {operation} = scenarios[name];
			return [
				name,
				options.peers.filter(peer => {
					const note = peers[peer].lack?.(operation);
					if (note) {
						notes.add(note);
					}

					return operation in peers[peer] && !note;
				}),
			];
		}),
	);
	return {able, notes: [...notes]};
};

/** Runs a suite as the command line says, reports, and sets the exit code. */
export const runSuite = async suite => {
	const {peers, scenarios} = suite;
	const options = readOptions(suite);

	process.once('SIGINT', () => {
		process.exit(130);
	});

	// Before the run itself loads it.
	const machine = describeMachine();

	/** The sizes of each scenario in this run. */
	const sizes = Object.fromEntries(
		Object.entries(scenarios).map(([name, {size, quick}]) => [name, options.quick ? quick : size]),
	);
	const {able, notes} = findAble(suite, options);
	const steps = [
		...plan({
			scenarios: options.scenarios,
			roundsOf: name => options.rounds ?? (options.quick ? 1 : scenarios[name].rounds),
			peersFor: name => able[name],
		}),
	];
	const {samples, failures} = await takeAll(suite, steps, sizes);
	for (const scenario of options.scenarios.filter(name => able[name].length === 0)) {
		failures.push(`${scenario}: none of these peers can do it`);
	}

	const figures = new Figures(samples);
	const judged = options.quick ? undefined : judge(suite.targets, figures);
	const report = options.markdown ? markdownReport : textReport;
	console.log(report(suite, {machine, notes, figures, sizes, names: options.scenarios, judged}));

	const file = options.json ?? (options.quick ? undefined : path.join(root, 'bench-results', `${suite.name}.json`));
	if (file) {
		const packages = options.peers.filter(peer => peers[peer].isPackage ?? true);
		const versions = Object.fromEntries(packages.map(peer => [peer, versionOf(peer)]));
		save(file, {date: new Date().toISOString(), machine, versions, sizes, targets: judged, samples});
	}

	for (const failure of failures) {
		console.error(failure);
	}

	process.exitCode = failures.length === 0 ? 0 : 1;
};
