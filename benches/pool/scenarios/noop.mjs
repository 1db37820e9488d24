// What a job costs that does nothing.

import {checkResults} from '../../shared/checks.mjs';
import {timePerTask} from '../../shared/measure.mjs';
import {inFlight} from '../flight.mjs';
import {count, PER_JOB, ROUNDS, withPool} from './common.mjs';

export const noop = size => ({
	title: ({jobs, width}) =>
		`No-op: ${count(jobs)} jobs, ${width === 1 ? 'each awaited before the next' : `${width} in flight`}`,
	operation: 'pool',
	about: 'What it costs to have a function called in another thread, with next to nothing to do there.',
	metrics: [PER_JOB],
	rounds: ROUNDS,
	size,
	quick: {...size, jobs: 500, repetitions: 1},
	run: (peer, library, {jobs, width, repetitions}) =>
		withPool(peer, library, async ({run}) => {
			const work = () => inFlight({jobs, width}, index => run('echo', index));
			await work();
			return {time: await timePerTask({tasks: jobs, repetitions}, work, results => checkResults(results, jobs))};
		}),
});
