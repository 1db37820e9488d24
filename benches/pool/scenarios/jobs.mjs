// Jobs of one length: how much of the threads' time they get.

import {checkResults} from '../../shared/checks.mjs';
import {timePerTask} from '../../shared/measure.mjs';
import {inFlight} from '../flight.mjs';
import {THREADS} from '../threads.mjs';
import {count, PER_JOB, ROUNDS, withPool} from './common.mjs';

const WIDTH = 64;

const durationOf = ms => (ms < 1 ? `${ms * 1000} µs` : `${ms} ms`);

export const jobsOf = size => ({
	title: ({ms, jobs}) =>
		`Jobs of ${durationOf(ms)}: ${count(jobs)}, ${WIDTH} in flight and as one map; ideal is ${THREADS} threads never idle`,
	operation: 'pool',
	about: 'How much of the threads’ time is work: the shorter the jobs, the more of it the pool itself takes.',
	metrics: [
		PER_JOB,
		{key: 'overIdeal', title: '÷ ideal', unit: 'x', inOverview: true},
		{key: 'mapOverIdeal', title: 'map ÷ ideal', unit: 'x'},
	],
	rounds: ROUNDS,
	size,
	quick: {...size, jobs: 50, repetitions: 1},
	run: (peer, library, {ms, jobs, repetitions}) =>
		withPool(peer, library, async ({run, map}) => {
			const tasks = Array.from({length: jobs}, (_, index) => ({index, ms}));
			const ideal = (ms * 1e6) / THREADS;
			const measure = async work => {
				await work();
				return timePerTask({tasks: jobs, repetitions}, work, results => checkResults(results, jobs));
			};

			const time = await measure(() => inFlight({jobs, width: WIDTH}, index => run('busy', tasks[index])));
			const mapTime = await measure(() => map('busy', tasks));
			return {time, overIdeal: time / ideal, mapOverIdeal: mapTime / ideal};
		}),
});
