// The benchmark of the limiter: round after round, every scenario with every peer that can do it, each
// sample in a child process of its own.

import {execFile} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {availableParallelism, cpus, loadavg} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {Figures} from './figures.mjs';
import {createFiles} from './files.mjs';
import {readOptions} from './options.mjs';
import {peers} from './peers.mjs';
import {markdownReport, textReport} from './report.mjs';
import {scenarios} from './scenarios.mjs';
import {judge} from './targets.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const child = fileURLToPath(new URL('child.mjs', import.meta.url));
const CHILD_TIMEOUT = 120_000;

const execute = promisify(execFile);

const options = readOptions({scenarios: Object.keys(scenarios), peers: Object.keys(peers)});

/** The sizes of each scenario in this run. */
const sizes = Object.fromEntries(
	Object.entries(scenarios).map(([name, {size, quick}]) => [name, options.quick ? quick : size]),
);

const roundsOf = ({rounds}) => options.rounds ?? (options.quick ? 1 : rounds);

/** The peers that can do a scenario; each round begins with another one. */
const peersInRound = (operation, round) => {
	const able = options.peers.filter(peer => operation in peers[peer]);
	const first = round % Math.max(able.length, 1);
	return [...able.slice(first), ...able.slice(0, first)];
};

function* plan() {
	const most = Math.max(...options.scenarios.map(name => roundsOf(scenarios[name])));
	for (let round = 0; round < most; round++) {
		for (const scenario of options.scenarios.filter(name => round < roundsOf(scenarios[name]))) {
			for (const peer of peersInRound(scenarios[scenario].operation, round)) {
				yield {scenario, peer, round};
			}
		}
	}
}

const takeSample = async ({scenario, peer}, folder) => {
	const size = {...sizes[scenario], folder};
	const commission = JSON.stringify({scenario, peer, size});
	const {stdout} = await execute(process.execPath, ['--expose-gc', child, commission], {timeout: CHILD_TIMEOUT});
	const metrics = JSON.parse(stdout);
	if (!Object.values(metrics).every(value => Number.isFinite(value))) {
		throw new TypeError(`no number in ${stdout}`);
	}

	return metrics;
};

const showProgress = text => {
	if (process.stderr.isTTY) {
		process.stderr.write(`\r\u001B[K${text}`);
	}
};

const versionOf = peer => {
	const folder = peer === 'p-lanes' ? root : path.join(root, 'node_modules', peer);
	return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
};

const describeMachine = () => ({
	node: process.versions.node,
	cpu: cpus()[0]?.model ?? 'unknown processor',
	cores: availableParallelism(),
	load: loadavg()[0],
});

const save = (file, run) => {
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, `${JSON.stringify(run, undefined, '\t')}\n`);
};

process.once('SIGINT', () => {
	process.exit(130);
});

// Before the run itself loads it.
const machine = describeMachine();

const folder = createFiles(sizes.files.files);
const samples = [];
const failures = [];
const steps = [...plan()];
for (const [index, step] of steps.entries()) {
	const {scenario, peer, round} = step;
	const name = `round ${round + 1}, ${scenario}, ${peer}`;
	showProgress(`${index + 1} of ${steps.length}: ${name}`);
	try {
		samples.push({...step, metrics: await takeSample(step, folder)});
	} catch (error) {
		failures.push(`${name}: ${error.stderr || error.message}`);
	}
}

showProgress('');

for (const scenario of options.scenarios) {
	if (!steps.some(step => step.scenario === scenario)) {
		failures.push(`${scenario}: none of these peers can do it`);
	}
}

const figures = new Figures(samples);
const judged = options.quick ? undefined : judge(figures);
const report = options.markdown ? markdownReport : textReport;
console.log(report({machine, figures, sizes, names: options.scenarios, judged}));

const file = options.json ?? (options.quick ? undefined : path.join(root, 'bench-results', 'limit.json'));
if (file) {
	const versions = Object.fromEntries(
		options.peers.filter(peer => peer !== 'floor' && peer !== 'p-limit-alone').map(peer => [peer, versionOf(peer)]),
	);
	save(file, {date: new Date().toISOString(), machine, versions, sizes, targets: judged, samples});
}

for (const failure of failures) {
	console.error(failure);
}

process.exitCode = failures.length === 0 ? 0 : 1;
