// Runs real packages that use p-limit, once with p-limit and once with p-lanes in its place, and compares the results.
//
//     npm run test:downstream [-- --only NAME] [--folder DIR] [--table]
//
// --only NAME     only the cases whose name (`p-locate@7.0.0`) begins with NAME; may be given several times
// --folder DIR    installs into DIR and keeps it, so that the next run does not install again
// --p-limit REPO  runs the test suites in a clone of p-limit's repository instead
// --table         prints the rows of the table in docs/compatibility.md
//
// The exit code is 1 if a result differs, if a workload fails, or if p-lanes was not called.

import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {runCase} from './case.mjs';
import {suitesOf} from './suites.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const casesFolder = new URL('cases/', import.meta.url);

const {values: options} = parseArgs({
	options: {
		only: {type: 'string', multiple: true, default: []},
		folder: {type: 'string'},
		'p-limit': {type: 'string'},
		table: {type: 'boolean', default: false},
	},
});

const [major, minor] = process.versions.node.split('.').map(Number);
const isTooOld = node => {
	const [neededMajor, neededMinor = 0] = `${node}`.split('.').map(Number);
	return major < neededMajor || (major === neededMajor && minor < neededMinor);
};

const loadCases = async () => {
	const files = readdirSync(casesFolder).filter(name => name.endsWith('.mjs'));
	const modules = await Promise.all(files.sort().map(name => import(new URL(name, casesFolder))));
	return modules.flatMap(module => module.default);
};

/** The first package of a case and its version. */
const nameOf = ({packages}) => Object.entries(packages)[0].join('@');

const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

const line = ({does}, name, ...cells) => {
	console.log(
		options.table ? `| ${[name, does, ...cells].join(' | ')} |` : `${name}: ${cells.filter(Boolean).join(', ')}`,
	);
};

const folder = options.folder ? path.resolve(options.folder) : mkdtempSync(path.join(tmpdir(), 'p-lanes-downstream-'));

const run = one => {
	const name = nameOf(one);
	if (one.node && isTooOld(one.node)) {
		line(one, name, '', '', `skipped, needs Node ${one.node}`);
		return true;
	}

	const place = path.join(folder, name.replaceAll(/[^\w.-]+/g, '-'));
	let outcome;
	try {
		outcome = runCase(one, {folder: place, lanes: root});
	} catch (error) {
		line(one, name, '', '', 'FAILED');
		console.error(error.stderr ?? error.message);
		return false;
	} finally {
		if (!options.folder) {
			rmSync(place, {recursive: true, force: true});
		}
	}

	const {versions, limits, calls, made, known, problems} = outcome;
	const same = `same (${plural(made, 'output')})${known > 0 ? ` but for ${plural(known, 'known difference')}` : ''}`;
	line(
		one,
		name,
		`p-limit ${versions.join(' and ')}`,
		calls === 0 ? 'loaded, no calls' : `${plural(calls, 'call')} of ${plural(limits, 'limit')}`,
		problems.length === 0 ? same : 'DIFFERENT',
	);
	for (const problem of problems) {
		console.error(`  ${problem}`);
	}

	return problems.length === 0;
};

const allCases = options['p-limit'] ? suitesOf(path.resolve(options['p-limit'])) : await loadCases();
const cases = allCases.filter(
	one => options.only.length === 0 || options.only.some(wanted => nameOf(one).startsWith(wanted)),
);
if (cases.length === 0) {
	console.error(`no case is named ${options.only.join(' or ')}`);
	process.exit(1);
}

let failed = 0;
for (const one of cases) {
	failed += run(one) ? 0 : 1;
}

if (!options.folder) {
	rmSync(folder, {recursive: true, force: true});
}

console.log(`\nNode ${process.versions.node}: ${plural(cases.length, 'case')}, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
