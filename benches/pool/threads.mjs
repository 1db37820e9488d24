// A pool whose threads are there.

import {expect} from '../shared/checks.mjs';
import {inFlight} from './flight.mjs';

/** Of every pool, native ones too; the floor has none but the main thread. */
export const THREADS = 2;

const WARM_UP = {jobs: 3000, width: 64};

/** Until jobs have run on every thread, and never on more. */
const seeThreads = async (run, expected) => {
	const seen = new Set();
	const deadline = performance.now() + 10_000;
	while (seen.size < expected) {
		expect(performance.now() < deadline, `jobs run on ${seen.size} threads in place of ${expected}`);
		for (const thread of await Promise.all(Array.from({length: 2 * expected}, () => run('whereabouts')))) {
			seen.add(thread);
		}
	}

	expect(seen.size === expected, `jobs run on ${seen.size} threads in place of ${expected}`);
};

/** Starts the threads of a pool and warms up its way there and back. */
export const started = async (pool, threads = THREADS) => {
	await seeThreads(pool.run, threads);
	await inFlight(WARM_UP, index => pool.run('echo', index));
	return pool;
};
