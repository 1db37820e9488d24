// What is measured: a batch alone, and online jobs beside a batch that never ends. All jobs need the processor for
// a time; that of a no-op is nothing.

import {setTimeout} from 'node:timers/promises';
import {gap} from '../shared/arrivals.mjs';
import {flood} from '../shared/flood.mjs';
import {median, quantile} from '../shared/statistics.mjs';
import {THREADS} from './peers.mjs';
import {roundsPerMs} from './work.mjs';

const ROUNDS = 3;
/** Of the jobs of the batch that never ends. */
const OFFLINE = {width: 32, ms: 5};

const perMs = roundsPerMs();
const taskOf = ms => ({rounds: Math.round(ms * perMs)});
const sum = values => values.reduce((total, value) => total + value, 0);

/** A pool whose threads are up, and that has had online jobs. */
const started = async (peer, library) => {
	const pool = peer.lanes(library);
	for (let round = 0; round < 50; round++) {
		await Promise.all([
			pool.online(taskOf(0)),
			pool.offline(taskOf(1)),
			pool.offline(taskOf(1)),
			pool.online(taskOf(1)),
		]);
	}

	return pool;
};

const timed = async work => {
	const start = performance.now();
	await work();
	return performance.now() - start;
};

const batchOf = ({title, jobs, repetitions}) => ({
	title: () => title,
	operation: 'lanes',
	metrics: [
		{key: 'time', title: 'makespan', unit: 'ms'},
		{key: 'overBound', title: '÷ max(longest, total / threads)', unit: 'x', inOverview: true},
	],
	rounds: ROUNDS,
	size: {jobs, repetitions},
	quick: {jobs: jobs.map(({ms}) => ({count: 2, ms})), repetitions: 1},
	async run(peer, library, {jobs, repetitions}) {
		const pool = await started(peer, library);
		const durations = jobs.flatMap(({count, ms}) => new Array(count).fill(ms));
		const tasks = durations.map(taskOf);
		const times = [];
		for (let repetition = 0; repetition < repetitions; repetition++) {
			times.push(await timed(() => pool.batch(tasks)));
		}

		const time = median(times);
		return {time, overBound: time / Math.max(...durations, sum(durations) / THREADS)};
	},
});

/** Keeps offline jobs in flight until told to stop, which gives how many of them ended in a second. */
const offlineFlood = ({offline}) => {
	const start = performance.now();
	let done = 0;
	const stop = flood(OFFLINE.width, async () => {
		await offline(taskOf(OFFLINE.ms));
		done++;
	});
	return async () => {
		const rate = done / ((performance.now() - start) / 1000);
		await stop();
		return rate;
	};
};

const besideBatch = ({what, ms, every, arrivals}) => ({
	title: ({arrivals}) =>
		`${arrivals} online ${what}, one about every ${every} ms, beside ${OFFLINE.width} offline jobs of ${OFFLINE.ms} ms in flight`,
	operation: 'lanes',
	metrics: [
		{key: 'p99', title: 'answer p99', unit: 'ms'},
		{key: 'p50', title: 'p50', unit: 'ms', inOverview: true},
		{key: 'max', title: 'max', unit: 'ms'},
		{key: 'offline', title: 'offline jobs a second, ÷ 400', unit: 'x', inOverview: true},
	],
	rounds: ROUNDS,
	size: {arrivals},
	quick: {arrivals: 10},
	async run(peer, library, {arrivals}) {
		const pool = await started(peer, library);
		const answers = [];
		const stop = offlineFlood(pool);
		await setTimeout(200);
		while (answers.length < arrivals) {
			await setTimeout(gap(every, answers.length));
			answers.push(timed(() => pool.online(taskOf(ms))));
		}

		const waits = await Promise.all(answers);
		const [p50, p99, max] = [0.5, 0.99, 1].map(part => quantile(waits, part));
		return {p50, p99, max, offline: (await stop()) / ((THREADS * 1000) / OFFLINE.ms)};
	},
});

export const scenarios = {
	batch: batchOf({title: 'Batch: 400 jobs of 5 ms', jobs: [{count: 400, ms: 5}], repetitions: 3}),
	skewed: batchOf({
		title: 'Skewed batch: 3 jobs of 60 ms in front of 400 of 2 ms',
		jobs: [
			{count: 3, ms: 60},
			{count: 400, ms: 2},
		],
		repetitions: 3,
	}),
	noop: besideBatch({what: 'no-ops', ms: 0, every: 10, arrivals: 400}),
	busy: besideBatch({what: 'jobs of 5 ms', ms: 5, every: 25, arrivals: 400}),
};
