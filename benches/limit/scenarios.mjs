// What is measured. A scenario has a title for its size, the operation of a peer that it needs, a sentence `about` what it
// stands for, its sizes (in full and for a smoke run), its rounds, and its metrics, the main one first. The unit of a
// metric says how it is shown; all times of a task are kept in nanoseconds. `inOverview` has a metric in the tables of all
// scenarios, `isDrawn` in the chart of its own (the main one is in both).

import {readFile} from 'node:fs/promises';
import {setImmediate, setTimeout} from 'node:timers/promises';
import {gap} from '../shared/arrivals.mjs';
import {checkCount, checkResults} from '../shared/checks.mjs';
import {memory, timePerTask} from '../shared/measure.mjs';
import {quantile} from '../shared/statistics.mjs';
import {
	CONCURRENCY,
	checkedCall,
	checkedMap,
	count,
	measureBursts,
	measureNewBursts,
	measureSequence,
	PER_TASK,
	timeBursts,
	warmUp,
} from './calls.mjs';
import {checkMeter, Meter} from './checks.mjs';
import {fileIn, sizeOf} from './files.mjs';
import {flow} from './flow.mjs';
import {footprint} from './footprint.mjs';

const burst = size => ({
	title: ({tasks}) => `Burst: ${count(tasks)} no-op async tasks at concurrency ${CONCURRENCY}`,
	operation: 'call',
	about: 'A program queues all its calls at once, on a limit that it keeps: what the limiter itself takes of each.',
	metrics: [PER_TASK],
	rounds: 5,
	size,
	quick: {tasks: 1000, bursts: 1, repetitions: 1},
	run: measureBursts,
});

/** A limit made inside a function for one batch. */
const newLimit = size => ({
	title: ({tasks}) => `New limit: bursts of ${count(tasks)} no-op async tasks, each on a new limit of ${CONCURRENCY}`,
	operation: 'call',
	about: 'A function makes a limit for one batch and drops it, which is how p-limit is mostly used.',
	metrics: [PER_TASK],
	rounds: 5,
	size,
	quick: {tasks: size.tasks, bursts: 2, repetitions: 1},
	run: measureNewBursts,
});

const sequential = {
	title: ({tasks}) => `Uncontended: ${count(tasks)} no-op async tasks, each awaited before the next`,
	operation: 'call',
	about:
		'A slot is always free, as in a server with little load: what a limit costs that never has to hold anything back.',
	metrics: [PER_TASK],
	rounds: 5,
	size: {tasks: 10_000, repetitions: 15},
	quick: {tasks: 1000, repetitions: 1},
	run: measureSequence,
};

const map = size => ({
	title: ({items}) => `Map: ${count(items)} items, no-op async mapper, concurrency ${CONCURRENCY}`,
	operation: 'map',
	about: 'The usual batch: a list, an async function, and an array of results.',
	metrics: [{...PER_TASK, title: 'per item'}],
	rounds: 5,
	size,
	quick: {items: 1000, maps: 1, repetitions: 1},
	async run(peer, library, {items: length, maps, repetitions}) {
		const map = await checkedMap(peer, library, CONCURRENCY);
		const mapper = async item => item;
		const runMaps = async (items, times) => {
			let results;
			for (let time = 0; time < times; time++) {
				results = await map(items, mapper);
			}

			return results;
		};

		const items = Array.from({length}, (_, index) => index);
		await runMaps(items.slice(0, 500), 60);
		const work = () => runMaps(items, maps);
		const time = await timePerTask({tasks: length * maps, repetitions}, work, results => checkResults(results, length));
		return {time};
	},
});

const growth = {
	title: ({long, short}) => `Long queue: a call of ${count(long)} queued beside a call of ${count(short)} queued`,
	operation: 'call',
	about:
		'Whether a call costs more because many others wait; the collector of young objects makes it so even with no limiter.',
	metrics: [
		{...PER_TASK, title: 'in the long'},
		{key: 'short', title: 'in the short', unit: 'ns'},
		{key: 'growth', title: 'growth', unit: 'x', inOverview: true, isDrawn: true},
	],
	rounds: 3,
	size: {long: 1_000_000, short: 10_000},
	quick: {long: 5000, short: 1000},
	async run(peer, library, {long, short}) {
		const call = await checkedCall(peer, library, CONCURRENCY);
		await warmUp(call);
		const shortTime = await timeBursts(call, {tasks: short, bursts: 5, repetitions: 5});
		const time = await timeBursts(call, {tasks: long, bursts: 1, repetitions: 1});
		return {time, short: shortTime, growth: time / shortTime};
	},
};

const heap = {
	title: ({calls}) =>
		`Memory: ${count(calls)} calls queued behind a busy slot, and their promises that the caller keeps`,
	operation: 'call',
	about: 'What a backlog keeps of the heap, for a program that queues faster than it works.',
	metrics: [
		{key: 'heap', title: 'heap per call', unit: 'B'},
		{key: 'resident', title: 'resident per call', unit: 'B'},
	],
	rounds: 3,
	size: {calls: 200_000},
	quick: {calls: 20_000},
	async run(peer, library, {calls}) {
		const call = await checkedCall(peer, library, 1);
		let begun = 0;
		const task = async () => begun++;
		const promises = new Array(calls).fill(undefined);
		let free;
		const busy = call(
			() =>
				new Promise(resolve => {
					free = resolve;
				}),
		);
		await setImmediate();

		const before = await memory();
		for (let index = 0; index < calls; index++) {
			promises[index] = call(task);
		}

		const after = await memory();
		free();
		await busy;
		checkResults(await Promise.all(promises), calls);
		return {
			heap: (after.heap - before.heap) / calls,
			resident: (after.resident - before.resident) / calls,
		};
	},
};

const create = {
	title: () => 'Creation: a new limiter and its first call',
	operation: 'call',
	about: 'A limit for every request or every user: what it costs to have one more.',
	metrics: [{...PER_TASK, title: 'per limiter', unit: 'µs'}],
	rounds: 5,
	size: {limiters: 1000, repetitions: 15},
	quick: {limiters: 100, repetitions: 1},
	async run(peer, library, {limiters, repetitions}) {
		await checkedCall(peer, library, CONCURRENCY);
		let begun = 0;
		const task = async () => begun++;
		const work = async () => {
			begun = 0;
			let last;
			for (let index = 0; index < limiters; index++) {
				last = await peer.call(library, CONCURRENCY)(task);
			}

			return [last];
		};

		await work();
		const time = await timePerTask({tasks: limiters, repetitions}, work, last =>
			checkResults(last, 1, () => limiters - 1),
		);
		return {time};
	},
};

const lanes = {
	title: ({tasks}) => `Lanes: ${count(tasks)} offline tasks of 5 ms on 8 slots, an online no-op about every 10 ms`,
	operation: 'lanes',
	about:
		'A batch and a server share one limit: how long a request waits for its slot, and what the batch pays for that.',
	reference: 'p-limit-alone',
	metrics: [
		{key: 'batch', title: 'batch', unit: 's'},
		{key: 'p50', title: 'wait p50', unit: 'ms'},
		{key: 'p99', title: 'wait p99', unit: 'ms', inOverview: true, isDrawn: true},
		{key: 'max', title: 'wait max', unit: 'ms'},
	],
	rounds: 3,
	size: {tasks: 4000},
	quick: {tasks: 80},
	async run(peer, library, {tasks}) {
		const slots = 8;
		const {online, offline} = peer.lanes(library, slots);
		const meter = new Meter();
		const start = performance.now();
		const promises = [];
		for (let index = 0; index < tasks; index++) {
			promises.push(
				offline(async () => {
					await meter.run(() => setTimeout(5));
					return index;
				}),
			);
		}

		let isOver = false;
		const waits = [];
		const arrive = async () => {
			const answers = [];
			while (!isOver) {
				await setTimeout(gap(10, answers.length));
				const arrival = performance.now();
				answers.push(
					online(async () => {
						waits.push(performance.now() - arrival);
					}),
				);
			}

			await Promise.all(answers);
			checkCount(waits.length, answers.length);
		};

		const arrivals = online && arrive();
		const results = await Promise.all(promises);
		const batch = (performance.now() - start) / 1000;
		isOver = true;
		await arrivals;
		checkResults(results, tasks);
		checkMeter(meter, slots);
		return online ? {batch, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), max: quantile(waits, 1)} : {batch};
	},
};

const files = {
	title: ({files}) => `Files: fs.readFile of ${count(files)} small files, 16 at once`,
	operation: 'map',
	about: 'Real work, with the thread pool of libuv under it: here a limiter is a small part of the whole.',
	metrics: [{...PER_TASK, title: 'per file', unit: 'µs'}],
	rounds: 5,
	size: {files: 2000, repetitions: 3},
	quick: {files: 50, repetitions: 1},
	async run(peer, library, {folder, files: length, repetitions}) {
		const map = await checkedMap(peer, library, 16);
		const paths = Array.from({length}, (_, index) => fileIn(folder, index));
		const read = path => readFile(path);
		await map(paths, read);
		const time = await timePerTask(
			{tasks: length, repetitions},
			() => map(paths, read),
			contents => {
				checkResults(
					contents.map(content => content.length),
					length,
					sizeOf,
				);
			},
		);
		return {time};
	},
};

export const scenarios = {
	'new-100': newLimit({tasks: 100, bursts: 500, repetitions: 9}),
	'new-1k': newLimit({tasks: 1000, bursts: 50, repetitions: 9}),
	'new-10k': newLimit({tasks: 10_000, bursts: 5, repetitions: 9}),
	'burst-100k': burst({tasks: 100_000, bursts: 1, repetitions: 3}),
	'burst-1k': burst({tasks: 1000, bursts: 50, repetitions: 9}),
	sequential,
	'map-100k': map({items: 100_000, maps: 1, repetitions: 3}),
	'map-1k': map({items: 1000, maps: 50, repetitions: 9}),
	growth,
	heap,
	...footprint,
	create,
	lanes,
	files,
	...flow,
};
