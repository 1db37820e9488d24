// Native work: a list of buffers, hashed or compressed.

import {isDeepStrictEqual} from 'node:util';
import {gunzipSync} from 'node:zlib';
import {checkCount, checkResults, expect} from '../../shared/checks.mjs';
import {timePerTask} from '../../shared/measure.mjs';
import {PERIOD, pattern} from '../buffers.mjs';
import * as functions from '../functions.mjs';
import {count, ROUNDS} from './common.mjs';

const PER_BUFFER = {key: 'time', title: 'per buffer', unit: 'µs'};
const HASHED = {buffers: 4000, bytes: 4096, repetitions: 9};

/** Of `pattern(4096, 0)`, from the algorithm's published test vectors. */
const BLAKE3 = '015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969';

/** Times all of a list; what comes out goes to `check` with the list and the kernel. */
const timeAll = async (kernel, list, repetitions, check) => {
	const {all} = kernel;
	await all(list);
	return timePerTask(
		{tasks: list.length, repetitions},
		() => all(list),
		results => check(results, list, kernel),
	);
};

const hashing = ({operation, title, check}) => ({
	title: ({buffers, bytes}) => `${title}: ${count(buffers)} buffers of ${bytes / 1024} KiB`,
	operation,
	about: 'Checksums of many small pieces, such as the files of a build or the chunks of an upload.',
	reference: 'floor',
	metrics: [PER_BUFFER],
	rounds: ROUNDS,
	size: HASHED,
	quick: {...HASHED, buffers: 300, repetitions: 1},
	async run(peer, library, {buffers, bytes, repetitions}) {
		const kernel = await peer[operation](library);
		const list = Array.from({length: buffers}, (_, index) => pattern(bytes, index));
		return {time: await timeAll(kernel, list, repetitions, check)};
	},
});

const checkSha256 = (digests, list) => {
	checkResults(digests, list.length, index => functions.sha256(list[index]));
};

export const sha256 = hashing({operation: 'sha256', title: 'Hash, sha256', check: checkSha256});

export const blake3 = hashing({
	operation: 'blake3',
	title: 'Hash, blake3 beside node’s sha256',
	check(digests, list, {isSha256}) {
		if (isSha256) {
			checkSha256(digests, list);
			return;
		}

		expect(digests[0] === BLAKE3, `${digests[0]} in place of ${BLAKE3}`);
		checkResults(digests, list.length, index => digests[index % PERIOD]);
		checkCount(new Set(digests).size, Math.min(PERIOD, list.length));
	},
});

/** Text that compresses as a log does. */
const textOf = (bytes, seed) => {
	let text = '';
	for (let line = seed; text.length < bytes; line++) {
		text += `${line} GET /items/${(line * 7919) % 10_007} 200 ${(line * 104_729) % 997} ms\n`;
	}

	return Buffer.from(text.slice(0, bytes));
};

const sum = values => values.reduce((total, value) => total + value, 0);

export const gzip = {
	title: ({pieces, bytes}) => `Compress: gzip at level ${functions.LEVEL} of ${pieces} pieces of ${bytes / 1024} KiB`,
	operation: 'gzip',
	about: 'Responses or logs are compressed without a pause of the event loop.',
	reference: 'floor',
	metrics: [PER_BUFFER, {key: 'share', title: 'size left', unit: 'x', inOverview: true}],
	rounds: ROUNDS,
	size: {pieces: 200, bytes: 64 * 1024, repetitions: 5},
	quick: {pieces: 10, bytes: 64 * 1024, repetitions: 1},
	async run(peer, library, {pieces, bytes, repetitions}) {
		const kernel = await peer.gzip(library);
		const list = Array.from({length: pieces}, (_, index) => textOf(bytes, index * 1000));
		let share;
		const time = await timeAll(kernel, list, repetitions, results => {
			checkCount(results.length, pieces);
			for (const [index, result] of results.entries()) {
				expect(isDeepStrictEqual(gunzipSync(result), list[index]), `piece ${index} is not what was compressed`);
			}

			share = sum(results.map(({length}) => length)) / (pieces * bytes);
		});
		return {time, share};
	},
};
