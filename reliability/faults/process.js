'use strict';

// A process that uses everything and ends in a way of `ways.js`.
//
//     node reliability/faults/process.js WAY SEED
//
// It prints "ready" when all is under way, and reads on its channel when to end.

const path = require('node:path');
const process = require('node:process');
const {Worker} = require('node:worker_threads');
const {Counts} = require('./counts.js');
const {Load, sleep} = require('./load.js');
const {chanceOf} = require('../random.js');
const {WAYS} = require('./ways.js');

const [way, seed] = process.argv.slice(2);
const {end, isEarly, isFirst, prepare, signal} = WAYS[way];
const chance = chanceOf(Number(seed));
const counts = new Counts();
const load = new Load({counts, thread: 0, chance});
load.openPool({maxThreads: 2});
prepare?.();

const workers = Array.from(
	{length: 2},
	(_, index) =>
		new Worker(path.join(__dirname, 'thread.js'), {
			workerData: {thread: index + 1, memory: counts.memory, seed: chance(2 ** 31), lives: true},
		}),
);
const ready = Promise.all(workers.map(worker => new Promise(resolve => worker.once('message', resolve))));
load.run(() => counts.isOver);

const finish = async () => {
	if (!isFirst) {
		await (isEarly ? sleep(chance(100)) : ready);
		await sleep(chance(100));
	}

	if (signal === undefined) {
		// Out of any promise, so that what is thrown is an uncaught exception.
		process.nextTick(end, {counts, load, workers});
	} else {
		process.stdout.write('ready');
	}
};

if (isFirst) {
	end({counts, load, workers});
}

finish();
