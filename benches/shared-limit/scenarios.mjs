// What is measured of limits that several threads share. See `../limit/scenarios.mjs` for what a scenario has.

import {CONCURRENCY, checkedMap, count, measureBursts, measureSequence, PER_TASK} from '../limit/calls.mjs';
import {checkResults, expect} from '../shared/checks.mjs';
import {timePerTask} from '../shared/measure.mjs';
import {median, quantile} from '../shared/statistics.mjs';
import {peers} from './peers.mjs';
import {Threads} from './threads.mjs';

const nameOf = peer => Object.keys(peers).find(name => peers[name] === peer);

const start = (peer, library, options) => Threads.start(peer, library, {name: nameOf(peer), ...options});

/** All threads together run as many tasks at once as they may, and never more. */
const checkShared = async (peer, library, {operation, threads, concurrency}) => {
	const metered = await start(peer, library, {operation, threads, concurrency, work: 'meter', size: {tasks: 100}});
	const most = Math.max(...(await metered.run()));
	await metered.end();
	expect(most === concurrency, `${most} tasks at once in place of ${concurrency}`);
};

const handOver = {
	title: ({handOvers}) => `Hand-over: two threads in turn in one slot, ${count(handOvers)} times to each`,
	operation: 'handOver',
	about: 'Two threads want one slot in turn: how soon the other thread can use what one gives back.',
	reference: 'postMessage',
	metrics: [
		{key: 'time', title: 'end to begin, median', unit: 'µs'},
		{key: 'p90', title: 'p90', unit: 'µs'},
		{key: 'p99', title: 'end to begin, p99', unit: 'µs', inOverview: true, isDrawn: true},
	],
	rounds: 7,
	size: {handOvers: 5000, repetitions: 3},
	quick: {handOvers: 50, repetitions: 1},
	async run(peer, library, {handOvers, repetitions}) {
		const one = {operation: 'handOver', threads: 2, concurrency: 1};
		await checkShared(peer, library, one);
		const threads = await start(peer, library, {...one, work: 'handOver', size: {handOvers}});
		await threads.run();
		let latencies = [];
		for (let repetition = 0; repetition < repetitions; repetition++) {
			latencies = latencies.concat(...(await threads.run()));
		}

		await threads.end();
		expect(latencies.length >= handOvers * repetitions, `only ${latencies.length} hand-overs`);
		return {time: median(latencies), p90: quantile(latencies, 0.9), p99: quantile(latencies, 0.99)};
	},
};

const shared = (work, title, {about, size, quick}) => ({
	title,
	operation: 'shared',
	about,
	reference: 'postMessage',
	metrics: [PER_TASK],
	rounds: 7,
	size,
	quick,
	async run(peer, library, size) {
		const {threads: number, concurrency, repetitions} = size;
		await checkShared(peer, library, {threads: number, concurrency});
		const threads = await start(peer, library, {threads: number, concurrency, work, size});
		await threads.run();
		const tasks = size.tasks * (size.bursts ?? 1) * number;
		const time = await timePerTask(
			{tasks, repetitions},
			() => threads.run(),
			answers => expect(answers.length === number, 'a thread is missing'),
		);
		await threads.end();
		return {time};
	},
});

const threads = shared(
	'bursts',
	({threads, tasks}) => `Threads: ${threads} at once, each with bursts of ${count(tasks)} no-op async tasks`,
	{
		about:
			'All threads of a server call one limit with work that costs nothing: the limit itself is all that is measured.',
		size: {threads: 4, concurrency: CONCURRENCY, tasks: 1000, bursts: 20, repetitions: 5},
		quick: {threads: 4, concurrency: CONCURRENCY, tasks: 50, bursts: 2, repetitions: 1},
	},
);

const turns = shared(
	'turns',
	({threads, ahead}) =>
		`Turns: ${threads} threads at once, each with ${ahead} tasks of a turn of the event loop under way`,
	{
		about: 'The same with work that takes a turn of the event loop, so that threads really wait for each other.',
		size: {threads: 4, concurrency: CONCURRENCY, tasks: 5000, ahead: 5, repetitions: 5},
		quick: {threads: 4, concurrency: CONCURRENCY, tasks: 50, ahead: 5, repetitions: 1},
	},
);

const alone = (operation, title, {size, quick, run}) => ({
	title: size => `Alone in its thread: ${title(size)}`,
	operation,
	about: 'A limit with a name that no other thread uses: what being shareable costs.',
	reference: 'unnamed',
	metrics: [PER_TASK],
	rounds: 9,
	size,
	quick,
	run,
});

const burst = alone('call', ({tasks}) => `bursts of ${count(tasks)} no-op async tasks`, {
	size: {tasks: 1000, bursts: 50, repetitions: 9},
	quick: {tasks: 1000, bursts: 1, repetitions: 1},
	run: measureBursts,
});

const sequential = alone('call', ({tasks}) => `${count(tasks)} no-op async tasks, each awaited before the next`, {
	size: {tasks: 10_000, repetitions: 15},
	quick: {tasks: 1000, repetitions: 1},
	run: measureSequence,
});

const map = alone('map', ({items}) => `a map of ${count(items)} items`, {
	size: {items: 10_000, repetitions: 15},
	quick: {items: 1000, repetitions: 1},
	async run(peer, library, {items: length, repetitions}) {
		const map = await checkedMap(peer, library, CONCURRENCY);
		const mapper = async item => item;
		const items = Array.from({length}, (_, index) => index);
		for (let time = 0; time < 10; time++) {
			await map(items, mapper);
		}

		const time = await timePerTask(
			{tasks: length, repetitions},
			() => map(items, mapper),
			results => checkResults(results, length),
		);
		return {time};
	},
});

export const scenarios = {'hand-over': handOver, threads, turns, burst, sequential, map};
