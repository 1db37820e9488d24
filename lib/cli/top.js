'use strict';

// `p-lanes top`: the limits and pools of a running process in this terminal, by the dashboard of that process.

const process = require('node:process');
const {URL} = require('node:url');
const {samplesOf} = require('../live/remote.js');
const {openLines, openScreen} = require('../live/screen.js');
const {UsageError} = require('./usage-error.js');

const summary = 'shows what the limits and pools of a running process do';

const usage = `Usage: p-lanes top <url> [options]

Shows the slots, lanes, waits and threads of a running process, once a second. The
process has to have a dashboard (p-lanes/dashboard), and the URL is that of its page:

  p-lanes top http://127.0.0.1:9464

In a terminal it is a picture, which Ctrl-C ends; elsewhere lines. NO_COLOR is
respected.

  --once   print what happens in one interval, as lines, and end
  --help   this`;

const options = {once: {type: 'boolean', default: false}};

const readUrl = given => {
	if (URL.canParse(given) && new URL(given).protocol === 'http:') {
		return given;
	}

	throw new UsageError(
		`p-lanes top takes the URL of a dashboard, such as http://127.0.0.1:9464, got '${given}'\nSee p-lanes top --help`,
	);
};

const fail = (screen, message) => {
	screen.stop();
	process.stderr.write(`${message}\n`);
	return 1;
};

const run = async ({once}, positionals) => {
	if (positionals.length !== 1) {
		throw new UsageError(`p-lanes top takes one URL, got ${positionals.length}\nSee p-lanes top --help`);
	}

	const url = readUrl(positionals[0]);
	const screen = once ? openLines(process.stdout) : openScreen(process.stdout);
	try {
		let isFirst = true;
		for await (const sample of samplesOf(url)) {
			// The first sample has nothing before it to tell rates and waits from.
			if (once && !isFirst) {
				screen.show(sample);
				return 0;
			}

			if (!once) {
				screen.show(sample);
			}

			isFirst = false;
		}
	} catch (error) {
		return fail(screen, `p-lanes top: ${url}: ${error.message || error.code}`);
	}

	return fail(screen, `p-lanes top: ${url} has closed the connection`);
};

module.exports = {summary, usage, options, run};
