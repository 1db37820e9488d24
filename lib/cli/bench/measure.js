'use strict';

// Takes all samples: round after round, the peers by turns.

const {execFile} = require('node:child_process');
const path = require('node:path');
const process = require('node:process');
const {promisify} = require('node:util');
const {limiters} = require('./peers.js');
const {median, scenarios} = require('./scenarios.js');

const execute = promisify(execFile);

const SAMPLE = path.join(__dirname, 'sample.js');
const TIMEOUT = 120_000;

const takeSample = async (scenario, peer) => {
	const {stdout} = await execute(process.execPath, [SAMPLE, JSON.stringify({scenario, peer})], {timeout: TIMEOUT});
	return JSON.parse(stdout);
};

const summarize = values => ({
	values,
	median: median(values),
	least: Math.min(...values),
	greatest: Math.max(...values),
});

/** Each figure's values by round, their median, the least and the greatest. */
const summarizeAll = (scenario, samples) =>
	Object.fromEntries(
		Object.keys(scenarios[scenario].figures).map(name => [name, summarize(samples.map(sample => sample[name]))]),
	);

/** Names, another one first in each round. */
const inTurn = (names, round) => {
	const first = round % names.length;
	return [...names.slice(first), ...names.slice(0, first)];
};

/**
 * Returns `results`, by scenario a list of `{peer, figures}` in the order of the main figure, and a line for each sample
 * that failed.
 */
const measure = async (peers, wanted, rounds, onProgress) => {
	const samples = new Map();
	const failures = [];
	for (let round = 0; round < rounds; round++) {
		for (const scenario of wanted) {
			const {operation} = scenarios[scenario];
			const able = peers.filter(({name}) => operation in limiters[name]);
			for (const peer of inTurn(able, round)) {
				onProgress(`round ${round + 1} of ${rounds}: ${scenario}, ${peer.title}`);
				const key = `${scenario} ${peer.name}`;
				try {
					samples.set(key, [...(samples.get(key) ?? []), await takeSample(scenario, peer)]);
				} catch (error) {
					failures.push(`${scenario}, ${peer.title}: ${error.stderr || error.message}`);
				}
			}
		}
	}

	const resultsOf = scenario => {
		const [main] = Object.keys(scenarios[scenario].figures);
		return peers
			.filter(({name}) => samples.has(`${scenario} ${name}`))
			.map(peer => ({peer, figures: summarizeAll(scenario, samples.get(`${scenario} ${peer.name}`))}))
			.sort((a, b) => a.figures[main].median - b.figures[main].median);
	};

	return {
		results: Object.fromEntries(wanted.map(scenario => [scenario, resultsOf(scenario)])),
		failures,
	};
};

module.exports = {measure};
