// The report as one page that needs nothing beside it.

import {readFileSync} from 'node:fs';
import {Figures} from '../shared/figures.mjs';
import {titleOf} from '../shared/report.mjs';
import {colourStyle} from './colours.mjs';
import {fileNameOf, measuredNames} from './drawings.mjs';
import {escaped, prose, table} from './html.mjs';
import {simulations, suites} from './parts.mjs';
import {adaptiveTable, reserveTable, scenarioTable, targetTable} from './tables.mjs';

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8');

const figure = (svg, kind = 'narrow') => (svg === undefined ? '' : `<div class="chart ${kind}">${svg}</div>`);

const scenarioPart = (suite, figures, drawings, part, name) => {
	const {about} = suite.scenarios[name];
	return `<article id="${part}-${name}">
<h3><code>${escaped(name)}</code></h3>
<p>${prose(about)}</p>
<div class="side">${figure(drawings[`${part}-${name}`])}${scenarioTable(suite, figures, name)}</div>
${figure(drawings[`${part}-${name}-timeline`], 'wide')}
${figure(drawings[`${part}-${name}-waits`], 'wide')}
</article>`;
};

const machineLine = ({node, cpu, cores, load}) =>
	`Node ${node}, ${cpu}, ${cores} cores, load ${load.toFixed(1)} before the run`;

const versionLine = versions =>
	Object.entries(versions)
		.map(([name, version]) => `${name} ${version}`)
		.join(', ');

const suitePart = (name, run, drawings) => {
	const {suite, title} = suites[name];
	const figures = new Figures(run.samples);
	const measured = measuredNames(suite, run);
	const rounds = Math.max(...run.samples.map(({round}) => round)) + 1;
	const targets = targetTable(run.targets);
	return `<section id="${name}">
<h2>${escaped(title)}</h2>
<p>${prose(suite.text.purpose)} Ratios are to ${escaped(titleOf(suite, suite.reference))}. ${rounds === 1 ? 'One round' : `Up to ${rounds} rounds`}. The names of the scenarios are those that <code>npm run bench:${name} -- --scenario</code> takes.</p>
<p class="faint">${escaped(machineLine(run.machine))}. ${escaped(versionLine(run.versions))}.</p>
${figure(drawings[`${name}-overview`], 'wide')}
${targets === '' ? '' : `<h3>Targets</h3>${targets}`}
${measured.map(scenario => scenarioPart(suite, figures, drawings, name, scenario)).join('\n')}
</section>`;
};

const simulationParts = {
	adaptive: (run, drawings) => `<section id="adaptive">
<h2>${escaped(simulations.adaptive.title)}</h2>
<p>The real limiter, on a simulated clock and beside simulated servers: the figures depend on nothing but the code. Medians of ${run.runs} runs; the charts show the first. An oracle knows the capacity of the server at every moment.</p>
${figure(drawings['adaptive-summary'], 'wide')}
${run.scenarios
	.map(
		scenario => `<article id="adaptive-${fileNameOf(scenario)}">
<h3>${escaped(scenario.name)}</h3>
<p>${prose(scenario.about)}.</p>
${figure(drawings[`adaptive-${fileNameOf(scenario)}`], 'wide')}
${adaptiveTable(scenario)}
</article>`,
	)
	.join('\n')}
</section>`,
	reserve: (run, drawings) => `<section id="reserve">
<h2>${escaped(simulations.reserve.title)}</h2>
<p>The real limiter, on a simulated clock. A batch that never ends fills the slots, and online calls come beside it. The best fixed reserve is the smallest that keeps ${run.promise} ms in all runs.</p>
${run.scenarios
	.map(
		scenario => `<article id="reserve-${fileNameOf(scenario)}">
<h3>${escaped(scenario.name)}</h3>
${figure(drawings[`reserve-${fileNameOf(scenario)}`], 'wide')}
${reserveTable(scenario)}
</article>`,
	)
	.join('\n')}
</section>`,
};

const kinds = {
	full: 'All scenarios, with all rounds.',
	quick: 'A quick run: some of the scenarios, with few rounds. Spreads are wide, and small differences mean nothing.',
	smoke: 'A smoke run: the sizes are small and each sample was taken once, so these figures tell nothing.',
};

const method = `<section id="method">
<h2>Method</h2>
<ul>
<li>Every sample is taken in a process of its own, so no peer meets the heap, the garbage or the inline caches of another. Peers take turns: round after round, another one first in each.</li>
<li>A figure is the median over the rounds; beside it in small letters are the least and the greatest. In the charts a thin line is that range.</li>
<li>A ratio is the median of the ratios within each round, because a machine that slows down for a minute moves a time, but hardly a ratio.</li>
<li>Every peer is first seen to keep its cap, and its results are checked. A peer is written as its own documentation does it. A peer that cannot do a scenario is not in its table.</li>
<li>The floor is the same work without a limiter or a pool.</li>
<li>Rows are ordered by their figures, whoever wins. A scale is logarithmic where a bar would otherwise be too short to see, and says so.</li>
</ul>
</section>`;

const titleOfPart = name => (suites[name] ?? simulations[name]).title;

/** The page of a report, with its drawings inside. */
export const page = ({date, kind, runs}, drawings) => {
	const names = Object.keys(runs);
	const machine = Object.values(runs).find(run => run.machine)?.machine;
	const contents = names.map(name => `<a href="#${name}">${escaped(titleOfPart(name))}</a>`);
	const facts = [
		['date', date],
		...(machine
			? [
					['machine', `${machine.cpu}, ${machine.cores} cores`],
					['Node', machine.node],
				]
			: []),
		['run', kinds[kind]],
	];
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>p-lanes: benchmarks</title>
<style>
${colourStyle}
${style}</style>
</head>
<body>
<header>
<h1>p-lanes: benchmarks</h1>
<p>Written by <code>npm run bench</code>. Shorter bars are better, unless a chart says otherwise.</p>
${table(['', ''], facts)}
<nav>${[...contents, '<a href="#method">Method</a>'].join(' ')}</nav>
</header>
<main>
${names.map(name => (name in suites ? suitePart(name, runs[name], drawings) : simulationParts[name](runs[name], drawings))).join('\n')}
${method}
</main>
</body>
</html>
`;
};
