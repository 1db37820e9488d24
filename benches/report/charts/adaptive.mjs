// What adaptive limits made of simulated servers: over time, and all in all.

import * as Plot from '@observablehq/plot';
import {colourOf} from '../colours.mjs';
import {legend, plot, powersOfTen, sheet, textWidth, tickText} from '../svg.mjs';

const WIDTH = 1080;
const INNER = WIDTH - 20;
const MARGIN = {left: 52, right: 14};
const SLOTS = [1, 300];
const MILLISECONDS = [3, 500];

/** The name of a limit's colour. */
const colourName = limit => limit.replace(', ', '-');

/** Of lines by the name of the limit that they belong to. */
const pointsOf = (limits, key) =>
	limits.flatMap(limit => limit[key].map(([at, value]) => ({limit: limit.name, at, value})));

const lineMark = (points, {colour, ...options}) =>
	Plot.lineY(points, {x: 'at', y: 'value', fx: 'limit', stroke: colourOf(colour), ...options});

/** One of the two charts below each other, with a column for each limit. */
const panel = ({limits, seconds, height, domain, label, isFirst, marks}) => {
	const ticks = powersOfTen(...domain);
	return plot({
		width: INNER,
		height,
		marginLeft: MARGIN.left,
		marginRight: MARGIN.right,
		marginTop: isFirst ? 26 : 8,
		marginBottom: isFirst ? 8 : 42,
		fx: {domain: limits.map(({name}) => name), label: null, axis: isFirst ? 'top' : null, padding: 0.06},
		x: {
			domain: [0, seconds],
			ticks: 6,
			axis: isFirst ? null : 'bottom',
			label: isFirst ? null : 'time (seconds)',
			labelAnchor: 'center',
			labelArrow: 'none',
			labelOffset: 36,
		},
		y: {type: 'log', domain, ticks, tickFormat: tickText, label, labelAnchor: 'center', labelArrow: 'none'},
		marks: [
			Plot.gridY({ticks, stroke: 'var(--line)', strokeOpacity: 1}),
			Plot.frame({stroke: 'var(--line)'}),
			...marks,
		],
	});
};

export const adaptiveChart = scenario => {
	const limits = scenario.limits.filter(({isAdaptive}) => isAdaptive);
	const limit = lineMark(pointsOf(limits, 'limit'), {
		colour: 'p-lanes',
		strokeWidth: 2.5,
		curve: 'step-after',
		clip: true,
	});
	const inFlight = lineMark(pointsOf(limits, 'inFlight'), {colour: 'in-flight', strokeWidth: 1, clip: true});
	const places = lineMark(pointsOf(limits, 'places'), {
		colour: 'places',
		strokeWidth: 1.2,
		strokeDasharray: '5,4',
		clip: true,
	});
	const latency = lineMark(pointsOf(limits, 'latency'), {colour: 'mean-latency', strokeWidth: 1, clip: true});
	const common = {limits, seconds: scenario.seconds};
	return sheet({
		title: `${scenario.name}: ${scenario.about}`,
		width: WIDTH,
		parts: [
			legend(
				[
					{title: 'limit', colour: 'p-lanes', isLine: true},
					{title: 'in flight', colour: 'in-flight', isLine: true},
					{title: 'places of the server (dashed)', colour: 'places', isLine: true},
					{title: 'latency, mean of 50 ms', colour: 'mean-latency', isLine: true},
				],
				INNER,
			),
			panel({
				...common,
				height: 210,
				domain: SLOTS,
				label: 'slots (log.)',
				isFirst: true,
				// Saturated, all slots are taken but while a lower limit waits for units to end: the limit would be hidden.
				marks: scenario.isSaturated ? [places, limit, inFlight] : [places, inFlight, limit],
			}),
			panel({
				...common,
				height: 210,
				domain: MILLISECONDS,
				label: 'latency (ms, log.)',
				isFirst: false,
				marks: [latency],
			}),
		],
	});
};

const SUMMARY_WIDTH = 760;

/** The throughput of each limit in each scenario, beside an oracle's. */
export const adaptiveSummary = ({scenarios}) => {
	const rows = scenarios.map(({name}) => name);
	const limits = scenarios[0].limits.map(({name}) => name);
	const points = scenarios.flatMap(({name, limits}) =>
		limits.map(limit => ({name, limit: limit.name, isAdaptive: limit.isAdaptive, value: limit.figures.throughput})),
	);
	const colour = ({limit}) => colourOf(colourName(limit));
	const chart = plot({
		width: SUMMARY_WIDTH - 20,
		height: rows.length * 24 + 50,
		marginLeft: 12 + Math.max(...rows.map(textWidth)),
		marginRight: 20,
		marginTop: 6,
		marginBottom: 44,
		x: {
			domain: [0, Math.max(1.05, ...points.map(({value}) => value * 1.05))],
			label: 'units that ended well, ÷ those of an oracle that knows the capacity (ratio; right is better)',
			labelAnchor: 'center',
			labelArrow: 'none',
			labelOffset: 38,
		},
		y: {label: null, domain: rows, tickSize: 0},
		marks: [
			Plot.gridX({stroke: 'var(--line)', strokeOpacity: 1}),
			Plot.ruleY(rows, {stroke: 'var(--line)', strokeDasharray: '1,3'}),
			Plot.ruleX([1], {stroke: 'var(--faint)', strokeWidth: 1.5}),
			Plot.dot(
				points.filter(({isAdaptive}) => !isAdaptive),
				{y: 'name', x: 'value', stroke: colour, strokeWidth: 2, fill: 'var(--paper)', r: 4},
			),
			Plot.dot(
				points.filter(({isAdaptive}) => isAdaptive),
				{y: 'name', x: 'value', fill: colour, r: 5},
			),
		],
	});
	return sheet({
		title: 'Throughput of adaptive limits (filled) and fixed ones (hollow) beside an oracle',
		width: SUMMARY_WIDTH,
		parts: [
			legend(
				limits.map(limit => ({title: limit, colour: colourName(limit)})),
				SUMMARY_WIDTH - 20,
			),
			chart,
		],
	});
};
