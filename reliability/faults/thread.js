'use strict';

// A worker thread with the load, which ends when it is over, when it is killed, or in a way of its own.

const {parentPort, workerData} = require('node:worker_threads');
const {Counts} = require('./counts.js');
const {Load} = require('./load.js');
const {chanceOf} = require('../random.js');

const {thread, memory, seed, lives} = workerData;
const chance = chanceOf(seed);
const counts = new Counts(memory);
const load = new Load({counts, thread, chance});
if (chance(3) === 0) {
	load.openPool({maxThreads: 1 + chance(2)});
}

// Where it is about the end of the process, no thread ends before it.
const dies = chance(6);
if (!lives && dies < 2) {
	setTimeout(() => {
		counts.mark(thread);
		if (dies === 0) {
			process.exit();
		}

		throw new Error('planned');
	}, 50 + chance(300)).unref();
}

parentPort.postMessage('ready');
load
	.run(() => counts.isOver)
	.then(() => {
		// Before the thread ends by itself: it has to, with a pool that is not closed.
		parentPort.postMessage({open: counts.openCalls(thread)});
	});
