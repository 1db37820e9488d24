// One round, as a child process of its own: a fresh heap, and a peak of memory that is this round's alone.
//
// Takes {type: 'round', name, files, seconds}, and says where it listens; on 'go' runs the batch, again and
// again until `seconds` have passed, and tells its progress and figures; on 'end' tells its peak and exits.

import {readFileSync} from 'node:fs';
import {performance} from 'node:perf_hooks';
import process from 'node:process';
import {hashAll} from './batch.mjs';
import {serve} from './server.mjs';
import {Skips} from './skips.mjs';
import {ways} from './ways.mjs';

const PROGRESS_INTERVAL = 100;

let way;
let job;

/**
 * In bytes. Linux hands a process's `maxRSS` on to the programs that it starts, so a child's is at least
 * what its parent had; VmHWM begins anew.
 */
const peakMemory = () => {
	try {
		const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
		return Number(kilobytes) * 1024;
	} catch {
		return process.resourceUsage().maxRSS * 1024;
	}
};

const runBatch = async () => {
	const {files, seconds} = job;
	const begin = performance.now();
	const elapsed = () => (performance.now() - begin) / 1000;
	const skips = new Skips();
	let passes = 0;
	let done = 0;
	let doneBytes = 0;

	// At the end of a round both halves are 1: every file was hashed, and it lasted long enough.
	const tell = () => {
		process.send({
			type: 'progress',
			passes,
			share: Math.min((done + skips.total) / files.length, elapsed() / seconds, 1),
			files: done,
			bytes: doneBytes,
		});
	};

	const teller = setInterval(tell, PROGRESS_INTERVAL);
	let pass;
	do {
		passes++;
		pass = await hashAll(files, way.map, {
			onFile(bytes) {
				done++;
				doneBytes += bytes;
			},
			onSkip(code) {
				skips.add(code);
			},
		});
	} while (elapsed() < seconds);

	const batchSeconds = elapsed() / passes;
	clearInterval(teller);
	tell();
	const {files: hashed, bytes, digest} = pass;
	process.send({type: 'batch', passes, seconds: batchSeconds, files: hashed, bytes, digest, skips: skips.toJSON()});
};

const commands = {
	async round(given) {
		job = given;
		way = ways[job.name]();
		process.send({type: 'listening', port: await serve(way.online)});
	},
	async go() {
		await runBatch();
	},
	end() {
		process.send({type: 'peak', peak: peakMemory()}, () => {
			process.exit();
		});
	},
};

process.on('message', async message => {
	try {
		await commands[message.type](message);
	} catch (error) {
		process.send({type: 'failed', reason: error.message}, () => {
			process.exit(1);
		});
	}
});

// Ctrl-C goes to the whole terminal; the demo ends its rounds itself. Whatever way it went, we go too.
process.on('SIGINT', () => {});
process.on('disconnect', () => {
	process.exit();
});
