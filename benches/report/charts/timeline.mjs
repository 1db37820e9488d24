// Who ran when: a row for each slot, a bar for each call, one way below the other on one scale of time.

import * as Plot from '@observablehq/plot';
import {titleOf} from '../../shared/report.mjs';
import {colourOf} from '../colours.mjs';
import {legend, plot, powersOfTen, sheet, tickText} from '../svg.mjs';

const WIDTH = 860;
const INNER = WIDTH - 20;
const ROW = 9;
const MARGIN_LEFT = 64;

const seconds = milliseconds => `${(milliseconds / 1000).toFixed(2)} s`;

/** What the calls of a way are drawn from: the first round. */
const timelineOf = (samples, name, peer) =>
	samples.find(sample => sample.scenario === name && sample.peer === peer && sample.timeline)?.timeline;

/** The ways that were measured, the plainest first, with what ran in them. */
const waysOf = (suite, samples, name) =>
	Object.keys(suite.peers)
		.toReversed()
		.flatMap(peer => {
			const timeline = timelineOf(samples, name, peer);
			return timeline ? [{peer, timeline}] : [];
		});

/** The name of a group of rows: `first` of `first 3`, and the number alone elsewhere. */
const groupOf = row => (row.includes(' ') ? row.split(' ')[0] : 'slot');

const wayChart = ({rows, kinds}, {title, calls, end, isLast}) => {
	const bars = calls
		.filter(([, begin]) => begin < end)
		.map(([row, begin, finish, kind]) => ({
			row: rows[row],
			begin: begin / 1000,
			end: Math.min(finish, end) / 1000,
			kind,
		}));
	const groups = [...new Set(rows.map(groupOf))].map(group => {
		const own = rows.filter(row => groupOf(row) === group);
		return {row: own[own.length >> 1], text: group === 'slot' ? 'slots' : group};
	});
	return plot({
		width: INNER,
		height: rows.length * ROW + 22 + (isLast ? 40 : 4),
		marginLeft: MARGIN_LEFT,
		marginRight: 14,
		marginTop: 20,
		marginBottom: isLast ? 40 : 4,
		x: {
			domain: [0, end / 1000],
			label: isLast ? 'time since the first call (seconds)' : null,
			labelAnchor: 'center',
			labelArrow: 'none',
			labelOffset: 36,
			axis: isLast ? 'bottom' : null,
		},
		y: {domain: rows, axis: null, padding: 0.12},
		marks: [
			Plot.gridX({stroke: 'var(--line)', strokeOpacity: 1}),
			Plot.barX(rows, {y: row => row, x1: 0, x2: end / 1000, fill: 'var(--panel)'}),
			...kinds.map((_, kind) =>
				Plot.barX(
					bars.filter(call => call.kind === kind),
					{x1: 'begin', x2: 'end', y: 'row', fill: colourOf(`kind-${kind}`), insetRight: 0.6},
				),
			),
			Plot.text(groups, {
				x: 0,
				y: 'row',
				text: 'text',
				textAnchor: 'end',
				dx: -8,
				fill: 'var(--faint)',
			}),
			Plot.text([title], {frameAnchor: 'top-left', dy: -16, fontWeight: 600, fill: 'var(--ink)'}),
		],
	});
};

export const timelineChart = (suite, {samples, sizes}, name) => {
	const scenario = suite.scenarios[name];
	const {kinds, window = Number.POSITIVE_INFINITY} = scenario.timeline;
	const ways = waysOf(suite, samples, name).map(({peer, timeline}) => {
		const {calls} = timeline;
		return {peer, calls, last: Math.max(...calls.map(([, , finish]) => finish))};
	});
	const end = Math.min(window, Math.max(...ways.map(({last}) => last)));
	const charts = ways.map(({peer, calls, last}, index) =>
		wayChart(scenario.timeline, {
			title: `${titleOf(suite, peer)}: ends after ${seconds(last)}`,
			calls,
			end,
			isLast: index === ways.length - 1,
		}),
	);
	const part = Number.isFinite(window) ? `, the first ${seconds(end)}` : '';
	return sheet({
		title: `${scenario.title(sizes[name]).split(':', 1)[0]}: who ran when${part}`,
		width: WIDTH,
		parts: [
			legend(
				kinds.map((title, kind) => ({title, colour: `kind-${kind}`})),
				INNER,
			),
			...charts,
		],
	});
};

/** Below this a wait is none: milliseconds. */
const NO_WAIT = 0.1;

/** How long each request waited, by when it came; nothing for a scenario without requests. */
export const waitsChart = (suite, {samples}, name) => {
	const {waitsWindow} = suite.scenarios[name].timeline;
	if (waitsWindow === undefined) {
		return undefined;
	}

	const ways = waysOf(suite, samples, name);
	const waits = ways.flatMap(({peer, timeline}) =>
		timeline.waits
			.filter(([arrival]) => arrival < waitsWindow)
			.map(([arrival, wait]) => ({peer, arrival: arrival / 1000, wait: Math.max(wait, NO_WAIT)})),
	);
	const domain = [NO_WAIT * 0.8, Math.max(...waits.map(({wait}) => wait)) * 1.3];
	const ticks = powersOfTen(...domain);
	const chart = plot({
		width: INNER,
		height: 280,
		marginLeft: MARGIN_LEFT,
		marginRight: 14,
		marginTop: 10,
		marginBottom: 44,
		x: {
			label: 'when the request came (seconds)',
			labelAnchor: 'center',
			labelArrow: 'none',
			labelOffset: 38,
			domain: [0, Math.max(...waits.map(({arrival}) => arrival))],
		},
		y: {
			type: 'log',
			domain,
			ticks,
			tickFormat: value => (value <= NO_WAIT ? `≤ ${tickText(value)}` : tickText(value)),
			label: 'wait (milliseconds, logarithmic)',
			labelAnchor: 'center',
			labelArrow: 'none',
		},
		marks: [
			Plot.gridY({ticks, stroke: 'var(--line)', strokeOpacity: 1}),
			Plot.dot(waits, {x: 'arrival', y: 'wait', fill: ({peer}) => colourOf(peer), r: 2.5, fillOpacity: 0.85}),
		],
	});
	return sheet({
		title: `Requests beside a batch: how long each waited for its slot, the first ${waitsWindow / 1000} s`,
		width: WIDTH,
		parts: [
			legend(
				ways.map(({peer}) => ({title: titleOf(suite, peer), colour: peer})),
				INNER,
			),
			chart,
		],
	});
};
