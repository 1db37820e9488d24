// Processes that end in the middle of everything: each has to end, and as it was meant to.

import {spawn} from 'node:child_process';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import random from '../random.js';
import given from './ways.js';

const {WAYS} = given;
const here = path.dirname(fileURLToPath(import.meta.url));

/** Milliseconds for a process; none takes nearly as long. */
const TIMEOUT = 90_000;

/** Runs one, and gives what is wrong, if anything is. */
const runOne = (binary, way, seed) =>
	new Promise(resolve => {
		const {exit, told, signal} = WAYS[way];
		const child = spawn(binary, [path.join(here, 'process.js'), way, String(seed)], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let errors = '';
		let hangs = false;
		const timer = setTimeout(() => {
			hangs = true;
			child.kill('SIGKILL');
		}, TIMEOUT);
		child.stdout.once('data', () => child.kill(signal));
		child.stderr.on('data', chunk => {
			errors += chunk;
		});
		child.once('close', (code, killedBy) => {
			clearTimeout(timer);
			const wrong = [];
			if (hangs) {
				wrong.push('it has not ended');
			} else if ((killedBy ?? code) !== exit) {
				wrong.push(`it ended with ${killedBy ?? code}, not ${exit}`);
			}

			if (told === undefined ? errors !== '' : !errors.includes(told)) {
				wrong.push(`standard error: ${errors}`);
			}

			resolve(wrong.length > 0 ? `${way}, seed ${seed}: ${wrong.join('; ')}` : undefined);
		});
	});

/** Ends processes, in all ways in turn, for so many seconds and in each way once at the least. */
export const endProcesses = async ({binary, seconds, seed, parallel}) => {
	const chance = random.chanceOf(seed);
	const ways = Object.keys(WAYS);
	const until = performance.now() + seconds * 1000;
	const wrong = [];
	let ended = 0;
	const go = async () => {
		while (ended < ways.length || performance.now() < until) {
			const outcome = await runOne(binary, ways[ended++ % ways.length], chance(2 ** 31));
			if (outcome !== undefined) {
				wrong.push(outcome);
				console.error(`  ${outcome}`);
			}
		}
	};
	await Promise.all(Array.from({length: parallel}, go));
	return {ended, ways: ways.length, wrong};
};
