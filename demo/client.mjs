// A worker thread that asks the server at a steady rate and notes how long each answer took.
//
// It runs in a thread of the demo's own process, not in the round's: so the batch can't slow its clock,
// its event loop or its garbage collector, and its memory is not counted as the round's. (The processor is
// still shared; that is the same for every round.) The loop is open: a request is due at its time whether
// or not earlier ones were answered, and its latency counts from when it was due, not from when it was
// sent. A client that waited for answers would send next to nothing while the server is blocked, and so
// hide exactly what is to be measured ("coordinated omission").

import {Agent, get} from 'node:http';
import {performance} from 'node:perf_hooks';
import {parentPort, workerData} from 'node:worker_threads';

const {port, rate} = workerData;
const interval = 1000 / rate;

/** Each unanswered request holds a connection; a batch of hours must not use up the machine's ports. */
const MAX_UNANSWERED = 4000;

const WARM_UPS = 20;

const agent = new Agent({keepAlive: true});
const latencies = [];
let sent = 0;
let unanswered = 0;

const ask = () =>
	new Promise((resolve, reject) => {
		const request = get({host: '127.0.0.1', port, agent}, response => {
			response.on('error', reject);
			response.on('end', () => {
				if (response.statusCode === 200) {
					resolve();
				} else {
					reject(new Error(`status ${response.statusCode}`));
				}
			});
			response.resume();
		});
		request.on('error', reject);
	});

const measure = async due => {
	sent++;
	if (unanswered >= MAX_UNANSWERED) {
		return;
	}

	unanswered++;
	try {
		await ask();
		latencies.push(performance.now() - due);
	} catch {
		// Counted: sent, but not among the answered.
	}

	unanswered--;
	finish();
};

let timer;
let stopped = false;

const run = due => {
	for (; due <= performance.now(); due += interval) {
		measure(due);
	}

	timer = setTimeout(run, Math.max(0, due - performance.now()), due);
};

const finish = () => {
	if (stopped && unanswered === 0) {
		stopped = false;
		agent.destroy();
		parentPort.postMessage({type: 'answered', sent, latencies});
	}
};

const commands = {
	go() {
		run(performance.now());
	},
	stop() {
		clearTimeout(timer);
		stopped = true;
		finish();
	},
};

for (let index = 0; index < WARM_UPS; index++) {
	await ask();
}

parentPort.on('message', command => {
	commands[command]();
});
parentPort.postMessage({type: 'ready'});
