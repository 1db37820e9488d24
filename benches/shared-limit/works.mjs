// What the threads of a sample do with the limit that they share.

import {setImmediate} from 'node:timers/promises';
import {checkResults} from '../shared/checks.mjs';

/** Nanoseconds on a clock that all threads of the process have. */
const now = () => Number(process.hrtime.bigint());

export const works = {
	/** Bursts of no-op async tasks, one after another. */
	bursts:
		(call, {tasks, bursts}) =>
		async () => {
			let begun = 0;
			const task = async () => begun++;
			for (let burst = 0; burst < bursts; burst++) {
				const results = await Promise.all(Array.from({length: tasks}, () => call(task)));
				checkResults(results, tasks, index => burst * tasks + index);
			}
		},

	/** Tasks that take a turn of the event loop, some queued at any time. */
	turns:
		(call, {tasks, ahead}) =>
		async () => {
			let begun = 0;
			const queueOne = async () => {
				while (begun < tasks) {
					begun++;
					await call(() => setImmediate());
				}
			};
			await Promise.all(Array.from({length: ahead}, queueOne));
		},

	/** Counts how many tasks of all threads run at once; gives the most. */
	meter(call, {tasks, memory}) {
		const [ACTIVE, MOST] = [0, 1];
		const words = new Int32Array(memory);
		return async () => {
			const task = async () => {
				const active = Atomics.add(words, ACTIVE, 1) + 1;
				for (let most = Atomics.load(words, MOST); active > most; most = Atomics.load(words, MOST)) {
					Atomics.compareExchange(words, MOST, most, active);
				}

				await setImmediate();
				Atomics.sub(words, ACTIVE, 1);
			};
			await Promise.all(Array.from({length: tasks}, () => call(task)));
			return Atomics.load(words, MOST);
		};
	},

	/**
	 * One call after another, at a limit of one slot that another thread uses in the same way: so each ends with the other
	 * thread's call waiting. Gives so many times in nanoseconds from the end of a task there to the begin of one here.
	 */
	handOver(call, {handOvers, thread, memory}) {
		const times = new Float64Array(memory, 0, 1);
		const [HOLDER, OVER] = [0, 1];
		const words = new Int32Array(memory, 8, 2);
		let round = 0;
		return async () => {
			round++;
			const latencies = [];
			const task = () => {
				const begun = now();
				if (words[HOLDER] === 1 - thread && words[OVER] < round) {
					latencies.push(begun - times[0]);
				}

				words[HOLDER] = thread;
				times[0] = now();
			};
			// As long as both are there: a thread alone would have run all its calls before the other one comes.
			while (words[OVER] < round) {
				await call(task);
				if (latencies.length === handOvers) {
					words[OVER] = round;
				}
			}

			words[HOLDER] = -1;
			return latencies;
		};
	},
};
