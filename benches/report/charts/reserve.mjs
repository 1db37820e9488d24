// The slots that a reserve keeps over time, and the online calls that it keeps them for.

import * as Plot from '@observablehq/plot';
import {colourOf} from '../colours.mjs';
import {plot, sheet} from '../svg.mjs';
import {changesOf} from './steps.mjs';

const WIDTH = 760;

const panel = ({points, seconds, most, label, colour, height, isLast}) =>
	plot({
		width: WIDTH - 20,
		height,
		marginLeft: 52,
		marginRight: 14,
		marginTop: 8,
		marginBottom: isLast ? 42 : 8,
		x: {
			domain: [0, seconds],
			axis: isLast ? 'bottom' : null,
			label: isLast ? 'time (seconds)' : null,
			labelAnchor: 'center',
			labelArrow: 'none',
			labelOffset: 36,
		},
		y: {domain: [0, most], ticks: 4, label, labelAnchor: 'center', labelArrow: 'none'},
		marks: [
			Plot.gridY({ticks: 4, stroke: 'var(--line)', strokeOpacity: 1}),
			Plot.ruleY([0], {stroke: 'var(--faint)'}),
			Plot.lineY(changesOf(points), {x: '0', y: '1', stroke: colourOf(colour), strokeWidth: 1.8, curve: 'step-after'}),
		],
	});

export const reserveChart = ({name, about, seconds, slots, wait, kept}, promise) => {
	const calls = kept.map(([at, , calls]) => [at, calls]);
	return sheet({
		title: `${name}: ${about}; ${slots} slots, {wait: ${promise}}, online wait p99 ${wait.toFixed(1)} ms`,
		width: WIDTH,
		parts: [
			panel({
				points: calls,
				seconds,
				most: Math.max(1, ...calls.map(([, value]) => value)) * 1.1,
				label: 'online calls a second',
				colour: 'in-flight',
				height: 150,
				isLast: false,
			}),
			panel({points: kept, seconds, most: slots, label: 'slots kept', colour: 'p-lanes', height: 190, isLast: true}),
		],
	});
};
