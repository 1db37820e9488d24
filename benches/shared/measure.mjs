// How a child measures.

import {setImmediate} from 'node:timers/promises';
import {inTurn} from './plan.mjs';
import {median} from './statistics.mjs';

/**
 * Nanoseconds per task, the median of some repetitions. What `work` gives goes to `check`, off the clock.
 *
 * No garbage is collected between the repetitions: all of it is this peer's own, so that it pays for what
 * it leaves as it would in a long run, and a forced collection throws away optimized code (which had
 * p-limit, in the sequential scenario, take three times as long).
 */
export const timePerTask = async ({tasks, repetitions}, work, check) => {
	const times = [];
	for (let repetition = 0; repetition < repetitions; repetition++) {
		await setImmediate();
		const start = performance.now();
		const results = await work();
		times.push(((performance.now() - start) * 1e6) / tasks);
		check(results);
	}

	return median(times);
};

/**
 * Nanoseconds per task of some works by name, in every repetition: taken by turns, another one first each time, so that a
 * ratio of two of them is one of times close to each other.
 */
export const timesInTurns = async ({tasks, repetitions}, works, check) => {
	const names = Object.keys(works);
	const times = Object.fromEntries(names.map(name => [name, []]));
	for (let repetition = 0; repetition < repetitions; repetition++) {
		for (const name of inTurn(names, repetition)) {
			times[name].push(await timePerTask({tasks, repetitions: 1}, works[name], check));
		}
	}

	return times;
};

/** Bytes in use when all garbage is gone: in the heap, and by the whole process, native memory and all. */
export const memory = async () => {
	globalThis.gc();
	await setImmediate();
	globalThis.gc();
	const {heapUsed, rss} = process.memoryUsage();
	return {heap: heapUsed, resident: rss};
};
