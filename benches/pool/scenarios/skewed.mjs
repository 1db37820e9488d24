// A few long jobs in front of many short ones: how well the threads share what is left.

import {checkResults} from '../../shared/checks.mjs';
import {median} from '../../shared/statistics.mjs';
import {THREADS} from '../threads.mjs';
import {ROUNDS, withPool} from './common.mjs';

const sum = values => values.reduce((total, value) => total + value, 0);

export const skewed = {
	title: ({long, short}) =>
		`Skewed batch: ${long.jobs} jobs of ${long.ms} ms in front of ${short.jobs} of ${short.ms} ms, as one map and as runs`,
	operation: 'pool',
	about: 'A few long jobs hold some threads: how well the others share what is left.',
	metrics: [
		{key: 'time', title: 'makespan', unit: 'ms'},
		{key: 'overBound', title: '÷ max(longest, total / threads)', unit: 'x', inOverview: true},
		{key: 'runsOverBound', title: 'that of runs', unit: 'x'},
	],
	rounds: ROUNDS,
	size: {long: {jobs: 4, ms: 60}, short: {jobs: 400, ms: 2}, repetitions: 3},
	quick: {long: {jobs: 2, ms: 10}, short: {jobs: 10, ms: 1}, repetitions: 1},
	run: (peer, library, {long, short, repetitions}) =>
		withPool(peer, library, async ({run, map}) => {
			const durations = [long, short].flatMap(({jobs, ms}) => new Array(jobs).fill(ms));
			const tasks = durations.map((ms, index) => ({index, ms}));
			const bound = Math.max(...durations, sum(durations) / THREADS);

			const makespan = async work => {
				const start = performance.now();
				const results = await work();
				const time = performance.now() - start;
				checkResults(results, tasks.length);
				return time;
			};

			const mapped = [];
			const ran = [];
			for (let repetition = 0; repetition < repetitions; repetition++) {
				mapped.push(await makespan(() => map('busy', tasks)));
				ran.push(await makespan(() => Promise.all(tasks.map(task => run('busy', task)))));
			}

			const time = median(mapped);
			return {time, overBound: time / bound, runsOverBound: median(ran) / bound};
		}),
};
