'use strict';

// Threads that are killed at random with everything in use, and what must hold all the same.
//
//     node reliability/faults/threads.js SEED SECONDS
//
// The last line on standard output are the figures, as JSON. The process has to end by itself.

const path = require('node:path');
const process = require('node:process');
const {Worker} = require('node:worker_threads');
const {Counts} = require('./counts.js');
const {LIMITS, Load, sleep, turn} = require('./load.js');
const {chanceOf} = require('../random.js');

const [seed, seconds] = process.argv.slice(2).map(Number);
const chance = chanceOf(seed);
const counts = new Counts();
const figures = {lives: 0, terminated: 0, lost: 0, workersOfPools: 0, pools: 0};

const expect = (holds, text) => {
	if (!holds) {
		counts.fault(0, text);
	}
};

const say = text => {
	process.stderr.write(`${text}\n`);
};

/** One thread after another in the same place, each killed after a while unless it ends before. */
const live = async thread => {
	while (!counts.isOver) {
		figures.lives++;
		const worker = new Worker(path.join(__dirname, 'thread.js'), {
			workerData: {thread, memory: counts.memory, seed: chance(2 ** 31)},
		});
		let finished;
		const ready = new Promise(resolve => {
			worker.on('message', message => {
				finished = message.open === undefined ? finished : message;
				resolve();
			});
		});
		const exited = new Promise(resolve => {
			worker.once('exit', resolve);
			worker.once('error', error => expect(error.message === 'planned', `a thread failed: ${error.stack}`));
		});
		// Some are killed while they start.
		const wait = chance(6) === 0 ? sleep(chance(100)) : ready.then(() => sleep(chance(400)));
		await Promise.race([wait, exited]);
		if (!counts.isOver) {
			counts.mark(thread);
			await worker.terminate();
			figures.terminated++;
		}

		// A thread that was not killed comes to its end: a hang is the driver's to see.
		await exited;
		if (finished !== undefined) {
			expect(finished.open === 0, `a thread ended in order with ${finished.open} calls that are not settled`);
		}

		figures.lost += counts.bury(thread);
	}
};

/** A pool of this thread whose workers are killed, and that is destroyed itself now and then. */
const killWorkers = async load => {
	while (!counts.isOver) {
		await sleep(20 + chance(150));
		const {threads} = load.pool;
		if (chance(12) === 0) {
			const {pool} = load;
			load.openPool({maxThreads: 3, concurrentTasksPerWorker: 1 + chance(2)});
			figures.pools++;
			await (chance(2) === 0 ? pool.destroy() : pool.close());
		} else if (threads.length > 0) {
			threads[chance(threads.length)].terminate();
			figures.workersOfPools++;
		}
	}
};

const main = async () => {
	const began = performance.now();
	const load = new Load({counts, thread: 0, chance});
	load.openPool({maxThreads: 3});
	const all = [
		load.run(() => counts.isOver),
		killWorkers(load),
		...Array.from({length: Counts.THREADS - 1}, (_, index) => live(index + 1)),
	];
	await sleep(seconds * 1000);
	counts.end();
	say('over: the threads end');
	await Promise.all(all);
	say('the threads have ended: the limits come to rest');
	for (const [name, limit] of Object.entries(load.limits)) {
		await limit.onIdle();
		const {online, offline} = limit.stats();
		expect(limit.activeCount === 0 && limit.pendingCount === 0, `${name} is idle and counts calls`);
		const [granted, settled] = [online.granted + offline.granted, online.settled + offline.settled];
		expect(granted === settled, `${name} has granted ${granted} and settled ${settled}`);
		say(`${name}: ${granted} granted`);
	}

	for (const broken of counts.broken) {
		expect(false, `more ran than may at ${broken}`);
	}

	expect(counts.running === 0, `${counts.running} calls run at idle limits`);
	expect(counts.begun === counts.settled, `${counts.begun} calls were made and ${counts.settled} settled`);
	const {limit, interval, burst} = LIMITS.rated.rate;
	const most = burst + (limit * (performance.now() - began)) / interval;
	expect(counts.starts <= most, `${counts.starts} starts at a rate that allows ${most}`);

	// All slots are there.
	for (const [name, {concurrency}] of Object.entries(LIMITS)) {
		if (typeof concurrency === 'number') {
			let running = 0;
			await load.limits[name].map(Array(concurrency), async () => {
				running++;
				while (running < concurrency) {
					await turn();
				}
			});
		}
	}

	await load.pool.close();
	say('the pool is closed: the process ends');
	const {calls, ...rest} = {calls: counts.begun, ...figures};
	console.log(JSON.stringify({calls, jobs: counts.serial[0], starts: counts.starts, ...rest, faults: counts.faults}));
	process.exitCode = counts.faults > 0 ? 1 : 0;
};

main();
