'use strict';

// `p-lanes bench`: p-lanes beside the limiters that are installed where it is called.

const {writeFileSync} = require('node:fs');
const process = require('node:process');
const {findPeers} = require('./bench/peers.js');
const {measure} = require('./bench/measure.js');
const {page} = require('./bench/page.js');
const {scenarios} = require('./bench/scenarios.js');
const {textReport} = require('./bench/text.js');
const {UsageError} = require('./usage-error.js');

const summary = 'compares p-lanes with the limiters that are installed here';

const MAX_ROUNDS = 100;

const usage = `Usage: p-lanes bench [options]

Measures p-lanes beside no limiter and beside those of p-limit, p-queue, fastq, async-sema,
throat and p-map that are installed in this folder or above it. Takes about half a minute;
let the machine do nothing else meanwhile. Shorter times are better.

  --scenario a,b  only these: ${Object.keys(scenarios).join(', ')}
  --rounds N      samples of each, 1 to ${MAX_ROUNDS} (default 3); each in a process of its own
  --html FILE     write a page with charts as well
  --help          this

Exits with 1 if a sample fails. The whole comparison is \`npm run bench\` in the repository.`;

const options = {
	scenario: {type: 'string'},
	rounds: {type: 'string', default: '3'},
	html: {type: 'string'},
};

const readRounds = given => {
	const rounds = Number(given);
	if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS)) {
		throw new UsageError(`--rounds must be a whole number from 1 to ${MAX_ROUNDS}, got '${given}'`);
	}

	return rounds;
};

const readScenarios = given => {
	const names = Object.keys(scenarios);
	const wanted = given === undefined ? names : given.split(',').map(name => name.trim());
	const stranger = wanted.find(name => !names.includes(name));
	if (stranger !== undefined) {
		throw new UsageError(`--scenario does not know '${stranger}', only ${names.join(', ')}`);
	}

	return names.filter(name => wanted.includes(name));
};

const write = (file, text, options) => {
	try {
		writeFileSync(file, text, options);
	} catch (error) {
		throw new UsageError(`--html: can't write ${file}: ${error.message}`);
	}
};

const showProgress = text => {
	if (process.stderr.isTTY) {
		process.stderr.write(`\r\u001B[K${text}`);
	}
};

const run = async ({scenario, rounds: givenRounds, html}, positionals) => {
	if (positionals.length > 0) {
		throw new UsageError(`p-lanes bench takes options alone, got '${positionals[0]}'\nSee p-lanes bench --help`);
	}

	const rounds = readRounds(givenRounds);
	const wanted = readScenarios(scenario);
	if (html === '') {
		throw new UsageError('--html needs the name of a file');
	}

	// Before anything is measured: half a minute would be lost. An earlier page stays until there is a new one.
	if (html !== undefined) {
		write(html, '', {flag: 'a'});
	}

	const peers = findPeers(process.cwd());
	const {results, failures} = await measure(peers, wanted, rounds, showProgress);
	showProgress('');
	process.stdout.write(textReport(peers, results, rounds));
	if (html !== undefined) {
		write(html, page(peers, results, rounds));
		process.stdout.write(`\nWritten: ${html}\n`);
	}

	for (const failure of failures) {
		process.stderr.write(`${failure}\n`);
	}

	return failures.length === 0 ? 0 : 1;
};

module.exports = {summary, usage, options, run};
