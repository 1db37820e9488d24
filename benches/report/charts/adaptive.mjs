// What adaptive limits made of simulated servers: over time, and all in all.

import * as Plot from '@observablehq/plot';
import {colourOf} from '../colours.mjs';
import {legend, plot, powersOfTen, sheet, textWidth, tickText} from '../svg.mjs';
import {changesOf} from './steps.mjs';

const WIDTH = 1080;
const INNER = WIDTH - 20;
const MARGIN = {left: 52, right: 14};
const SLOTS = [1, 300];
const MILLISECONDS = [3, 500];

/** The name of a limit's colour. */
const colourName = limit => limit.replace(', ', '-');

/** Of lines of steps by the name of the limit that they belong to. */
const pointsOf = (limits, key) =>
	limits.flatMap(limit => changesOf(limit[key]).map(([at, value]) => ({limit: limit.name, at, value})));

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
	const inFlight = lineMark(pointsOf(limits, 'inFlight'), {
		colour: 'in-flight',
		strokeWidth: 1,
		curve: 'step-after',
		clip: true,
	});
	const places = lineMark(pointsOf(limits, 'places'), {
		colour: 'places',
		strokeWidth: 1.2,
		strokeDasharray: '5,4',
		curve: 'step-after',
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

/** One figure of each limit in each scenario. */
const summaryPanel = ({scenarios}, figure, {label, ...scale}) => {
	const rows = scenarios.map(({name}) => name);
	const points = scenarios.flatMap(({name, limits}) =>
		limits.map(limit => ({name, limit: limit.name, isAdaptive: limit.isAdaptive, value: limit.figures[figure]})),
	);
	const colour = ({limit}) => colourOf(colourName(limit));
	const {ticks} = scale;
	return plot({
		width: SUMMARY_WIDTH - 20,
		height: rows.length * 22 + 56,
		marginLeft: 12 + Math.max(...rows.map(textWidth)),
		marginRight: 20,
		marginTop: 8,
		marginBottom: 48,
		x: {...scale, axis: null},
		y: {label: null, domain: rows, tickSize: 0},
		marks: [
			Plot.axisX({ticks, text: tickText, label, labelAnchor: 'center', labelArrow: 'none', labelOffset: 36}),
			Plot.gridX({ticks, stroke: 'var(--line)', strokeOpacity: 1}),
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
};

/** Throughput and latency of each limit in each scenario, beside those of an oracle. */
export const adaptiveSummary = run => {
	const limits = run.scenarios[0].limits.map(({name}) => name);
	const least = Math.min(...run.scenarios.flatMap(({limits}) => limits.map(({figures}) => figures.throughput)));
	const most = Math.max(...run.scenarios.flatMap(({limits}) => limits.map(({figures}) => figures.p99)));
	return sheet({
		title: 'Adaptive limits (filled) and fixed ones (hollow) beside an oracle that knows the capacity',
		width: SUMMARY_WIDTH,
		parts: [
			legend(
				limits.map(limit => ({title: limit, colour: colourName(limit)})),
				SUMMARY_WIDTH - 20,
			),
			summaryPanel(run, 'throughput', {
				domain: [Math.min(0.9, least - 0.05), 1.05],
				ticks: 6,
				label: 'throughput, ÷ that of the oracle: right is better',
			}),
			summaryPanel(run, 'p99', {
				type: 'log',
				domain: [0.8, most * 1.2],
				ticks: [1, 2, 5, 10, 20, 50, 100].filter(tick => tick < most * 1.2),
				label: 'latency p99, ÷ median latency of the oracle, logarithmic: left is better',
			}),
		],
	});
};
