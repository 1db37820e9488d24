'use strict';

// The comparison for a terminal.

const {cellsOf, headings} = require('./format.js');
const {scenarios} = require('./scenarios.js');

const table = ({head, rows}) => {
	const widths = head.map((_, column) => Math.max(...[head, ...rows].map(cells => cells[column].length)));
	const line = cells =>
		cells
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
			.join('  ')
			.trimEnd();
	return [line(head), ...rows.map(line)].map(text => `  ${text}`).join('\n');
};

const textReport = (peers, results, rounds) => {
	const parts = Object.entries(results)
		.filter(([, list]) => list.length > 0)
		.map(([scenario, list]) => `${scenarios[scenario].title}\n${table(cellsOf(scenario, list))}`);
	return `${[headings(peers, rounds).join('\n'), ...parts].join('\n\n')}\n`;
};

module.exports = {textReport};
