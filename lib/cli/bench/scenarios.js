'use strict';

// What is measured. A scenario has a `title`, the `operation` of a limiter that it needs, its `unit`, and `run`, which gives
// the figures of one sample by the names in `figures`, the main one first.

const assert = require('node:assert/strict');
const {now, setImmediate, setTimeout} = require('../../common/environment.js');

const CONCURRENCY = 10;
const REPETITIONS = 7;

const median = values => {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const quantile = (values, share) => {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

const turn = () =>
	new Promise(resolve => {
		setImmediate(resolve);
	});

const sleep = milliseconds =>
	new Promise(resolve => {
		setTimeout(resolve, milliseconds);
	});

/** Counts how many tasks run at once. */
class Meter {
	most = 0;

	#running = 0;

	async run(work) {
		this.#running++;
		this.most = Math.max(this.most, this.#running);
		const result = await work();
		this.#running--;
		return result;
	}
}

/** A limiter is to run as many at once as it may, and never more. */
const checkCap = async ({isCapped = true}, call) => {
	const meter = new Meter();
	await Promise.all(Array.from({length: 5 * CONCURRENCY}, () => call(() => meter.run(turn))));
	assert.equal(meter.most, isCapped ? CONCURRENCY : 5 * CONCURRENCY, `${meter.most} tasks ran at once`);
};

/** The result of each task is its number. */
const checkOrder = (results, message) => {
	assert.ok(
		results.every((result, index) => result === index),
		message,
	);
};

/** Nanoseconds for each task of `work`, in the median of some repetitions after one that does not count. */
const timePerTask = async (tasks, work) => {
	const times = [];
	for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
		await turn();
		const begin = now();
		await work();
		times.push(((now() - begin) * 1e6) / tasks);
	}

	return median(times.slice(1));
};

const burst = {
	title: 'A burst of 1,000 calls at once',
	about: 'What a limiter takes of each call that is queued.',
	operation: 'call',
	unit: 'ns',
	figures: {time: 'per call'},
	async run(limiter, library) {
		const [tasks, bursts] = [1000, 20];
		const call = limiter.call(library, CONCURRENCY);
		await checkCap(limiter, call);
		let begun = 0;
		const task = async () => begun++;
		const time = await timePerTask(tasks * bursts, async () => {
			for (let each = 0; each < bursts; each++) {
				begun = 0;
				const results = await Promise.all(Array.from({length: tasks}, () => call(task)));
				checkOrder(results, 'calls did not run once and in order');
			}
		});
		return {time};
	},
};

const sequence = {
	title: 'Calls one after another',
	about: 'What a limiter takes where it has nothing to hold back.',
	operation: 'call',
	unit: 'ns',
	figures: {time: 'per call'},
	async run(limiter, library) {
		const tasks = 10_000;
		const call = limiter.call(library, CONCURRENCY);
		await checkCap(limiter, call);
		let begun = 0;
		const task = async () => begun++;
		const time = await timePerTask(tasks, async () => {
			begun = 0;
			for (let index = 0; index < tasks; index++) {
				assert.equal(await call(task), index);
			}
		});
		return {time};
	},
};

const map = {
	title: 'A map of 1,000 items',
	about: 'The usual batch: a list, an async function, an array of results.',
	operation: 'map',
	unit: 'ns',
	figures: {time: 'per item'},
	async run(limiter, library) {
		const [length, maps] = [1000, 20];
		const items = Array.from({length}, (_, index) => index);
		const mapAll = limiter.map(library, CONCURRENCY);
		const time = await timePerTask(length * maps, async () => {
			for (let each = 0; each < maps; each++) {
				const results = await mapAll(items, async item => item);
				checkOrder(results, 'a result is not that of its item');
			}
		});
		return {time};
	},
};

const lanes = {
	title: 'Requests beside a batch of 800 tasks of 5 ms on 8 slots',
	about: 'How long a request waits for its slot, one coming about every 10 ms, and how long the batch takes.',
	operation: 'lanes',
	unit: 'ms',
	figures: {p99: 'wait p99', p50: 'wait p50', batch: 'batch'},
	async run(limiter, library) {
		const {online, offline} = limiter.lanes(library, 8);
		const waits = [];
		const answers = [];
		let isOver = false;
		const arrive = async () => {
			while (!isOver) {
				await sleep(5 + ((answers.length * 7) % 10));
				const arrival = now();
				answers.push(
					online(async () => {
						waits.push(now() - arrival);
					}),
				);
			}
		};

		const arrivals = arrive();
		const begin = now();
		const results = await Promise.all(
			Array.from({length: 800}, (_, index) =>
				offline(async () => {
					await sleep(5);
					return index;
				}),
			),
		);
		const batch = now() - begin;
		isOver = true;
		await arrivals;
		await Promise.all(answers);
		checkOrder(results, 'a result is not that of its task');
		assert.equal(waits.length, answers.length, 'a request was not answered');
		return {p99: quantile(waits, 0.99), p50: median(waits), batch};
	},
};

const scenarios = {burst, sequence, map, lanes};

module.exports = {median, scenarios};
