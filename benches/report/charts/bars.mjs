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
	x: [1, 'ratio'],
};

export const barChart = (suite, figures, name, size) => {
	const scenario = suite.scenarios[name];
	const [{key, unit, title: metricTitle}] = scenario.metrics;
	const [factor, unitName] = axes[unit];
	const rows = measuredPeers(suite, figures, name, key)
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
		})
		.toSorted((a, b) => a.median - b.median);
	const greatest = Math.max(...rows.map(row => row.greatest));
	const least = Math.min(...rows.map(row => row.least));
	const isLogarithmic = least > 0 && greatest / least > LOGARITHMIC;
	const ticks = isLogarithmic ? powersOfTen(least * 0.8, greatest * 1.2) : 5;
	const marginLeft = 10 + Math.max(...rows.map(row => textWidth(row.title)));
	const fill = row => colourOf(row.peer);
	const channels = {y: 'title'};
	const marks = isLogarithmic
		? [
				Plot.ruleY(rows, {...channels, x1: 'least', x2: 'greatest', stroke: fill, strokeWidth: 3}),
				Plot.dot(rows, {...channels, x: 'median', fill, r: 5}),
			]
		: [
				Plot.barX(rows, {...channels, x: 'median', fill, insetTop: 3, insetBottom: 3}),
				Plot.ruleY(rows, {...channels, x1: 'least', x2: 'greatest', stroke: 'var(--ink)', strokeWidth: 1.5}),
				Plot.ruleX([0], {stroke: 'var(--faint)'}),
			];
	const chart = plot({
		width: WIDTH - 20,
		height: rows.length * ROW + 44,
		marginLeft,
		marginRight: 84,
		marginTop: 4,
		marginBottom: 40,
		x: {
			label: `${metricTitle} (${unitName}${isLogarithmic ? ', logarithmic' : ''})`,
			labelAnchor: 'center',
			labelArrow: 'none',
			labelOffset: 36,
			type: isLogarithmic ? 'log' : 'linear',
			domain: isLogarithmic ? [least * 0.8, greatest * 1.2] : [0, greatest * 1.02],
			ticks,
			tickFormat: tickText,
		},
		y: {label: null, domain: rows.map(row => row.title), tickSize: 0},
		marks: [
			Plot.gridX({ticks, stroke: 'var(--line)', strokeOpacity: 1}),
			...marks,
			Plot.text(rows, {...channels, x: 'greatest', text: 'text', textAnchor: 'start', dx: 8, fill: 'var(--ink)'}),
		],
	});
	return sheet({width: WIDTH, title: scenario.title(size), parts: [chart]});
};
