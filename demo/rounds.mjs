// Runs one round: starts its process and its client, and puts what both say together.

import {fork} from 'node:child_process';
import {EventEmitter, once} from 'node:events';
import process from 'node:process';
import {Worker} from 'node:worker_threads';

const roundPath = new URL('round.mjs', import.meta.url);
const clientPath = new URL('client.mjs', import.meta.url);

const running = new Set();

/** Ends what is under way, at once. */
export const killRounds = () => {
	for (const child of running) {
		child.kill('SIGKILL');
	}
};

/** `nth` of 0 to 1, of sorted numbers. */
const quantile = (sorted, nth) => sorted[Math.max(0, Math.ceil(sorted.length * nth) - 1)];

const latencyFigures = latencies => {
	const sorted = Float64Array.from(latencies).sort();
	return {answered: sorted.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1)};
};

/** Gives the round's figures, or its `failure` in words. */
export const runRound = async ({name, files, seconds, rate, onProgress}) => {
	const heard = new EventEmitter();
	const ended = new AbortController();
	let failure;
	const fail = reason => {
		failure ??= reason;
		ended.abort();
	};

	const hear = message => {
		heard.emit(message.type, message);
	};

	const wait = async type => {
		const [message] = await once(heard, type, {signal: ended.signal});
		return message;
	};

	const child = fork(roundPath, {
		// V8 writes pages of its own there when it runs out of memory.
		stdio: ['ignore', 'inherit', process.env.DEBUG ? 'inherit' : 'ignore', 'ipc'],
		serialization: 'advanced',
	});
	running.add(child);
	child.on('message', hear);
	child.on('error', error => {
		fail(error.message);
	});
	child.on('exit', (code, signal) => {
		running.delete(child);
		fail(signal ? `its process was ended by ${signal}` : `its process ended with ${code}`);
	});
	heard.on('failed', ({reason}) => {
		fail(reason);
	});
	heard.on('progress', onProgress);

	let client;
	try {
		child.send({type: 'round', name, files, seconds});
		const {port} = await wait('listening');

		client = new Worker(clientPath, {workerData: {port, rate}});
		client.on('message', hear);
		client.on('error', error => {
			fail(`its client failed: ${error.message}`);
		});
		await wait('ready');

		client.postMessage('go');
		child.send({type: 'go'});
		const batch = await wait('batch');

		client.postMessage('stop');
		const {sent, latencies} = await wait('answered');

		child.send({type: 'end'});
		const {peak} = await wait('peak');
		return {...batch, name, sent, latencies, ...latencyFigures(latencies), peak};
	} catch (error) {
		return {name, failure: failure ?? error.message};
	} finally {
		child.kill('SIGKILL');
		await client?.terminate();
	}
};
