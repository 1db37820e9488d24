// How late the event loop is while much is hashed.
//
// `monitorEventLoopDelay` takes the time from one tick of a timer to the next. With its resolution of 1 ms
// an idle loop reads a little above 1 ms, so that a millisecond of every figure here is no delay.

import {monitorEventLoopDelay} from 'node:perf_hooks';
import {setTimeout} from 'node:timers/promises';
import {checkResults} from '../../shared/checks.mjs';
import {median} from '../../shared/statistics.mjs';
import {pattern} from '../buffers.mjs';
import * as functions from '../functions.mjs';
import {ROUNDS} from './common.mjs';

const MIB = 1024 * 1024;
const RESOLUTION = 1;

const inMilliseconds = nanoseconds => nanoseconds / 1e6;

export const delay = {
	title: ({pieces}) =>
		`Event loop while ${pieces} MiB are hashed with sha256 in pieces of 1 MiB: delay at a resolution of ${RESOLUTION} ms`,
	operation: 'sha256',
	about: 'Whether a server answers while it hashes: how late a timer is.',
	metrics: [
		{key: 'p99', title: 'delay p99', unit: 'ms'},
		{key: 'max', title: 'delay max', unit: 'ms'},
		{key: 'time', title: 'all hashed in', unit: 'ms', inOverview: true, isDrawn: true},
	],
	rounds: ROUNDS,
	size: {pieces: 64, repetitions: 8},
	quick: {pieces: 4, repetitions: 1},
	async run(peer, library, {pieces, repetitions}) {
		const {one} = await peer.sha256(library);
		const list = Array.from({length: pieces}, (_, index) => pattern(MIB, index));
		const hashAll = () => Promise.all(list.map(piece => one(piece)));
		await hashAll();

		const histogram = monitorEventLoopDelay({resolution: RESOLUTION});
		const times = [];
		const digests = [];
		histogram.enable();
		await setTimeout(2 * RESOLUTION);
		for (let repetition = 0; repetition < repetitions; repetition++) {
			const start = performance.now();
			digests.push(await hashAll());
			times.push(performance.now() - start);

			// For the timer to tick once more and see how late it was.
			await setTimeout(2 * RESOLUTION);
		}

		histogram.disable();
		for (const results of digests) {
			checkResults(results, pieces, index => functions.sha256(list[index]));
		}

		return {p99: inMilliseconds(histogram.percentile(99)), max: inMilliseconds(histogram.max), time: median(times)};
	},
};
