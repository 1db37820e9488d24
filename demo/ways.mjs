// The three ways to run a batch and answer requests in one process. This is all that a round differs in.

import pLimit from 'p-limit';
import pLanes from '../index.mjs';

/**
 * Twice libuv's default of 4 threads: a slot is held from `open` to `close`, and between two operations
 * the event loop has the file, so with 4 slots the threads would often have nothing to do.
 */
export const CONCURRENCY = 8;

/** p-lanes' default, named here because the header speaks of it. */
export const RESERVE = 1;

export const ways = {
	'all at once': () => ({
		online: answer => answer(),
		map: (files, hash) => Promise.all(files.map(file => hash(file))),
	}),

	'p-limit': () => {
		const limit = pLimit(CONCURRENCY);
		return {
			online: answer => limit(answer),
			map: (files, hash) => limit.map(files, hash),
		};
	},

	'p-lanes': () => {
		const limit = pLanes({concurrency: CONCURRENCY, reserve: RESERVE});
		return {
			online: answer => limit.online(answer),
			map: (files, hash) => limit.offline.map(files, hash),
		};
	},
};
