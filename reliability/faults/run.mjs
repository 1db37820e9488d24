// Threads that are killed at random and processes that end in the middle of everything, on every supported Node.
//
//     npm run test:faults [-- --seconds 120] [--seed 1] [--short] [20 24 ...]
//
// `--seconds` is for each Node: half of it for threads, half for processes. `--short` is 20 seconds.

import {execFileSync, spawn} from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {binaryOf, LINES} from '../../scripts/nodes.mjs';
import {endProcesses} from './processes.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Seconds that a run of threads may take beyond its time: for all to come to rest, on a busy machine. */
const REST = 120;

const {values, positionals} = parseArgs({
	options: {seconds: {type: 'string'}, seed: {type: 'string'}, short: {type: 'boolean'}},
	allowPositionals: true,
});
const seconds = Number(values.seconds ?? (values.short ? 20 : 120));
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(seconds > 0) || !Number.isInteger(seed)) {
	throw new TypeError('`--seconds` must be a number above 0, and `--seed` a whole number');
}

/** Kills threads for a while, and gives the figures and what is wrong. */
const killThreads = (binary, seconds) =>
	new Promise(resolve => {
		const child = spawn(binary, [path.join(here, 'threads.js'), String(seed), String(seconds)], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let output = '';
		let errors = '';
		let hangs = false;
		const timer = setTimeout(
			() => {
				hangs = true;
				child.kill('SIGKILL');
			},
			(seconds + REST) * 1000,
		);
		child.stdout.on('data', chunk => {
			output += chunk;
		});
		child.stderr.on('data', chunk => {
			errors += chunk;
		});
		child.once('close', (code, signal) => {
			clearTimeout(timer);
			const how = hangs ? 'it has not ended' : `it ended with ${signal ?? code}`;
			const isWell = !hangs && code === 0;
			resolve({figures: output.trim(), wrong: isWell ? [] : [`threads: ${how}\n${errors}`]});
		});
	});

console.log(`seed ${seed}, ${seconds} seconds for each Node`);
let wrong = 0;
for (const line of positionals.length > 0 ? positionals : LINES) {
	const binary = binaryOf(line);
	console.log(`\nNode ${execFileSync(binary, ['--version'], {encoding: 'utf8'}).trim()}`);
	const threads = await killThreads(binary, seconds / 2);
	console.log(`  threads: ${threads.figures}`);
	const processes = await endProcesses({binary, seconds: seconds / 2, seed, parallel: 4});
	console.log(
		`  processes: ${processes.ended} ended in ${processes.ways} ways, ${processes.wrong.length} not as meant`,
	);
	for (const text of threads.wrong) {
		console.error(text);
	}

	wrong += threads.wrong.length + processes.wrong.length;
}

if (wrong > 0) {
	console.error(`\nfaults: ${wrong} runs went wrong; \`--seed ${seed}\` repeats them as far as chance goes`);
	process.exit(1);
}
