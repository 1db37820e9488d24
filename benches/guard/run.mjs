// A guard against regressions: counts the instructions of the hottest paths, and fails if one is above its budget.
//
//     npm run bench:guard [-- options]; --help lists them
//
// A count does not depend on how busy the machine is, so that CI may judge it. How it is taken: `measure.mjs`.

import {execFileSync} from 'node:child_process';
import {availableParallelism} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import Table from 'cli-table3';
import {binaryOf, LINES} from '../../scripts/nodes.mjs';
import {root} from '../shared/machine.mjs';
import {budgetOf, toleranceOf, updateBudget} from './budget.mjs';
import {checkValgrind, folderOf, measure} from './measure.mjs';
import {paths} from './paths.mjs';

const HELP = `Counts instructions of the hottest paths, and fails if one is above its budget.

npm run bench:guard -- [options]

  --update     write the counts as the new budget (benches/guard/budget.json); commit it with the change that explains it
  --path a,b   only these: ${Object.keys(paths).join(', ')}
  --node LINE  the line of Node to run: ${LINES.join(', ')} (24 unless given)
  --help       this

It needs valgrind, and Linux. Budgets are those of the addon that \`npm install\` builds. Exits with 1 when a path is above its budget by more
than the tolerance, or has none.`;

const readOptions = () => {
	const {values} = parseArgs({
		options: {
			update: {type: 'boolean', default: false},
			path: {type: 'string'},
			node: {type: 'string', default: '24'},
			help: {type: 'boolean', default: false},
		},
	});
	const names = values.path?.split(',') ?? Object.keys(paths);
	const stranger = names.find(name => !Object.hasOwn(paths, name));
	if (stranger !== undefined) {
		throw new TypeError(`--path does not know '${stranger}', only ${Object.keys(paths).join(', ')}`);
	}

	if (!LINES.includes(values.node)) {
		throw new TypeError(`--node does not know '${values.node}', only ${LINES.join(', ')}`);
	}

	return {...values, names};
};

/** Runs all paths, as many at once as there are cores. If one fails, the others end, too. */
const measureAll = async (names, node) => {
	const measured = {};
	const queue = [...names];
	const controller = new AbortController();
	const work = async () => {
		for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
			measured[name] = await measure(name, node, controller.signal);
		}
	};
	try {
		await Promise.all(Array.from({length: Math.min(availableParallelism(), names.length)}, work));
	} finally {
		queue.length = 0;
		controller.abort();
	}

	return measured;
};

const whole = value => value.toLocaleString('en', {maximumFractionDigits: 0});

const verdict = (ratio, tolerance) => {
	if (ratio === undefined) {
		return 'has no budget';
	}

	if (ratio > 1 + tolerance) {
		return 'above its budget';
	}

	return ratio < 1 - tolerance ? 'below: --update lowers the budget' : '';
};

const tableOf = rows => {
	const table = new Table({
		head: ['path', 'instructions per operation', 'of a part, least–greatest', 'budget', 'ratio', ''],
		colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
		style: {head: [], border: [], compact: true},
	});
	for (const {name, counts, budget, ratio, verdict} of rows) {
		table.push([
			`${name}: ${paths[name].title}`,
			whole(counts.median),
			`${whole(counts.least)}–${whole(counts.greatest)}`,
			budget === undefined ? '–' : whole(budget),
			ratio === undefined ? '–' : ratio.toFixed(3),
			verdict,
		]);
	}

	return table.toString();
};

const main = async () => {
	const {update, node: line, help, names} = readOptions();
	if (help) {
		console.log(HELP);
		return true;
	}

	await checkValgrind();
	const binary = binaryOf(line);
	const version = execFileSync(binary, ['--version'], {encoding: 'utf8'}).trim().slice(1);
	const budget = budgetOf(line);
	const tolerance = toleranceOf();
	const measured = await measureAll(names, binary);
	const rows = names.map(name => {
		const ratio = budget.paths[name] && measured[name].median / budget.paths[name];
		return {
			name,
			counts: measured[name],
			budget: budget.paths[name],
			ratio,
			verdict: verdict(ratio, tolerance),
			isMet: ratio <= 1 + tolerance,
		};
	});
	const from = budget.node === undefined || budget.node === version ? '' : `, budget measured with ${budget.node}`;
	console.log(`Node ${version}${from}; tolerance ${(tolerance * 100).toFixed(0)} %.\n${tableOf(rows)}`);
	if (update) {
		updateBudget(line, version, Object.fromEntries(names.map(name => [name, Math.round(measured[name].median)])));
		console.log('benches/guard/budget.json is updated.');
		return true;
	}

	const [worst] = rows.filter(({isMet}) => !isMet);
	if (worst) {
		const dump = path.relative(root, path.join(folderOf(worst.name), 'callgrind.2-01'));
		console.error(
			`Where the instructions go: callgrind_annotate ${dump}\nIf they are worth it: npm run bench:guard -- --update`,
		);
	}

	return worst === undefined;
};

try {
	process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
	console.error(error.stderr || error.message);
	process.exitCode = 1;
}
