// What the command line takes.

import {parseArgs} from 'node:util';

const NAMES_PER_LINE = 6;

/** Names after commas, in lines below each other. */
const listed = names => {
	const lines = [];
	for (let index = 0; index < names.length; index += NAMES_PER_LINE) {
		lines.push(names.slice(index, index + NAMES_PER_LINE).join(', '));
	}

	return lines.join(`,\n${' '.repeat(20)}`);
};

const help = ({name, scenarios, peers, text}) => `${text.purpose}

npm run bench:${name} -- [options]

  --rounds N        samples of each scenario and peer (${text.rounds})
  --scenario a,b    only these: ${listed(Object.keys(scenarios))}
  --peer a,b        only these: ${listed(Object.keys(peers))}
  --quick           a smoke run: every scenario and peer once, with small sizes and no verdict
  --json FILE       where the samples go (bench-results/${name}.json unless given, nowhere with --quick)
  --markdown        print the targets and an overview as Markdown
  --help            this

${text.ratios} Exits with 1 when a sample fails, or when a
peer's results are wrong; whether the targets are reached does not matter.`;

const options = {
	rounds: {type: 'string'},
	scenario: {type: 'string'},
	peer: {type: 'string'},
	quick: {type: 'boolean', default: false},
	json: {type: 'string'},
	markdown: {type: 'boolean', default: false},
	help: {type: 'boolean', default: false},
};

/** The names asked for, in the order in which they are known. */
export const choose = (option, given, known) => {
	if (given === undefined) {
		return known;
	}

	const wanted = given.split(',').map(name => name.trim());
	const stranger = wanted.find(name => !known.includes(name));
	if (stranger !== undefined) {
		throw new TypeError(`--${option} does not know '${stranger}', only ${known.join(', ')}`);
	}

	return known.filter(name => wanted.includes(name));
};

const readRounds = given => {
	const rounds = Number(given);
	if (given !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
		throw new TypeError(`--rounds must be a whole number from 1, got '${given}'`);
	}

	return given === undefined ? undefined : rounds;
};

/** The options of a suite's run; ends the process where it is asked for help or cannot follow. */
export const readOptions = suite => {
	try {
		const {values} = parseArgs({options});
		if (values.help) {
			console.log(help(suite));
			process.exit(0);
		}

		return {
			...values,
			rounds: readRounds(values.rounds),
			scenarios: choose('scenario', values.scenario, Object.keys(suite.scenarios)),
			peers: choose('peer', values.peer, Object.keys(suite.peers)),
		};
	} catch (error) {
		console.error(`${error.message}\nSee npm run bench:${suite.name} -- --help`);
		process.exit(1);
	}
};
