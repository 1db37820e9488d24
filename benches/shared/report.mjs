// The figures as tables, for a terminal and for the README.

import Table from 'cli-table3';
import {rounded, shown, spread, units} from './format.mjs';

/** How a peer is called in the tables. */
export const titleOf = ({titles}, peer) => titles[peer] ?? peer;

export const measuredPeers = ({peers}, figures, scenario, metric) =>
	Object.keys(peers).filter(peer => figures.value(scenario, peer, metric));

/** One scenario's table: a row for each peer that was measured. */
const scenarioTable = (suite, figures, name, size) => {
	const {
		title,
		operation,
		metrics: [main, ...others],
		reference = suite.reference,
	} = suite.scenarios[name];
	const references = [...new Set([reference, 'floor'])].filter(peer => operation in (suite.peers[peer] ?? {}));
	return {
		title: title(size),
		head: [
			'',
			main.title,
			'least–greatest',
			...references.map(peer => `÷ ${titleOf(suite, peer)}`),
			...others.map(metric => metric.title),
		],
		rows: measuredPeers(suite, figures, name, main.key).map(peer => {
			const value = figures.value(name, peer, main.key);
			return [
				titleOf(suite, peer),
				shown(value, main.unit),
				spread(value, main.unit),
				...references.map(other => shown(figures.ratio(name, peer, other, main.key), 'x')),
				...others.map(({key, unit}) => shown(figures.value(name, peer, key), unit)),
			];
		}),
	};
};

/** Some scenarios in one table: the main metric of every peer, and others that are flagged, with their ratio to the reference. */
const overview = (suite, figures, title, names, sizes) => {
	const isMeasured = peer =>
		names.some(name => suite.scenarios[name].metrics.some(({key}) => figures.value(name, peer, key)));
	const columns = Object.keys(suite.peers).filter(peer => !suite.peers[peer].isAside && isMeasured(peer));
	const cell = (name, reference, peer, {key, unit}) => {
		const value = figures.value(name, peer, key);
		const ratio = figures.ratio(name, peer, reference, key);
		return ratio ? `${shown(value, unit)} (${shown(ratio, 'x')})` : shown(value, unit);
	};

	return {
		title,
		head: ['', ...columns.map(peer => titleOf(suite, peer))],
		rows: names.flatMap(name => {
			const {title, metrics, reference = suite.reference} = suite.scenarios[name];
			return metrics
				.filter((metric, index) => index === 0 || metric.inOverview)
				.map((metric, index) => [
					index === 0 ? title(sizes[name]) : `… ${metric.title}`,
					...columns.map(peer => cell(name, reference, peer, metric)),
				]);
		}),
	};
};

/** Such a table for each title that scenarios have for it, which is the suite's where they have none. */
const overviews = (suite, figures, names, sizes) => {
	const titleOfTable = name => suite.scenarios[name].overview ?? suite.text.overview;
	return [...new Set(names.map(titleOfTable))].map(title =>
		overview(
			suite,
			figures,
			title,
			names.filter(name => titleOfTable(name) === title),
			sizes,
		),
	);
};

const verdict = isReached => {
	if (isReached === undefined) {
		return 'not measured';
	}

	return isReached ? 'reached' : 'not reached';
};

const targetTable = judged => ({
	title: 'Targets',
	head: ['p-lanes', 'target', 'measured', 'least–greatest', ''],
	rows: judged.map(({title, atMost, below, unit, isReached, ...summary}) => {
		const value = summary.median === undefined ? undefined : summary;
		return [
			title,
			below === undefined ? `at most ${units[unit](atMost)}` : `below ${units[unit](below)}`,
			shown(value, unit),
			spread(value, unit),
			verdict(isReached),
		];
	}),
});

const asText = ({title, head, rows}) => {
	const table = new Table({
		head,
		colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
		style: {head: [], border: [], compact: true},
	});
	table.push(...rows);
	return `${title}\n${table}\n`;
};

const asMarkdown = ({title, head, rows}) => {
	const line = cells => `| ${cells.join(' | ')} |`;
	const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
	return [`**${title}**`, '', line(head), line(rule), ...rows.map(cells => line(cells)), ''].join('\n');
};

/** Others who keep the cores busy make every collection of garbage slower, so a reader must know of them. */
const heading = ({node, cpu, cores, load}) =>
	`Node ${node}, ${cpu}, ${cores} cores, load ${rounded(load, 1)} before the run.`;
const legend = 'Medians over the rounds; a ratio is the median of the ratios within each round.';
const smoke = 'A smoke run: the sizes are small and each sample was taken once, so these figures tell nothing.';

/** The report for a terminal; without targets where the sizes are too small to judge. */
export const textReport = (suite, {machine, notes, figures, sizes, names, judged}) =>
	[
		heading(machine),
		judged ? legend : smoke,
		...notes,
		'',
		...names.map(name => asText(scenarioTable(suite, figures, name, sizes[name]))),
		...(judged ? [asText(targetTable(judged))] : []),
	].join('\n');

/** The summary and the overviews for the README and the docs. */
export const markdownReport = (suite, {machine, notes, figures, sizes, names, judged}) =>
	[
		[heading(machine), judged ? legend : smoke, ...notes].join(' '),
		'',
		...(judged ? [asMarkdown(targetTable(judged))] : []),
		...overviews(suite, figures, names, sizes).map(asMarkdown),
	].join('\n');
