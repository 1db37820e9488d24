// All scenarios of a suite on one scale: every peer's ratio to the reference.

import * as Plot from '@observablehq/plot';
import {measuredPeers, titleOf} from '../../shared/report.mjs';
import {colourOf} from '../colours.mjs';
import {legend, plot, powersOfTen, sheet, textWidth, tickText} from '../svg.mjs';

const WIDTH = 760;
const ROW = 24;

/** The ratios of each scenario's main metric; only those to the suite's own reference, so that all mean the same. */
const ratiosOf = (suite, figures, names) =>
	names
		.filter(name => (suite.scenarios[name].reference ?? suite.reference) === suite.reference)
		.flatMap(name => {
			const [{key}] = suite.scenarios[name].metrics;
			return measuredPeers(suite, figures, name, key).flatMap(peer => {
				const ratio = figures.ratio(name, peer, suite.reference, key);
				return ratio ? [{name, peer, ...ratio}] : [];
			});
		});

/** Nothing where no scenario has the reference. */
export const overviewChart = (suite, figures, names, title) => {
	const ratios = ratiosOf(suite, figures, names);
	if (ratios.length === 0) {
		return undefined;
	}

	const rows = [...new Set(ratios.map(({name}) => name))];
	const peers = Object.keys(suite.peers).filter(peer => ratios.some(ratio => ratio.peer === peer));
	const domain = [
		Math.min(...ratios.map(({least}) => least)) * 0.8,
		Math.max(...ratios.map(({greatest}) => greatest)) * 1.25,
	];
	const ticks = [...new Set([...powersOfTen(...domain), 0.2, 0.5, 1, 2, 5])].filter(
		tick => tick >= domain[0] && tick <= domain[1],
	);
	const stroke = ({peer}) => colourOf(peer);
	const ours = ratios.filter(({peer}) => peer === 'p-lanes');
	const chart = plot({
		width: WIDTH - 20,
		height: rows.length * ROW + 50,
		marginLeft: 12 + Math.max(...rows.map(textWidth)),
		marginRight: 20,
		marginTop: 6,
		marginBottom: 44,
		x: {
			type: 'log',
			domain,
			axis: null,
		},
		y: {label: null, domain: rows, tickSize: 0},
		marks: [
			// As a mark and not by the scale, because that leaves out some of the texts of a logarithmic one.
			Plot.axisX({
				ticks,
				text: tickText,
				label: `ratio to ${titleOf(suite, suite.reference)}, logarithmic: left of 1 is better than it, right is worse`,
				labelAnchor: 'center',
				labelArrow: 'none',
				labelOffset: 38,
			}),
			Plot.gridX({ticks, stroke: 'var(--line)', strokeOpacity: 1}),
			Plot.ruleY(rows, {stroke: 'var(--line)', strokeDasharray: '1,3'}),
			Plot.ruleX([1], {stroke: 'var(--faint)', strokeWidth: 1.5}),
			Plot.ruleY(ratios, {y: 'name', x1: 'least', x2: 'greatest', stroke, strokeWidth: 2, strokeOpacity: 0.5}),
			Plot.dot(
				ratios.filter(({peer}) => peer !== 'p-lanes'),
				{y: 'name', x: 'median', stroke, strokeWidth: 2, fill: 'var(--paper)', r: 4},
			),
			Plot.dot(ours, {y: 'name', x: 'median', fill: stroke, r: 6}),
		],
	});
	const entries = peers.map(peer => ({title: titleOf(suite, peer), colour: peer}));
	return sheet({title, width: WIDTH, parts: [legend(entries, WIDTH - 20), chart]});
};
