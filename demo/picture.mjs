// The rounds' latencies as an SVG file, for the README.

import {writeFileSync} from 'node:fs';
import process from 'node:process';
import * as Plot from '@observablehq/plot';
import {JSDOM} from 'jsdom';
import {duration, figure, plural} from './format.mjs';

const WIDTH = 860;
const HEIGHT = 300;

/** Colours that can be told apart by everyone, in a light and in a dark scheme; `paper` has contrast with all of them. */
const STYLE = `
	svg { color: #1f2328; --paper: #ffffff; --rim: #d0d7de; --quiet: #57606a; --all-at-once: #57606a; --p-limit: #b35900; --p-lanes: #0072b2; }
	@media (prefers-color-scheme: dark) {
		svg { color: #e6edf3; --paper: #0d1117; --rim: #3d444d; --quiet: #9da7b3; --all-at-once: #9da7b3; --p-limit: #e69f00; --p-lanes: #56b4e9; }
	}
	text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; }`;

const colour = ({name}) => `var(--${name.replaceAll(' ', '-')})`;

const milliseconds = value => (value < 1000 ? `${figure(value)} ms` : `${figure(value / 1000)} s`);

const tick = value => (value < 1000 ? `${value} ms` : `${value / 1000} s`);

/** `values`, of which many fall on one pixel: one for each pixel. */
const distinct = (values, least, most) => {
	const pixels = new Map(
		values.map(value => [Math.round((WIDTH * Math.log(value / least)) / Math.log(most / least)), value]),
	);
	return [...pixels.values()];
};

/** A text above a dot, to the left (`end`) or to the right of it. */
const label = ({name}, text, value, textAnchor) =>
	Plot.text([text], {
		x: () => value,
		y: () => name,
		dy: -24,
		dx: textAnchor === 'end' ? 6 : -6,
		textAnchor,
		fill: 'currentColor',
		stroke: 'var(--paper)',
		strokeWidth: 4,
	});

const describe = ({name, p50, p99, seconds}) =>
	`${name}: half of the requests took at most ${milliseconds(p50)}, 99 of 100 at most ${milliseconds(p99)}; the batch took ${duration(seconds)}`;

/** Writes the picture of the rounds that gave figures. */
export const draw = (file, rounds, rate) => {
	const measured = rounds.filter(({latencies}) => latencies?.length > 0);
	const all = measured.flatMap(({latencies}) => latencies);
	const [least, most] = [Math.min(...all) / 1.2, Math.max(...all) * 1.2];
	const {document} = new JSDOM('').window;
	const ways = measured.map(({name}) => name);
	const title = `Latency of ${plural(rate, 'request')} a second while a batch hashes ${plural(measured[0]?.files ?? 0, 'file')}`;

	const svg = Plot.plot({
		document,
		width: WIDTH,
		height: HEIGHT,
		marginLeft: 110,
		marginRight: 110,
		marginTop: 64,
		marginBottom: 58,
		style: {background: 'none', fontSize: '13px'},
		x: {
			type: 'log',
			domain: [least, most],
			ticks: [1, 10, 100, 1000, 10_000].filter(tick => least < tick && tick < most),
			tickFormat: tick,
			label: null,
			grid: true,
		},
		y: {domain: ways, label: null, tickSize: 0, padding: 0.55},
		marks: [
			...measured.flatMap(round => [
				Plot.tickX(distinct(round.latencies, least, most), {
					x: value => value,
					y: () => round.name,
					stroke: colour(round),
					strokeOpacity: 0.5,
				}),
				Plot.dot([round.p50, round.p99], {
					x: value => value,
					y: () => round.name,
					r: 6,
					fill: colour(round),
					stroke: 'var(--paper)',
					strokeWidth: 2,
				}),
				label(round, `p50 ${milliseconds(round.p50)}`, round.p50, 'end'),
				label(round, `p99 ${milliseconds(round.p99)}`, round.p99, 'start'),
			]),
			Plot.text(measured, {
				y: 'name',
				frameAnchor: 'right',
				textAnchor: 'start',
				dx: 16,
				text: ({seconds}) => `batch ${duration(seconds)}`,
				fill: 'currentColor',
			}),
			Plot.text([title], {
				frameAnchor: 'top-left',
				textAnchor: 'start',
				dx: -96,
				dy: -46,
				fontSize: 15,
				fontWeight: 600,
				fill: 'currentColor',
			}),
			Plot.text(
				[`Each line is a request. Measured by: npm run demo -- --picture FILE, on Node ${process.versions.node}`],
				{
					frameAnchor: 'bottom-left',
					textAnchor: 'start',
					dx: -96,
					dy: 46,
					fill: 'var(--quiet)',
				},
			),
		],
	});

	svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
	svg.setAttribute('role', 'img');
	svg.setAttribute('aria-label', `${title}. ${measured.map(describe).join('. ')}.`);
	const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
	style.textContent = STYLE;
	const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
	const place = {
		x: 0.5,
		y: 0.5,
		width: WIDTH - 1,
		height: HEIGHT - 1,
		rx: 8,
		fill: 'var(--paper)',
		stroke: 'var(--rim)',
	};
	for (const [name, value] of Object.entries(place)) {
		paper.setAttribute(name, String(value));
	}

	svg.prepend(style, paper);
	writeFileSync(file, `${svg.outerHTML}\n`);
};
