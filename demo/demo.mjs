// p-lanes beside p-limit and no limit at all: a batch on real files, and requests that someone waits for.

import {availableParallelism, freemem} from 'node:os';
import {resolve} from 'node:path';
import {performance} from 'node:perf_hooks';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {hashAll} from './batch.mjs';
import {bytes, plural, wrap} from './format.mjs';
import {CHUNK} from './hash.mjs';
import {showProgress, stopProgress} from './progress.mjs';
import {Refusal} from './refusal.mjs';
import {notes, sentence, table} from './report.mjs';
import {killRounds, runRound} from './rounds.mjs';
import {walk} from './walk.mjs';
import {CONCURRENCY, RESERVE, ways} from './ways.mjs';

const HELP = `Usage: npm run demo [folder] [-- --seconds <number>]

Hashes every file below the folder (default: this package's node_modules) while an
HTTP server in the same process answers requests, in three rounds: everything at
once, p-limit, p-lanes. Shows how long the batch took and how long requests waited.

  --seconds <number>  how long a round lasts at least, above 0 up to 600; default 3.
                      A batch that is over sooner is repeated.
  --picture <file>    write the latencies to an SVG file, too
  --help              this text`;

const DEFAULT_SECONDS = 3;
const MAX_SECONDS = 600;

/** Requests a second, where a pass is short. */
const RATE = 200;

/** All requests of a pass may be unanswered until its end, and each holds a connection. */
const MAX_REQUESTS_A_PASS = 2000;

/** An open file's objects and its place in libuv's queue, roughly. */
const BYTES_AN_OPEN_FILE = 8 * 1024;

const readArguments = () => {
	let parsed;
	try {
		parsed = parseArgs({
			allowPositionals: true,
			options: {help: {type: 'boolean', short: 'h'}, seconds: {type: 'string'}, picture: {type: 'string'}},
		});
	} catch (error) {
		throw new Refusal(`${error.message}\n\n${HELP}`);
	}

	const {values, positionals} = parsed;
	if (positionals.length > 1) {
		throw new Refusal(`One folder at most, got ${positionals.length}.\n\n${HELP}`);
	}

	if (positionals[0] === '') {
		throw new Refusal(`The folder's name is empty.\n\n${HELP}`);
	}

	const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
	if (!(seconds > 0 && seconds <= MAX_SECONDS) || values.seconds?.trim() === '') {
		throw new Refusal(`--seconds must be a number above 0 up to ${MAX_SECONDS}, got '${values.seconds}'.`);
	}

	// npm runs a script in the package's folder; a relative path is meant from where npm was called.
	const from = (process.env.npm_lifecycle_event === 'demo' ? process.env.INIT_CWD : undefined) ?? '.';
	const folder =
		positionals.length === 1
			? resolve(from, positionals[0])
			: fileURLToPath(new URL('../node_modules', import.meta.url));
	const picture = values.picture === undefined ? undefined : resolve(from, values.picture);
	return {help: values.help, seconds, folder, picture};
};

/** Reads every file once, untimed: now all are as warm in the page cache as they will get, and known to be readable. */
const firstPass = async (files, skips) => {
	const bar = showProgress('first pass');
	const begin = performance.now();
	let done = 0;
	let doneBytes = 0;
	let unreadable = 0;
	const tell = () => {
		bar.update({passes: 1, share: (done + unreadable) / files.length, files: done, bytes: doneBytes});
	};

	const teller = setInterval(tell, 100);
	const pass = await hashAll(files, ways['p-lanes']().map, {
		onFile(size) {
			done++;
			doneBytes += size;
		},
		onSkip(code) {
			unreadable++;
			skips.add(`unreadable, ${code}`);
		},
	});
	clearInterval(teller);
	tell();
	stopProgress();
	return {...pass, seconds: (performance.now() - begin) / 1000};
};

/** Everything at once opens every file and gives each its chunk: on a large folder, more than the machine has. */
const refuseAllAtOnce = files => {
	let needed = 0;
	for (const {size} of files) {
		needed += Math.min(size, CHUNK) + BYTES_AN_OPEN_FILE;
	}

	const free = Math.min(freemem(), process.availableMemory?.() ?? Number.POSITIVE_INFINITY);
	return needed > free / 2
		? `not run: ${plural(files.length, 'open file')} need some ${bytes(needed)} at once`
		: undefined;
};

const width = () => Math.min(process.stdout.columns ?? 100, 100);

const printHeader = ({folder, pass, skips, rate}) => {
	const threads = process.env.UV_THREADPOOL_SIZE || 4;
	const paragraphs = [
		`${folder}: ${plural(pass.files, 'file')}, ${bytes(pass.bytes)}${skips.total > 0 ? `; ${skips}` : ''}`,
		`Offline: the SHA-256 of every file. Online: ${plural(rate, 'request')} a second, each for the SHA-256 of one small file.`,
		`The limit has ${CONCURRENCY} slots for libuv's ${plural(Number(threads), 'thread')}, so that each thread has a next file at hand. ` +
			`With p-limit a request queues behind all files that came before it. With p-lanes ${plural(RESERVE, 'slot')} is never given to ` +
			'files and requests go first, though one still shares the threads, the event loop and ' +
			`${plural(availableParallelism(), 'core')} with up to ${CONCURRENCY - RESERVE} files; with everything at once it shares them with all.`,
	];
	console.log(`${paragraphs.map(text => wrap(text, width())).join('\n')}\n`);
};

const main = async () => {
	const {help, seconds, folder, picture} = readArguments();
	if (help) {
		console.log(HELP);
		return;
	}

	const {files, skips} = walk(folder);
	const pass = files.length > 0 ? await firstPass(files, skips) : {files: 0};
	if (pass.files === 0) {
		throw new Refusal(`No files to read in ${folder}${skips.total > 0 ? `; ${skips}` : ''}`);
	}

	const rate = Math.max(1, Math.min(RATE, Math.floor(MAX_REQUESTS_A_PASS / pass.seconds)));
	printHeader({folder, pass, skips, rate});

	const rounds = [];
	for (const name of Object.keys(ways)) {
		const refusal = name === 'all at once' ? refuseAllAtOnce(pass.readable) : undefined;
		if (refusal !== undefined) {
			rounds.push({name, failure: refusal});
			continue;
		}

		const bar = showProgress(name);
		const round = await runRound({
			name,
			files: pass.readable,
			seconds,
			rate,
			onProgress(progress) {
				bar.update(progress);
			},
		});
		stopProgress();
		rounds.push(round);
		if (round.failure !== undefined) {
			process.exitCode = 1;
		}
	}

	console.log(`\n${table(rounds)}`);
	console.log([sentence(rounds, rate), ...notes(rounds, seconds)].map(text => wrap(text, width())).join('\n'));
	if (picture !== undefined) {
		const {draw} = await import('./picture.mjs');
		draw(picture, rounds, rate);
	}
};

const stop = code => {
	killRounds();
	stopProgress();
	process.exit(code);
};

for (const [signal, number] of [
	['SIGINT', 2],
	['SIGTERM', 15],
	['SIGHUP', 1],
]) {
	process.on(signal, () => {
		stop(128 + number);
	});
}

// Whoever reads may have had enough: `npm run demo | head`.
process.stdout.on('error', () => {
	stop(1);
});

try {
	await main();
} catch (error) {
	killRounds();
	stopProgress();
	console.error(error instanceof Refusal ? error.message : `The demo failed: ${error.message}`);
	process.exitCode = 1;
}
