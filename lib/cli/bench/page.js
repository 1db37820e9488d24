'use strict';

// The comparison as one page that needs nothing beside it.

const {cellsOf, headings, shown} = require('./format.js');
const {colours, styleOf} = require('./colours.js');
const {scenarios} = require('./scenarios.js');

const WIDTH = 460;
const ROW = 26;
const BAR = 16;
const LEFT = 92;
const RIGHT = 86;

const entities = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
const escaped = text => text.replaceAll(/[&<>"]/g, character => entities[character]);

const style = `${styleOf(colours)}
body { margin: 0 auto; padding: 16px; max-width: 1000px; background: var(--paper); color: var(--ink);
	font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
p { margin: 4px 0; } .faint { color: var(--faint); } h2 { margin: 36px 0 0; font-size: 18px; }
.side { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: start; margin-top: 8px; }
svg { max-width: 100%; height: auto; font-size: 12px; } svg text { fill: var(--ink); }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
tbody th { font-weight: 400; } th:first-child { padding-left: 0; text-align: left; }`;

/** From this ratio of the longest bar to the shortest on, the shortest could not be seen: the scale is logarithmic then. */
const LOGARITHMIC = 40;

/** Where values lie, from 0 to 1. A logarithmic scale begins below the least value. */
const scaleOf = values => {
	const [least, greatest] = [Math.min(...values), Math.max(...values)];
	if (!(least > 0 && greatest / least > LOGARITHMIC)) {
		return {isLogarithmic: false, at: value => value / greatest};
	}

	const first = Math.log10(least) - 0.3;
	return {isLogarithmic: true, at: value => (Math.log10(value) - first) / (Math.log10(greatest) - first)};
};

const chart = (scenario, results) => {
	const {title, unit, figures} = scenarios[scenario];
	const [main] = Object.keys(figures);
	const {isLogarithmic, at} = scaleOf(results.flatMap(({figures}) => [figures[main].least, figures[main].greatest]));
	const x = value => (LEFT + at(value) * (WIDTH - LEFT - RIGHT)).toFixed(1);
	const row = ({peer, figures: {[main]: value}}, index) => {
		const middle = index * ROW + ROW / 2;
		const mark = isLogarithmic
			? `<circle cx="${x(value.median)}" cy="${middle}" r="5" fill="var(--${peer.name})"/>`
			: `<rect x="${LEFT}" y="${middle - BAR / 2}" width="${(x(value.median) - LEFT).toFixed(1)}" height="${BAR}" fill="var(--${peer.name})"/>`;
		const range = `<line x1="${x(value.least)}" x2="${x(value.greatest)}" y1="${middle}" y2="${middle}" stroke="var(--ink)" stroke-width="1.5"/>`;
		return `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${escaped(peer.title)}</text>
${isLogarithmic ? range + mark : mark + range}
<text x="${Number(x(value.greatest)) + 8}" y="${middle + 4}">${escaped(shown(value.median, unit))}</text>`;
	};
	const height = results.length * ROW + 22;
	const label = `${figures[main]} (${unit}${isLogarithmic ? ', logarithmic' : ''}): left is better`;
	return `<svg width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<line x1="${LEFT}" x2="${LEFT}" y1="0" y2="${height - 22}" stroke="var(--faint)"/>
${results.map(row).join('\n')}
<text x="${LEFT}" y="${height - 4}">${escaped(label)}</text>
</svg>`;
};

const table = ({head, rows}) => {
	const line = (cells, tag) =>
		`<tr>${cells.map((cell, column) => (column === 0 ? `<th>${escaped(cell)}</th>` : `<${tag}>${escaped(cell)}</${tag}>`)).join('')}</tr>`;
	return `<div class="scroll"><table><thead>${line(head, 'th')}</thead><tbody>${rows.map(cells => line(cells, 'td')).join('\n')}</tbody></table></div>`;
};

const part = ([scenario, results]) => `<section>
<h2>${escaped(scenarios[scenario].title)}</h2>
<p>${escaped(scenarios[scenario].about)}</p>
<div class="side">${chart(scenario, results)}${table(cellsOf(scenario, results))}</div>
</section>`;

const page = (peers, results, rounds) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>p-lanes bench</title>
<style>
${style}
</style>
</head>
<body>
<h1>p-lanes bench</h1>
${headings(peers, rounds)
	.map(line => `<p class="faint">${escaped(line)}</p>`)
	.join('\n')}
<p class="faint">A thin line is the range of the samples.</p>
${Object.entries(results)
	.filter(([, list]) => list.length > 0)
	.map(part)
	.join('\n')}
</body>
</html>
`;

module.exports = {page};
