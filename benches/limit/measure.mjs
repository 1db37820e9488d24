// How a child measures.

import {setImmediate} from 'node:timers/promises';
import {median} from './statistics.mjs';

/** Leaves no garbage, and no finalizer, for what comes next to pay for. */
export const tidy = async () => {
	globalThis.gc();
	await setImmediate();
	globalThis.gc();
};

/**
 * Nanoseconds per task, the median of some repetitions. What `work` gives goes to `check`, off the clock.
 */
export const timePerTask = async ({tasks, repetitions}, work, check) => {
	const times = [];
	for (let repetition = 0; repetition < repetitions; repetition++) {
		await tidy();
		const start = performance.now();
		const results = await work();
		times.push(((performance.now() - start) * 1e6) / tasks);
		check(results);
	}

	return median(times);
};

/** Bytes in use now: in the heap, and by the whole process, native memory and all. */
export const memory = async () => {
	await tidy();
	const {heapUsed, rss} = process.memoryUsage();
	return {heap: heapUsed, resident: rss};
};
