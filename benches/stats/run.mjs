// What the statistics cost a no-op call: the addon beside one built without them, in interleaved child processes.
//
//     npm run bench:stats [-- ROUNDS]

import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdirSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import Table from 'cli-table3';

const root = fileURLToPath(new URL('../..', import.meta.url));
const child = fileURLToPath(new URL('child.mjs', import.meta.url));
const rounds = Number(process.argv[2] ?? 15);

const library = {win32: 'p_lanes.dll', darwin: 'libp_lanes.dylib'}[process.platform] ?? 'libp_lanes.so';

/** Builds the addon with these compiler flags, in a target folder of its own. */
const build = (name, flags) => {
	const target = path.join(root, 'target', `stats-${name}`);
	execFileSync('cargo', ['build', '--release', '--locked', '--features', 'node', '--target-dir', target], {
		cwd: root,
		stdio: ['ignore', 'ignore', 'inherit'],
		env: {...process.env, RUSTFLAGS: flags},
	});
	const folder = path.join(root, 'bench-results');
	mkdirSync(folder, {recursive: true});
	const addon = path.join(folder, `${name}.node`);
	copyFileSync(path.join(target, 'release', library), addon);
	return addon;
};

const addons = {with: build('with', ''), without: build('without', '--cfg p_lanes_no_stats')};

const sample = addon =>
	JSON.parse(
		execFileSync(process.execPath, [child], {
			encoding: 'utf8',
			env: {...process.env, P_LANES_BINARY: addon},
		}),
	);

const samples = {with: [], without: []};
for (let round = 0; round < rounds; round++) {
	for (const name of round % 2 ? ['with', 'without'] : ['without', 'with']) {
		samples[name].push(sample(addons[name]));
	}
}

const quantile = (values, at) => values.toSorted((a, b) => a - b)[Math.floor(at * (values.length - 1))];

const table = new Table({
	head: ['no-op calls', 'with, ns', 'without, ns', 'with / without', 'middle half of the rounds'],
	style: {head: [], border: []},
});
const {version} = createRequire(import.meta.url)('../../package.json');
for (const scenario of Object.keys(samples.with[0])) {
	const of = name => samples[name].map(each => each[scenario]);
	const ratios = of('with').map((value, round) => value / of('without')[round]);
	table.push([
		scenario,
		quantile(of('with'), 0.5).toFixed(0),
		quantile(of('without'), 0.5).toFixed(0),
		quantile(ratios, 0.5).toFixed(3),
		`${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)}`,
	]);
}

console.log(table.toString());
console.log(`p-lanes ${version}, Node ${process.versions.node}, ${rounds} rounds`);
