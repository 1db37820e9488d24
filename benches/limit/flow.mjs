// What flow control costs: streams, options of a call, and calls that are known to be made inside others.
//
// What an option costs is a ratio to the same limit without it, taken within one sample.

import {checkResults} from '../shared/checks.mjs';
import {timePerTask, timesInTurns} from '../shared/measure.mjs';
import {median} from '../shared/statistics.mjs';
import {CONCURRENCY, count, mapBy, PER_TASK, runBursts, runSequence, warmUp} from './calls.mjs';
import {checkCap} from './checks.mjs';

const overview = 'Flow control: median (and ratio to p-map)';

const collect = async iterable => {
	const results = [];
	for await (const result of iterable) {
		results.push(result);
	}

	return results;
};

const timeStream = async (stream, sourceOf, {items: length, repetitions}) => {
	const items = Array.from({length}, (_, index) => index);
	const mapper = async item => item;
	const some = items.slice(0, 500);
	for (let time = 0; time < 60; time++) {
		await collect(stream(sourceOf(some), mapper));
	}

	const work = () => collect(stream(sourceOf(items), mapper));
	return timePerTask({tasks: length, repetitions}, work, results => checkResults(results, length));
};

const stream = (from, sourceOf) => ({
	title: ({items}) => `Stream: ${count(items)} items from ${from}, no-op async mapper, concurrency ${CONCURRENCY}`,
	operation: 'stream',
	about: 'Items are pulled no faster than results are taken, so a source of any length needs a few items of memory.',
	reference: 'p-map',
	overview,
	metrics: [
		{...PER_TASK, title: 'per item'},
		{key: 'unordered', title: 'unordered', unit: 'ns', inOverview: true},
	],
	rounds: 5,
	size: {items: 10_000, repetitions: 15},
	quick: {items: 500, repetitions: 1},
	async run(peer, library, size) {
		const {ordered, unordered} = peer.stream(library, CONCURRENCY);
		// No limiter is a loop, with one item at a time.
		const cap = (peer.isCapped ?? true) ? CONCURRENCY : 1;
		await checkCap((items, mapper) => collect(ordered(items, mapper)), cap);
		const time = await timeStream(ordered, sourceOf, size);
		// No mapper here ends before one that began earlier, so these are in order, too.
		return unordered ? {time, unordered: await timeStream(unordered, sourceOf, size)} : {time};
	},
});

const ratioOf = (times, references) => median(times.map((time, index) => time / references[index]));

const withOption = (operation, what, {cap = CONCURRENCY, rounds = 3} = {}) => ({
	title: ({tasks}) => `${what}, ÷ without: a burst of ${count(tasks)} no-op async tasks`,
	operation,
	about: 'What an option costs a call that never meets it.',
	overview,
	metrics: [
		{key: 'ratio', title: '÷ without', unit: 'x'},
		{...PER_TASK, inOverview: true},
		{key: 'plain', title: 'without', unit: 'ns'},
	],
	rounds,
	size: {tasks: 100_000, repetitions: 7},
	quick: {tasks: 1000, repetitions: 1},
	async run(peer, library, {tasks, repetitions}) {
		const {plain, bound} = peer[operation](library, CONCURRENCY);
		await checkCap(mapBy(bound), cap);
		await warmUp(plain);
		await warmUp(bound);
		const size = {tasks, bursts: 1};
		const times = await timesInTurns(
			{tasks, repetitions},
			{plain: runBursts(plain, size), bound: runBursts(bound, size)},
			results => checkResults(results, tasks),
		);
		return {ratio: ratioOf(times.bound, times.plain), time: median(times.bound), plain: median(times.plain)};
	},
});

/** Bursts and a sequence of calls, in turns when there are several limits. */
const timeCalls = async (calls, {bursts, sequence, repetitions}) => {
	const works = runCalls => Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, runCalls(call)]));
	for (const call of Object.values(calls)) {
		await warmUp(call);
	}

	return {
		burst: await timesInTurns(
			{tasks: bursts.tasks * bursts.bursts, repetitions},
			works(call => runBursts(call, bursts)),
			results => checkResults(results, bursts.tasks, index => (bursts.bursts - 1) * bursts.tasks + index),
		),
		sequence: await timesInTurns(
			{tasks: sequence.tasks, repetitions},
			works(call => runSequence(call, sequence)),
			last => checkResults([last], 1, () => sequence.tasks - 1),
		),
	};
};

/**
 * A process that has once run anything in an `AsyncLocalStorage` pays for it with every promise from then on, in Node before
 * 24. So the limit without is measured before there is any, and then once more, beside the one with.
 */
const nestedCalls = operation => ({
	title: ({bursts}) => `nested: '${operation}', ÷ without: bursts of ${count(bursts.tasks)} no-op async tasks`,
	operation,
	about: 'What it costs to know which call was made inside which, so that nested calls do not deadlock.',
	overview,
	metrics: [
		{key: 'ratio', title: '÷ without', unit: 'x'},
		{...PER_TASK, inOverview: true},
		{key: 'beside', title: 'another limit without, beside it', unit: 'x', inOverview: true},
		{key: 'sequenceRatio', title: 'each awaited before the next', unit: 'x', inOverview: true},
		{key: 'sequence', title: 'per task, each awaited', unit: 'ns', inOverview: true},
		{key: 'sequenceBeside', title: 'another limit without, beside it, each awaited', unit: 'x', inOverview: true},
	],
	rounds: 5,
	size: {bursts: {tasks: 1000, bursts: 50}, sequence: {tasks: 10_000}, repetitions: 9},
	quick: {bursts: {tasks: 500, bursts: 1}, sequence: {tasks: 500}, repetitions: 1},
	async run(peer, library, size) {
		const limits = peer[operation](library, CONCURRENCY);
		const plain = limits.plain();
		const before = await timeCalls({plain}, size);
		const nested = limits.nested();
		await checkCap(mapBy(nested), CONCURRENCY);
		const after = await timeCalls({nested, plain}, size);
		const [burst, sequence] = ['burst', 'sequence'].map(kind => ({
			plain: median(before[kind].plain),
			beside: median(after[kind].plain),
			nested: median(after[kind].nested),
		}));
		return {
			ratio: burst.nested / burst.plain,
			time: burst.nested,
			beside: burst.beside / burst.plain,
			sequenceRatio: sequence.nested / sequence.plain,
			sequence: sequence.nested,
			sequenceBeside: sequence.beside / sequence.plain,
		};
	},
});

export const flow = {
	stream: stream('an array', items => items),
	'stream-async': stream('an async generator', async function* (items) {
		yield* items;
	}),
	timeouts: withOption('timeouts', 'timeout and queueTimeout', {rounds: 5}),
	'queue-timeout': withOption('queue-timeout', 'queueTimeout'),
	timeout: withOption('timeout', 'timeout'),
	signal: withOption('signal', 'signal'),
	priority: withOption('priority', 'priority'),
	weight: withOption('weight', 'weight: 2', {cap: CONCURRENCY / 2}),
	retry: withOption('retry', 'retry: 3'),
	'nested-lend': nestedCalls('lend'),
	'nested-detect': nestedCalls('detect'),
};
