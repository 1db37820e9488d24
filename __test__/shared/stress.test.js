'use strict';

// Threads that start, use a limit and are killed at random, until enough has happened. P_LANES_STRESS_SECONDS has it go
// on for longer, and P_LANES_STRESS_SEED repeats a run as far as chance goes (the threads' turns are the system's).

const assert = require('node:assert/strict');
const path = require('node:path');
const {test} = require('node:test');
const {Worker} = require('node:worker_threads');
const pLimit = require('p-lanes');
const {Census} = require('./census.js');
const {newName, sleep, until} = require('./helpers.js');
const {CONCURRENCY, chanceOf, work} = require('./stress-work.js');

const SECONDS = Number(process.env.P_LANES_STRESS_SECONDS ?? 3);
/** Calls that have begun, and threads that were started, at the least; however long a slow machine takes for them. */
const CALLS = 1_000;
const LIVES = 2 * Census.THREADS;
const SEED = Number(process.env.P_LANES_STRESS_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`threads that are killed at random never have more at once than may be, and leave nothing`, async t => {
	t.diagnostic(`seed ${SEED}`);
	const chance = chanceOf(SEED);
	const census = new Census();
	t.after(() => census.end());
	const name = newName();
	const {memory} = census;
	let lives = 0;

	/** One worker after another in the same place, each killed after a while unless it ends by itself. */
	const live = async thread => {
		while (!census.isOver) {
			lives++;
			const worker = new Worker(path.join(__dirname, 'stress-work.js'), {
				workerData: {thread, name, memory, seed: chance(2 ** 31)},
			});
			const exited = new Promise((resolve, reject) => {
				worker.once('exit', resolve);
				worker.once('error', reject);
			});
			await Promise.race([sleep(chance(400)), exited]);
			census.mark(thread);
			await worker.terminate();
			await exited;
			census.bury(thread);
			pLimit({name}).resume(); // it may have been killed between `pause` and `resume`
		}
	};

	const here = work({thread: 0, name, census, seed: chance(2 ** 31)});
	const others = Array.from({length: Census.THREADS - 1}, (_, index) => live(index + 1));
	await sleep(SECONDS * 1000);
	const enough = until(() => census.isOver || (census.begun > CALLS && lives > LIVES));
	await Promise.race([enough, Promise.all(others)]); // Others only fail before it is over.
	census.end();
	const limit = await here;
	await Promise.all(others);
	await limit.onIdle();
	assert.equal(census.broken, 0);
	assert.equal(census.running, 0);
	assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

	// All slots are there.
	let running = 0;
	await limit.map(Array(CONCURRENCY), async () => {
		running++;
		while (running < CONCURRENCY) {
			await new Promise(setImmediate);
		}
	});
	const {online, offline} = limit.stats();
	assert.equal(online.granted + offline.granted, online.settled + offline.settled);
	t.diagnostic(`${census.begun} begun in ${lives} lives`);
});
