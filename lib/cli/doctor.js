'use strict';

// `p-lanes doctor`: what was loaded, on what, and whether it works.

const process = require('node:process');
const {describe} = require('./doctor/describe.js');
const {examine} = require('./doctor/examine.js');
const {textReport} = require('./doctor/report.js');
const {tests: checks} = require('./doctor/tests.js');
const {UsageError} = require('./usage-error.js');

const summary = 'tells which binary was loaded, on which system, and whether it works';

const usage = `Usage: p-lanes doctor [options]

Tells which binary was loaded and from where, the processor, its features and the
threads that this process may use, Node and the C library; then tests a limit, the
lanes, a rate, a kernel and a pool. Takes less than two seconds.

  --json   print the same as JSON, for a bug report
  --help   this

Exits with 1 if a test fails, and says what to do about it.`;

const options = {json: {type: 'boolean', default: false}};

const run = async ({json}, positionals) => {
	if (positionals.length > 0) {
		throw new UsageError(`p-lanes doctor takes options alone, got '${positionals[0]}'\nSee p-lanes doctor --help`);
	}

	const tests = await examine(checks);
	const report = {...describe(), tests};
	process.stdout.write(json ? `${JSON.stringify(report, undefined, '\t')}\n` : textReport(report));
	return tests.every(({passed}) => passed) ? 0 : 1;
};

module.exports = {summary, usage, options, run};
