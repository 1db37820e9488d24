'use strict';

// Figures and tables as both reports have them.

const {availableParallelism, cpus} = require('node:os');
const process = require('node:process');
const {median, scenarios} = require('./scenarios.js');

/** Three significant digits where a number is small, whole numbers where it is not. */
const number = value => {
	const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 0.1))));
	return value.toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits});
};

const shown = (value, unit) => `${number(value)} ${unit}`;

/** The median of the ratios within each round: a machine that slows down for a while moves a time, but hardly a ratio. */
const ratioOf = ({values}, reference) => {
	const ratio = median(values.map((value, round) => value / (reference.values[round] ?? reference.median)));
	return ratio.toFixed(ratio < 0.1 ? 3 : 2);
};

/** What the machine and the packages are, in lines. */
const headings = (peers, rounds) => [
	`Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores`,
	peers
		.filter(({version}) => version !== undefined)
		.map(({name, version}) => `${name} ${version}`)
		.join(', '),
	`${rounds === 1 ? 'One sample' : `Medians of ${rounds} samples`} of each; ratios are to p-limit, or to no limiter where it is missing.`,
];

/** What the ratios of a scenario are to. */
const referenceOf = results =>
	['p-limit', 'floor'].map(name => results.find(({peer}) => peer.name === name)).find(result => result !== undefined);

/** A scenario as cells: a head, and a row for each peer. */
const cellsOf = (scenario, results) => {
	const {unit, figures} = scenarios[scenario];
	const names = Object.keys(figures);
	const [main] = names;
	const reference = referenceOf(results);
	return {
		head: [
			'',
			figures[main],
			'least–greatest',
			...(reference ? [`÷ ${reference.peer.title}`] : []),
			...names.slice(1).map(name => figures[name]),
		],
		rows: results.map(({peer, figures}) => [
			peer.title,
			shown(figures[main].median, unit),
			`${number(figures[main].least)}–${number(figures[main].greatest)}`,
			...(reference ? [ratioOf(figures[main], reference.figures[main])] : []),
			...names.slice(1).map(name => shown(figures[name].median, unit)),
		]),
	};
};

module.exports = {cellsOf, headings, shown};
