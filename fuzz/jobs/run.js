'use strict';

// Changes the committed inputs for a while, and sends what they make through a pool.
//
//     node fuzz/jobs/run.js SECONDS SEED

const fs = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const {Pool} = require('../../index.js');
const {chanceOf} = require('../../reliability/random.js');
const {changed, check} = require('./check.js');

const corpus = path.join(__dirname, '../corpus/jobs');

const fuzz = async (seconds, seed) => {
	const chance = chanceOf(seed);
	const pool = new Pool({filename: path.join(__dirname, 'echo.js'), maxThreads: 2});
	const inputs = fs.readdirSync(corpus).map(name => fs.readFileSync(path.join(corpus, name)));
	const until = performance.now() + seconds * 1000;
	let tried = 0;
	while (performance.now() < until) {
		const batch = Array.from({length: 64}, () => changed(inputs[chance(inputs.length)], chance));
		await Promise.all(batch.map(bytes => check(bytes, value => pool.run(value))));
		tried += batch.length;
		// A change of a change now and then, in place of one of the inputs.
		inputs[chance(inputs.length)] = batch[chance(batch.length)];
	}

	console.log(`jobs: ${tried} inputs`);
};

const [seconds, seed] = process.argv.slice(2).map(Number);
fuzz(seconds, seed).catch(error => {
	console.error(error);
	process.exit(1);
});
