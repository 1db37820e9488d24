// What is measured: the waits of online calls that come at random, beside a batch that never ends. All calls only wait,
// as those of a client do, so the figures hardly depend on the machine.

import {setTimeout} from 'node:timers/promises';
import {flood} from '../shared/flood.mjs';
import {lognormalOf, randomOf} from '../shared/random.mjs';
import {quantile} from '../shared/statistics.mjs';

export const SLOTS = 16;
export const RATES = [20, 60, 150];

/** Mean and sigma, of lognormal durations in milliseconds. */
const ONLINE = [18, 0.5];
const OFFLINE = [300, 1];
/** Seconds in which a limit may find its reserve. */
const WARM_UP = 5;

const steady = rate => ({
	title: ({seconds}) =>
		`${rate} online calls of ${ONLINE[0]} ms a second, beside a batch of ${OFFLINE[0]} ms calls, for ${seconds} s`,
	operation: 'lanes',
	metrics: [
		{key: 'p99', title: 'wait p99', unit: 'ms'},
		{key: 'p50', title: 'wait p50', unit: 'ms', inOverview: true},
		{key: 'max', title: 'wait max', unit: 'ms'},
		{key: 'batch', title: 'calls of the batch at a time', unit: 'x', inOverview: true},
	],
	rounds: 3,
	size: {seconds: 30},
	quick: {seconds: 1},
	async run(peer, library, {seconds}) {
		const {online, offline} = peer.lanes(library, SLOTS);
		const [onlineRandom, offlineRandom] = [randomOf(1), randomOf(2)];
		const begin = performance.now();
		const elapsed = () => (performance.now() - begin) / 1000;
		const warmUp = Math.min(WARM_UP, seconds / 2);
		let slotSeconds = 0;
		const stop = flood(2 * SLOTS, async () => {
			const duration = lognormalOf(offlineRandom, OFFLINE);
			await offline(() => setTimeout(duration));
			slotSeconds += elapsed() > warmUp ? duration / 1000 : 0;
		});
		const waits = [];
		const calls = [];
		const secondsToNext = () => -Math.log(onlineRandom()) / rate;
		for (let due = 0; due < seconds; due += secondsToNext()) {
			await setTimeout(Math.max(0, (due - elapsed()) * 1000));
			const arrival = performance.now();
			const duration = lognormalOf(onlineRandom, ONLINE);
			const judged = elapsed() > warmUp;
			calls.push(
				online(() => {
					if (judged) {
						waits.push(performance.now() - arrival);
					}

					return setTimeout(duration);
				}),
			);
		}

		const atATime = slotSeconds / (seconds - warmUp);
		await Promise.all([stop(), ...calls]);
		const [p50, p99, max] = [0.5, 0.99, 1].map(part => quantile(waits, part));
		return {p50, p99, max, batch: atATime};
	},
});

export const scenarios = Object.fromEntries(RATES.map(rate => [`steady-${rate}`, steady(rate)]));
