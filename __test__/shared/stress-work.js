'use strict';

// What every thread of the stress does: in turn whatever chance will have, at one limit.

const {setTimeout: sleep} = require('node:timers/promises');
const {parentPort, workerData} = require('node:worker_threads');
const pLimit = require('p-lanes');
const {Census} = require('./census.js');

const CONCURRENCY = 5;
const RESERVE = 2;

/** Numbers below a limit, by chance that a seed decides (mulberry32). */
const chanceOf = seed => {
	let state = seed;
	return limit => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
	};
};

/** Uses the limit until it is over. */
const work = async ({thread, name, census, seed}) => {
	const chance = chanceOf(seed);
	const limit = pLimit({name, concurrency: CONCURRENCY, reserve: RESERVE, rejectOnClear: true});
	const most = [CONCURRENCY, CONCURRENCY - RESERVE];
	const task = (isOffline, weight) => () =>
		census.during({thread, weight, isOffline, most}, async () => {
			for (let microtasks = chance(20); microtasks > 0; microtasks--) {
				await null;
			}

			if (chance(3) === 0) {
				await new Promise(setImmediate);
			}

			if (chance(50) === 0) {
				await sleep(1);
			}
		});
	const call = () => {
		const isOffline = chance(2) === 0;
		const weight = chance(6) === 0 ? 2 : 1;
		const lane = isOffline ? limit.offline : limit.online;
		return (chance(2) === 0 || weight > 1 ? lane.with({weight, priority: chance(3)}) : lane)(task(isOffline, weight));
	};

	const ways = [
		() => Promise.all(Array.from({length: chance(30)}, call)),
		call,
		call,
		() => limit.map(Array.from({length: chance(50)}), task(false, 1)),
		() => limit.offline.map(Array.from({length: chance(50)}), task(true, 1)),
		async () => {
			for await (const _ of limit.stream(Array.from({length: chance(30)}), task(false, 1)));
		},
		async () => {
			const controller = new AbortController();
			const {signal} = controller;
			const all = Promise.allSettled([
				limit.with({signal})(task(false, 1)),
				limit.map(Array.from({length: 5}), task(false, 1), {signal}),
				limit.offline.stream(Array.from({length: 5}), task(true, 1), {signal}).next(),
			]);
			await (chance(2) === 0 ? null : new Promise(setImmediate));
			controller.abort();
			await all;
		},
		() => limit.with({queueTimeout: chance(3)})(task(false, 1)),
		() => limit.clearQueue({everywhere: chance(4) === 0}),
		() => {
			limit.pause();
			limit.resume();
		},
		() => limit.onSizeLessThan(1 + chance(20)),
	];

	const worker = async () => {
		while (!census.isOver) {
			// Cleared by any thread, given up or too late: all of that may be.
			await Promise.allSettled([ways[chance(ways.length)]()]);
			if (thread !== 0 && chance(400) === 0) {
				census.mark(thread);
				process.exit();
			}

			if (chance(8) === 0) {
				await new Promise(setImmediate);
			}
		}
	};
	await Promise.all([worker(), worker(), worker()]);
	return limit;
};

if (workerData?.seed !== undefined) {
	const {thread, name, memory, seed} = workerData;
	work({thread, name, census: new Census(memory), seed}).then(() => parentPort.postMessage('over'));
}

module.exports = {CONCURRENCY, chanceOf, work};
