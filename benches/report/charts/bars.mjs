// One scenario: a bar for each peer, the best on top, with the least and the greatest of the rounds.

import * as Plot from '@observablehq/plot';
import {shown} from '../../shared/format.mjs';
import {measuredPeers, titleOf} from '../../shared/report.mjs';
import {colourOf} from '../colours.mjs';
import {plot, powersOfTen, sheet, textWidth, tickText} from '../svg.mjs';

const WIDTH = 480;
const ROW = 26;

/** From this ratio of the greatest to the least on, bars would be invisible: dots on a logarithmic scale instead. */
const LOGARITHMIC = 40;

/** What a unit's value is multiplied by, and what the axis calls it. */
const axes = {
	ns: [1, 'nanoseconds'],
	µs: [1e-3, 'microseconds'],
	ms: [1, 'milliseconds'],
	s: [1, 'seconds'],
	B: [1, 'bytes'],
	MiB: [2 ** -20, 'MiB'],
	n: [1, 'number'],
	x: [1, 'ratio'],
};

/** A row for each peer that has the metric, in the order of the main one. */
const rowsOf = (suite, figures, name, {key, unit}) => {
	const [main] = suite.scenarios[name].metrics;
	const [factor] = axes[unit];
	return measuredPeers(suite, figures, name, key)
		.toSorted((a, b) => figures.value(name, a, main.key).median - figures.value(name, b, main.key).median)
		.map(peer => {
			const value = figures.value(name, peer, key);
			const {median, least, greatest} = value;
			return {
				peer,
				title: titleOf(suite, peer),
				text: shown(value, unit),
				median: median * factor,
				least: least * factor,
				greatest: greatest * factor,
			};
		});
};

const fill = ({peer}) => colourOf(peer);

const bars = rows => [
	Plot.barX(rows, {y: 'title', x: 'median', fill, insetTop: 3, insetBottom: 3}),
	Plot.ruleY(rows, {y: 'title', x1: 'least', x2: 'greatest', stroke: 'var(--ink)', strokeWidth: 1.5}),
	Plot.ruleX([0], {stroke: 'var(--faint)'}),
];

const dots = rows => [
	Plot.ruleY(rows, {y: 'title', x1: 'least', x2: 'greatest', stroke: fill, strokeWidth: 3}),
	Plot.dot(rows, {y: 'title', x: 'median', fill, r: 5}),
];

const metricChart = (rows, {title, unit}) => {
	const greatest = Math.max(...rows.map(row => row.greatest));
	const least = Math.min(...rows.map(row => row.least));
	const isLogarithmic = least > 0 && greatest / least > LOGARITHMIC;
	const domain = isLogarithmic ? [least * 0.8, greatest * 1.2] : [0, greatest * 1.02];
	const ticks = isLogarithmic ? powersOfTen(...domain) : 4;
	return plot({
		width: WIDTH - 20,
		height: rows.length * ROW + 44,
		marginLeft: 10 + Math.max(...rows.map(row => textWidth(row.title))),
		marginRight: 84,
		marginTop: 4,
		marginBottom: 40,
		x: {
			label: `${title} (${axes[unit][1]}${isLogarithmic ? ', logarithmic' : ''})`,
			labelAnchor: 'center',
			labelArrow: 'none',
			labelOffset: 36,
			type: isLogarithmic ? 'log' : 'linear',
			domain,
			ticks,
			tickFormat: tickText,
		},
		y: {label: null, domain: rows.map(row => row.title), tickSize: 0},
		marks: [
			Plot.gridX({ticks, stroke: 'var(--line)', strokeOpacity: 1}),
			...(isLogarithmic ? dots(rows) : bars(rows)),
			Plot.text(rows, {y: 'title', x: 'greatest', text: 'text', textAnchor: 'start', dx: 8, fill: 'var(--ink)'}),
		],
	});
};

/** The main metric of a scenario, and below it each that `isDrawn`. */
export const barChart = (suite, figures, name, size) => {
	const {title, metrics} = suite.scenarios[name];
	const parts = metrics
		.filter(({isDrawn}, index) => index === 0 || isDrawn)
		.map(metric => ({metric, rows: rowsOf(suite, figures, name, metric)}))
		.filter(({rows}) => rows.length > 0)
		.map(({metric, rows}) => metricChart(rows, metric));
	return sheet({width: WIDTH, title: title(size), parts});
};
