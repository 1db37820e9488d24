// What the command line takes.

import {parseArgs} from 'node:util';

const help = ({scenarios, peers}) => `Measures p-lanes beside its peers and beside no limiter at all.

npm run bench:limit -- [options]

  --rounds N        samples of each scenario and peer (3 or 5 unless given, as the scenario costs)
  --scenario a,b    only these: ${scenarios.slice(0, 6).join(', ')},
                    ${scenarios.slice(6).join(', ')}
  --peer a,b        only these: ${peers.slice(0, 6).join(', ')},
                    ${peers.slice(6).join(', ')}
  --quick           a smoke run: every scenario and peer once, with small sizes and no verdict
  --json FILE       where the samples go (bench-results/limit.json unless given, nowhere with --quick)
  --markdown        print the targets and one table of all as Markdown
  --help            this

A ratio to p-limit or to no limiter needs those peers too. Exits with 1 when a sample fails, or when a
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
const choose = (option, given, known) => {
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

/** The options of a run; ends the process where it is asked for help or cannot follow. */
export const readOptions = known => {
	try {
		const {values} = parseArgs({options});
		if (values.help) {
			console.log(help(known));
			process.exit(0);
		}

		return {
			...values,
			rounds: readRounds(values.rounds),
			scenarios: choose('scenario', values.scenario, known.scenarios),
			peers: choose('peer', values.peer, known.peers),
		};
	} catch (error) {
		console.error(`${error.message}\nSee npm run bench:limit -- --help`);
		process.exit(1);
	}
};
