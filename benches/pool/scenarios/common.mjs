// What the scenarios have in common.

import {started} from '../threads.mjs';

export const ROUNDS = 3;

export const PER_JOB = {key: 'time', title: 'per job', unit: 'µs'};

export const count = number => number.toLocaleString('en');

/** The metrics that `measure` takes with a peer's pool, whose threads are up. */
export const withPool = async (peer, library, measure) => {
	const pool = await started(peer.pool(library), peer.threads);
	return measure(pool);
};
