'use strict';

// What `npm run bench` draws, of made-up figures: a chart and a table for every scenario, with every peer in them.

const assert = require('node:assert/strict');
const {before, describe, test} = require('node:test');

const ROUNDS = 2;

/** A number that differs from metric to metric and from peer to peer, and is never 0. */
const figure = (...indexes) => 1 + indexes.reduce((total, index, place) => total + index * 7 ** place, 0) / 10;

const timelineOf = ({rows, kinds}) => ({
	calls: rows.flatMap((_, row) => [
		[row, 0, 10 + row, 0],
		[row, 10 + row, 30, kinds.length - 1],
	]),
	waits: [
		[1, 0.01],
		[2, 500],
	],
});

/** A run as a suite's own command writes it. */
const runOf = suite => {
	const scenarios = Object.entries(suite.scenarios);
	const samples = scenarios.flatMap(([scenario, {operation, metrics, timeline}], place) =>
		Object.entries(suite.peers)
			.filter(([, peer]) => operation in peer)
			.flatMap(([peer], at) =>
				Array.from({length: ROUNDS}, (_, round) => ({
					scenario,
					peer,
					round,
					metrics: Object.fromEntries(metrics.map(({key}, index) => [key, figure(round, at, index, place)])),
					...(timeline && {timeline: timelineOf(timeline)}),
				})),
			),
	);
	return {
		machine: {node: '1.2.3', cpu: 'A <processor> & more', cores: 2, load: 0.5},
		versions: {'p-lanes': '1.0.0'},
		sizes: Object.fromEntries(scenarios.map(([name, {size}]) => [name, size])),
		targets: [],
		samples,
	};
};

const line = [
	[0, 1],
	[1, 20],
	[2, 20],
];

const limitNames = ['latency', 'gradient', 'aimd', 'fixed, 12', 'fixed, 24', 'fixed, 48'];

const adaptive = {
	runs: 5,
	scenarios: [
		{
			name: 'a knee',
			about: 'of a server',
			seconds: 2,
			hasKnee: true,
			isSaturated: true,
			refuses: false,
			limits: limitNames.map((name, index) => ({
				name,
				isAdaptive: index < 3,
				figures: {
					throughput: 0.9,
					p50: 1,
					p99: 2 + index,
					converged: index === 1 ? null : 0.5,
					lost: 0,
					swing: 0.1,
					refused: 0,
				},
				limit: line,
				inFlight: line,
				places: line,
				latency: line,
			})),
		},
	],
};

const reserve = {
	promise: 5,
	scenarios: [
		{
			name: 'a step',
			about: 'none, then some',
			seconds: 2,
			slots: 16,
			wait: 3,
			reserves: [{name: 'auto', wait: 3, batch: null, slots: 2}],
			kept: [
				[0, 0, 0],
				[1, 3, 100],
				[2, 3, 100],
			],
		},
	],
};

describe('the report of the benchmarks', () => {
	let suites;
	let drawings;
	let html;

	before(async () => {
		({suites} = await import('../benches/report/parts.mjs'));
		const {drawAll} = await import('../benches/report/drawings.mjs');
		const {page} = await import('../benches/report/page.mjs');
		const runs = {
			...Object.fromEntries(Object.entries(suites).map(([name, {suite}]) => [name, runOf(suite)])),
			adaptive,
			reserve,
		};
		drawings = drawAll(runs);
		html = page({date: '2026-01-01', kind: 'full', runs}, drawings);
	});

	test('has a chart of every scenario with every peer, and says what it stands for', () => {
		for (const [part, {suite}] of Object.entries(suites)) {
			for (const [name, {operation, about}] of Object.entries(suite.scenarios)) {
				const svg = drawings[`${part}-${name}`];
				assert.match(about ?? '', /^[A-Z].*[.?]$/, `${part}, ${name}: what it stands for`);
				assert.match(svg, /^<svg .*<\/svg>$/s);
				for (const [peer] of Object.entries(suite.peers).filter(([, peer]) => operation in peer)) {
					assert.ok(svg.includes(`>${suite.titles[peer] ?? peer}</text>`), `${part}, ${name}: ${peer}`);
					assert.ok(svg.includes(`var(--${peer})`), `${part}, ${name}: the colour of ${peer}`);
				}
			}
		}
	});

	test('draws who ran when, and how long requests waited', () => {
		const bars = svg => svg.match(/<rect [^>]*>/g).length;
		assert.ok(bars(drawings['batches-variable-timeline']) > 3 * 8 * 2);
		assert.match(drawings['batches-requests-waits'], /var\(--reserve-1\)/);
		assert.equal(drawings['batches-variable-waits'], undefined);
	});

	test('draws the simulations', () => {
		assert.match(drawings['adaptive-a-knee'], /time \(seconds\)/);
		assert.match(drawings['adaptive-summary'], /fixed, 48/);
		assert.match(drawings['reserve-a-step'], /slots kept/);
	});

	test('is one page that needs nothing beside it, and has all charts and tables', () => {
		const charts = html.match(/<svg xmlns=/g).length;
		assert.equal(charts, Object.keys(drawings).length);
		const scenarios = Object.values(suites).reduce((total, {suite}) => total + Object.keys(suite.scenarios).length, 0);
		assert.ok(html.match(/<table>/g).length >= scenarios);
		assert.doesNotMatch(html, /<script|<link|<img| href="http| src=/);
		assert.ok(html.includes('A &lt;processor&gt; &amp; more'));
		assert.match(html, /prefers-color-scheme: dark/);
	});

	test('has no number that is none', () => {
		assert.doesNotMatch(html, /NaN|undefined|Infinity/);
	});

	test('has charts that stand alone, with their colours', async () => {
		const {standalone} = await import('../benches/report/svg.mjs');
		const svg = standalone(drawings['limit-overview']);
		const used = new Set(svg.match(/var\(--[\w-]+\)/g));
		assert.ok(used.size > 5);
		for (const name of used) {
			assert.ok(svg.includes(`${name.slice(4, -1)}: #`), name);
		}
	});

	test('has the charts that the documents show', async () => {
		const {inDocuments} = await import('../benches/report/parts.mjs');
		const measured = Object.values(inDocuments).filter(name => !/^(adaptive|reserve)-/.test(name));
		assert.ok(measured.length > 5);
		for (const name of measured) {
			assert.ok(name in drawings, name);
		}
	});
});
