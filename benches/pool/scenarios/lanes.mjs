// Who waits for an answer while a batch keeps the pool busy.

import {setTimeout} from 'node:timers/promises';
import {gap} from '../../shared/arrivals.mjs';
import {expect} from '../../shared/checks.mjs';
import {flood} from '../../shared/flood.mjs';
import {quantile} from '../../shared/statistics.mjs';
import {started} from '../threads.mjs';
import {ROUNDS} from './common.mjs';

const OFFLINE = {width: 32, ms: 5};

/** Keeps offline jobs in flight until told to stop, which gives the time per job. */
const offlineFlood = offline => {
	const start = performance.now();
	let done = 0;
	const stop = flood(OFFLINE.width, async () => {
		await offline('busy', {index: done, ms: OFFLINE.ms});
		done++;
	});
	return async () => {
		await stop();
		return (performance.now() - start) / done;
	};
};

export const lanes = {
	title: ({arrivals}) =>
		`Lanes: ${arrivals} online no-ops, one about every 10 ms, with ${OFFLINE.width} offline jobs of ${OFFLINE.ms} ms in flight`,
	operation: 'lanes',
	about: 'A request needs a thread while a batch has all of them.',
	metrics: [
		{key: 'p99', title: 'answer p99', unit: 'ms'},
		{key: 'p50', title: 'p50', unit: 'ms', inOverview: true},
		{key: 'max', title: 'max', unit: 'ms'},
		{key: 'offline', title: 'per offline job', unit: 'ms', inOverview: true, isDrawn: true},
	],
	rounds: ROUNDS,
	size: {arrivals: 400},
	quick: {arrivals: 10},
	async run(peer, library, {arrivals}) {
		const {online, offline} = await started(peer.lanes(library), peer.threads);
		const waits = [];
		const ask = async index => {
			const arrival = performance.now();
			const answer = await online('echo', {index});
			waits.push(performance.now() - arrival);
			expect(answer.index === index, `the answer to ${index} is ${JSON.stringify(answer)}`);
		};

		const stop = offlineFlood(offline);
		const answers = [];
		while (answers.length < arrivals) {
			await setTimeout(gap(10, answers.length));
			answers.push(ask(answers.length));
		}

		await Promise.all(answers);
		return {
			p99: quantile(waits, 0.99),
			p50: quantile(waits, 0.5),
			max: quantile(waits, 1),
			offline: await stop(),
		};
	},
};
