// What is measured. See `../limit/scenarios.mjs` for what a scenario has. These give a timeline as well: `calls` as `Timeline`
// has them, and `waits` of requests, `[arrival, wait]`. `timeline` names its rows and the kinds of calls; a `window` is the
// part of it that a chart shows, in milliseconds.
//
// The ideal is that no slot is ever idle: the longer of the longest item and of all items together, over the slots.

import {setTimeout} from 'node:timers/promises';
import {gap} from '../shared/arrivals.mjs';
import {checkResults, expect} from '../shared/checks.mjs';
import {lognormalOf, randomOf} from '../shared/random.mjs';
import {quantile} from '../shared/statistics.mjs';
import {Service, Timeline} from './service.mjs';

const SLOTS = 8;

const ROUNDS = 3;
const BATCH = [
	{key: 'time', title: 'batch', unit: 'ms'},
	{key: 'overIdeal', title: '÷ ideal', unit: 'x', inOverview: true},
];

const sum = values => values.reduce((total, value) => total + value, 0);

/** Timers know whole milliseconds alone. */
const whole = milliseconds => Math.max(1, Math.round(milliseconds));

/** So many times of a service, lognormal, the same in every run. */
const timesOf = (count, mean, sigma, seed = 1) => {
	const random = randomOf(seed);
	return Array.from({length: count}, () => whole(lognormalOf(random, [mean, sigma])));
};

const shuffled = (values, seed) => {
	const random = randomOf(seed);
	return values
		.map(value => [random(), value])
		.toSorted(([a], [b]) => a - b)
		.map(([, value]) => value);
};

const idealOf = (times, slots) => Math.max(...times, sum(times) / slots);

/** The names of the rows of a timeline. */
const rowsOf = (slots, name = '') => Array.from({length: slots}, (_, slot) => `${name}${slot + 1}`);

/** A batch on one service. `itemsOf` gives `[milliseconds, kind]` of each item. */
const batch = ({title, about, kinds, itemsOf, size, quick}) => ({
	title,
	operation: 'batch',
	about,
	metrics: BATCH,
	rounds: ROUNDS,
	size,
	quick,
	timeline: {rows: rowsOf(SLOTS), kinds},
	async run(peer, library, {items: count}) {
		const timeline = new Timeline();
		const service = new Service(timeline, SLOTS);
		const items = itemsOf(count);
		const runBatch = peer.batch(library, SLOTS);
		const start = performance.now();
		const results = await runBatch([...items.keys()], async item => {
			await service.call(...items[item]);
			return item;
		});
		const time = performance.now() - start;
		checkResults(results, count);
		expect(service.most <= SLOTS, `${service.most} calls at once in place of ${SLOTS}`);
		return {
			time,
			overIdeal:
				time /
				idealOf(
					items.map(([milliseconds]) => milliseconds),
					SLOTS,
				),
			timeline: {calls: timeline.calls},
		};
	},
});

const variable = batch({
	title: ({items}) =>
		`Variable latency: ${items} calls of a service on ${SLOTS} slots, 40 ms in the mean, a few much longer`,
	about:
		'The usual service: most answers come soon, some take ten times as long, and a chunk is as slow as the slowest call in it.',
	kinds: ['call'],
	itemsOf: count => timesOf(count, 40, 1).map(milliseconds => [milliseconds, 0]),
	size: {items: 200},
	quick: {items: 24},
});

const HEAVY = {share: 1 / 10, ms: 200};
const LIGHT_MS = 20;

/** Light items, and heavy ones at the end; each within a fifth of its mean. */
const heavyLast = count => {
	const random = randomOf(2);
	const heavy = Math.round(count * HEAVY.share);
	return Array.from({length: count}, (_, index) => {
		const isHeavy = index >= count - heavy;
		return [whole((isHeavy ? HEAVY.ms : LIGHT_MS) * (0.8 + 0.4 * random())), isHeavy ? 1 : 0];
	});
};

const heavy = ({name, about, order}) =>
	batch({
		title: ({items}) =>
			`Heavy items, ${name}: ${items} items on ${SLOTS} slots, one in ten takes ${HEAVY.ms} ms, the others ${LIGHT_MS}`,
		about,
		kinds: ['light item', 'heavy item'],
		itemsOf: count => order(heavyLast(count)),
		size: {items: 200},
		quick: {items: 24},
	});

const clustered = heavy({
	name: 'clustered',
	about:
		'A list that is sorted by customer or by size: heavy items are neighbours at its end, where chunks suit them, and the last of them leave slots idle in every way.',
	order: items => items,
});

const shuffledHeavy = heavy({
	name: 'shuffled',
	about: 'The same items in a random order: now nearly each chunk waits for a heavy one, and a limit does not mind.',
	order: items => shuffled(items, 3),
});

const FIRST = {slots: 8, mean: 30, sigma: 0.8};
const SECOND = {slots: 4, mean: 20, sigma: 0.8};

const twoServices = {
	title: ({items}) =>
		`Two services in a row: ${items} items, the first service takes ${FIRST.slots} at once, the second ${SECOND.slots}`,
	operation: 'twoServices',
	about:
		'Download and then store, or ask one service and tell another: both should be busy, and what has left the first should not pile up before the second.',
	metrics: [
		...BATCH,
		{key: 'between', title: 'most items between the two', unit: 'n', inOverview: true, isDrawn: true},
	],
	rounds: ROUNDS,
	size: {items: 160},
	quick: {items: 16},
	timeline: {
		rows: [...rowsOf(FIRST.slots, 'first '), ...rowsOf(SECOND.slots, 'second ')],
		kinds: ['first service', 'second service'],
	},
	async run(peer, library, {items: count}) {
		const timeline = new Timeline();
		const first = new Service(timeline, FIRST.slots);
		const second = new Service(timeline, SECOND.slots, FIRST.slots);
		const firstTimes = timesOf(count, FIRST.mean, FIRST.sigma, 4);
		const secondTimes = timesOf(count, SECOND.mean, SECOND.sigma, 5);
		let [between, most] = [0, 0];
		const runBatch = peer.twoServices(library, {first: FIRST.slots, second: SECOND.slots});
		const start = performance.now();
		const results = await runBatch(
			[...firstTimes.keys()],
			async item => {
				await first.call(firstTimes[item], 0);
				between++;
				most = Math.max(most, between);
				return item;
			},
			async item => {
				between--;
				await second.call(secondTimes[item], 1);
				return item;
			},
		);
		const time = performance.now() - start;
		// They come as they are done.
		checkResults(
			results.toSorted((a, b) => a - b),
			count,
		);
		expect(first.most <= FIRST.slots && second.most <= SECOND.slots, 'more calls at once than a service takes');
		const ideal = Math.max(idealOf(firstTimes, FIRST.slots), idealOf(secondTimes, SECOND.slots));
		return {time, overIdeal: time / ideal, between: most, timeline: {calls: timeline.calls}};
	},
};

/** More slots than elsewhere: a server that has only a few can keep none free. */
const REQUEST = {slots: 16, every: 40, ms: 15};

const requests = {
	title: ({items}) =>
		`Requests beside a batch: ${items} items of 40 ms in the mean on ${REQUEST.slots} slots, and a request of ${REQUEST.ms} ms about every ${REQUEST.every} ms`,
	operation: 'requests',
	about:
		'A server that also imports, exports or backs up: how long does a request wait for its slot, and what does the batch pay for that?',
	metrics: [
		{key: 'p99', title: 'wait of requests, p99', unit: 'ms'},
		{key: 'p50', title: 'p50', unit: 'ms', inOverview: true},
		{key: 'max', title: 'max', unit: 'ms'},
		{key: 'batch', title: 'batch', unit: 'ms', inOverview: true, isDrawn: true},
		{key: 'overIdeal', title: '÷ ideal without requests', unit: 'x'},
	],
	rounds: ROUNDS,
	size: {items: 800},
	quick: {items: 40},
	timeline: {rows: rowsOf(REQUEST.slots), kinds: ['item of the batch', 'request'], window: 1500, waitsWindow: 4000},
	async run(peer, library, {items: count}) {
		const timeline = new Timeline();
		const service = new Service(timeline, REQUEST.slots);
		const times = timesOf(count, 40, 1, 6);
		const {batch, request} = peer.requests(library, REQUEST.slots);
		timeline.now();
		const start = performance.now();
		let isOver = false;
		const waits = [];
		const answers = [];
		const ask = async () => {
			const arrival = timeline.now();
			await request(async () => {
				const begin = await service.call(REQUEST.ms, 1);
				waits.push([arrival, begin - arrival]);
			});
		};

		const arrive = async () => {
			while (!isOver) {
				await setTimeout(gap(REQUEST.every, answers.length));
				answers.push(ask());
			}
		};

		const arrivals = arrive();
		const results = await batch([...times.keys()], async item => {
			await service.call(times[item], 0);
			return item;
		});
		const time = performance.now() - start;
		isOver = true;
		await arrivals;
		await Promise.all(answers);
		checkResults(results, count);
		expect(waits.length === answers.length, `${waits.length} of ${answers.length} requests were answered`);
		const [p50, p99, max] = [0.5, 0.99, 1].map(part =>
			quantile(
				waits.map(([, wait]) => wait),
				part,
			),
		);
		return {
			p99,
			p50,
			max,
			batch: time,
			overIdeal: time / idealOf(times, REQUEST.slots),
			timeline: {calls: timeline.calls, waits},
		};
	},
};

export const scenarios = {variable, clustered, shuffled: shuffledHeavy, 'two-services': twoServices, requests};
