'use strict';

// The process of the soak. It ends by itself: with a pool that is open and limits that are idle.
//
//     node --expose-gc reliability/soak/soak.js MINUTES

const process = require('node:process');
const {FIGURES, grownIn, measure, partsOf} = require('./figures.js');
const {doRound, open} = require('./load.js');

const WARM_UP = 0.1;
const ROWS = 10;

const soak = async minutes => {
	const kept = open();
	const began = performance.now();
	const elapsed = () => (performance.now() - began) / 60_000;
	const samples = [];
	let rounds = 0;
	for (; elapsed() < minutes || samples.length < ROWS; rounds++) {
		await doRound(kept, rounds);
		for (let times = 0; times < 3; times++) {
			gc();
			await new Promise(setImmediate);
		}

		if (elapsed() > WARM_UP * minutes) {
			samples.push(measure());
		}
	}

	const rows = partsOf(samples, ROWS).map(part =>
		Object.fromEntries(
			Object.entries(FIGURES).map(([name, {unit}]) => [`${name} ${unit}`.trim(), Number(part[name].toFixed(1))]),
		),
	);
	console.log(
		`Node ${process.version}, ${minutes} minutes, ${rounds} rounds, ${samples.length} samples; medians of tenths`,
	);
	console.table(rows);
	const grown = grownIn(samples);
	for (const text of grown) {
		console.error(`soak: ${text}`);
	}

	process.exitCode = grown.length > 0 ? 1 : 0;
};

soak(Number(process.argv[2]));
