// `npm run bench`: measures, and writes the report: one page, and its data and charts beside it.

import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {root} from '../shared/machine.mjs';
import {choose} from '../shared/options.mjs';
import {drawAll} from './drawings.mjs';
import {measure} from './measure.mjs';
import {page} from './page.mjs';
import {inDocuments, names} from './parts.mjs';
import {standalone} from './svg.mjs';

const HELP = `npm run bench -- [options]

Measures p-lanes beside its peers, and writes a report: index.html, which needs nothing
beside it, with report.json and a folder svg of its charts. All of it takes about an
hour; let the machine do nothing else.

  --quick        under five minutes: some scenarios, few rounds (the Rust benchmarks must be built)
  --smoke        some seconds: shows that it works; the figures tell nothing
  --only a,b     only these: ${names.join(', ')}
  --out FOLDER   where the report goes (benches/report unless given)
  --from FILE    measure nothing, draw the report.json of an earlier run
  --docs         put the charts that the documents show into docs/ as well
  --help         this

Exits with 1 if something could not be measured.`;

const options = {
	quick: {type: 'boolean', default: false},
	smoke: {type: 'boolean', default: false},
	only: {type: 'string'},
	out: {type: 'string', default: path.join(root, 'benches/report')},
	from: {type: 'string'},
	docs: {type: 'boolean', default: false},
	help: {type: 'boolean', default: false},
};

const kindOf = ({quick, smoke}) => {
	if (quick && smoke) {
		throw new TypeError('--quick and --smoke exclude each other');
	}

	if (smoke) {
		return 'smoke';
	}

	return quick ? 'quick' : 'full';
};

const readArguments = () => {
	try {
		const {values} = parseArgs({options});
		return {...values, kind: kindOf(values), names: choose('only', values.only, names)};
	} catch (error) {
		console.error(`${error.message}\nSee npm run bench -- --help`);
		process.exit(1);
	}
};

const readReport = file => {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		console.error(`--from: can't read ${file}: ${error.message}`);
		process.exit(1);
	}
};

/** A report that was written before, or a new one. */
const obtain = ({from, names, kind}) => {
	if (from !== undefined) {
		return {report: readReport(from), failures: []};
	}

	const {runs, failures} = measure(names, kind);
	return {report: {date: new Date().toISOString(), kind, runs}, failures};
};

const writeDocuments = drawings => {
	for (const [file, name] of Object.entries(inDocuments)) {
		if (drawings[name] !== undefined) {
			const target = path.join(root, 'docs', file);
			mkdirSync(path.dirname(target), {recursive: true});
			writeFileSync(target, standalone(drawings[name]));
		}
	}
};

const write = (folder, report, drawings) => {
	const charts = path.join(folder, 'svg');
	rmSync(charts, {recursive: true, force: true});
	mkdirSync(charts, {recursive: true});
	for (const [name, svg] of Object.entries(drawings)) {
		writeFileSync(path.join(charts, `${name}.svg`), standalone(svg));
	}

	writeFileSync(path.join(folder, 'report.json'), `${JSON.stringify(report)}\n`);
	writeFileSync(path.join(folder, 'index.html'), page(report, drawings));
};

const given = readArguments();
if (given.help) {
	console.log(HELP);
} else {
	const {report, failures} = obtain(given);
	const drawings = drawAll(report.runs);
	write(given.out, report, drawings);
	if (given.docs) {
		writeDocuments(drawings);
	}

	console.log(`${path.join(given.out, 'index.html')}: ${Object.keys(drawings).length} charts`);
	for (const failure of failures) {
		console.error(failure);
	}

	process.exitCode = failures.length === 0 ? 0 : 1;
}
