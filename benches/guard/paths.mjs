// The hot paths that are guarded, each as a piece of fixed work.
//
// | key | is |
// |---|---|
// | `title` | the operation that is counted |
// | `operations` | how many of it a round has |
// | `warmUp` | the rounds until V8 has compiled all that is hot |
// | `rounds` | the rounds of a part, see `measure.mjs` |
// | `threads` | whose instructions count: those of all threads, or of the main thread |
// | `start` | gives the function that runs a round; its results are the numbers from 0, in order, one for each operation |

import {fileURLToPath} from 'node:url';

const CONCURRENCY = 10;

const USUAL = {operations: 1000, warmUp: 100, rounds: 20, threads: 'all'};

const numbers = length => Array.from({length}, (_, index) => index);

/** A task that gives the number of tasks before it, from 0 in each round. */
const counter = () => {
	let begun = 0;
	return {
		task: async () => begun++,
		reset() {
			begun = 0;
		},
	};
};

/** All calls of a burst at once. */
const burst = (limit, task, calls) => {
	const promises = [];
	for (let call = 0; call < calls; call++) {
		promises.push(limit(task));
	}

	return Promise.all(promises);
};

const uncontended = {
	title: 'a call that finds a free slot',
	...USUAL,
	start({pLimit}, operations) {
		const limit = pLimit(CONCURRENCY);
		const {task, reset} = counter();
		return async () => {
			reset();
			const results = [];
			for (let call = 0; call < operations; call++) {
				results.push(await limit(task));
			}

			return results;
		};
	},
};

const kept = {
	title: 'a call of a burst of 1,000, on a limit that is kept',
	...USUAL,
	start({pLimit}, operations) {
		const limit = pLimit(CONCURRENCY);
		const {task, reset} = counter();
		return () => {
			reset();
			return burst(limit, task, operations);
		};
	},
};

const perBatch = {
	title: 'a call of a burst of 100, each burst on a new limit',
	...USUAL,
	// A round makes ten limits, so it takes longer until V8 has compiled what makes one.
	warmUp: 400,
	start({pLimit}, operations) {
		const {task, reset} = counter();
		return async () => {
			reset();
			const results = [];
			while (results.length < operations) {
				results.push(...(await burst(pLimit(CONCURRENCY), task, 100)));
			}

			return results;
		};
	},
};

const map = {
	title: 'an item of a map of 1,000',
	...USUAL,
	// An item costs so little that it takes longer until all is compiled, and until there is garbage to collect.
	warmUp: 200,
	rounds: 60,
	start({pLimit}, operations) {
		const limit = pLimit(CONCURRENCY);
		const items = numbers(operations);
		const mapper = async item => item;
		return () => limit.map(items, mapper);
	},
};

const stream = {
	title: 'an item of a stream of 1,000 from an array',
	...USUAL,
	start({pLimit}, operations) {
		const limit = pLimit(CONCURRENCY);
		const items = numbers(operations);
		const mapper = async item => item;
		return async () => {
			const results = [];
			for await (const result of limit.stream(items, mapper)) {
				results.push(result);
			}

			return results;
		};
	},
};

const pool = {
	title: 'a job of a pool.map of 1,000 small objects, in the main thread',
	...USUAL,
	warmUp: 40,
	rounds: 5,
	// How often a worker looks for work before it sleeps depends on time.
	threads: 'main',
	start({Pool}, operations) {
		const pool = new Pool({
			filename: fileURLToPath(new URL('jobs.mjs', import.meta.url)),
			minThreads: 1,
			maxThreads: 1,
		});
		const items = numbers(operations).map(id => ({id, name: `item ${id}`, tags: ['small'], nested: {x: id}}));
		return async () => (await pool.map(items)).map(({id}) => id);
	},
};

export const paths = {uncontended, kept, 'per-batch': perBatch, map, stream, pool};
