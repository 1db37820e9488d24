// What the scenarios of single calls share: bursts and sequences of them, and peers that have been seen to keep the cap.

import {checkResults} from '../shared/checks.mjs';
import {timePerTask} from '../shared/measure.mjs';
import {checkCap} from './checks.mjs';

export const CONCURRENCY = 10;

/** A number as a title shows it. */
export const count = number => number.toLocaleString('en');

/** How many tasks a peer is to run at once. */
export const capOf = ({isCapped = true}, concurrency) => (isCapped ? concurrency : Number.POSITIVE_INFINITY);

export const mapBy = call => (items, mapper) => Promise.all(items.map(item => call(() => mapper(item))));

/** A peer's `call`, once it has been seen to keep the cap. */
export const checkedCall = async (peer, library, concurrency) => {
	const call = peer.call(library, concurrency);
	await checkCap(mapBy(call), capOf(peer, concurrency));
	return call;
};

export const checkedMap = async (peer, library, concurrency) => {
	const map = peer.map(library, concurrency);
	await checkCap(map, capOf(peer, concurrency));
	return map;
};

/**
 * Bursts of no-op async tasks, one after another, each by the call that `createCall` gives for it. A task gives the number
 * of tasks begun before it, so that the last burst's results show that every task of every burst has run once and in order.
 */
export const runBurstsOf = (createCall, {tasks, bursts}) => {
	let begun = 0;
	const task = async () => begun++;
	return async () => {
		begun = 0;
		let results;
		for (let burst = 0; burst < bursts; burst++) {
			const call = createCall();
			const promises = [];
			for (let index = 0; index < tasks; index++) {
				promises.push(call(task));
			}

			results = await Promise.all(promises);
		}

		return results;
	};
};

/** The same, all by one call. */
export const runBursts = (call, size) => runBurstsOf(() => call, size);

const timeBurstsOf = async (createCall, size) => {
	const {tasks, bursts, repetitions} = size;
	return timePerTask({tasks: tasks * bursts, repetitions}, runBurstsOf(createCall, size), results => {
		checkResults(results, tasks, index => (bursts - 1) * tasks + index);
	});
};

export const timeBursts = (call, size) => timeBurstsOf(() => call, size);

export const warmUp = async call => {
	await runBursts(call, {tasks: 500, bursts: 60})();
};

/** No-op async tasks, each awaited before the next. It gives the last one's result, the number of tasks begun before it. */
export const runSequence = (call, {tasks}) => {
	let begun = 0;
	const task = async () => begun++;
	return async () => {
		begun = 0;
		let last;
		for (let index = 0; index < tasks; index++) {
			last = await call(task);
		}

		return last;
	};
};

/** What the scenarios of bursts run. */
export const measureBursts = async (peer, library, size) => {
	const call = await checkedCall(peer, library, CONCURRENCY);
	await warmUp(call);
	return {time: await timeBursts(call, size)};
};

/** What the scenarios of bursts on new limiters run. */
export const measureNewBursts = async (peer, library, size) => {
	await checkedCall(peer, library, CONCURRENCY);
	const createCall = () => peer.call(library, CONCURRENCY);
	await runBurstsOf(createCall, {tasks: size.tasks, bursts: Math.ceil(30_000 / size.tasks)})();
	return {time: await timeBurstsOf(createCall, size)};
};

/** What the scenarios of one call after another run. */
export const measureSequence = async (peer, library, {tasks, repetitions}) => {
	const call = await checkedCall(peer, library, CONCURRENCY);
	await warmUp(call);
	const time = await timePerTask({tasks, repetitions}, runSequence(call, {tasks}), last =>
		checkResults([last], 1, () => tasks - 1),
	);
	return {time};
};

/** The main metric of most scenarios. */
export const PER_TASK = {key: 'time', title: 'per task', unit: 'ns'};
