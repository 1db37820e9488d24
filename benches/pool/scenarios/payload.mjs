// What it costs to bring something there and back, copied and not transferred: the caller keeps its own.

import {isDeepStrictEqual} from 'node:util';
import {checkCount, expect} from '../../shared/checks.mjs';
import {timePerTask} from '../../shared/measure.mjs';
import {inFlight} from '../flight.mjs';
import {count, PER_JOB, ROUNDS, withPool} from './common.mjs';

/** As many different payloads as are in flight. */
const kinds = {
	string: (bytes, index) => `${index}: lanes `.repeat(bytes / 8).slice(0, bytes),
	Uint8Array: (bytes, index) => Uint8Array.from({length: bytes}, (_, at) => at + index),
};

const sizeName = bytes => (bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`);

export const payload = size => ({
	title: ({kind, bytes, jobs, width}) =>
		`Payload: a ${kind} of ${sizeName(bytes)} there and back, ${count(jobs)} times, ${width} in flight`,
	operation: 'pool',
	about: 'A file, an image or a document goes to a thread and comes back.',
	metrics: [PER_JOB],
	rounds: ROUNDS,
	size,
	quick: {...size, jobs: 16, repetitions: 1},
	run: (peer, library, {kind, bytes, jobs, width, repetitions}) =>
		withPool(peer, library, async ({run}) => {
			const payloads = Array.from({length: width}, (_, index) => kinds[kind](bytes, index));

			// Only the last of each is kept, as all of them would be hundreds of megabytes.
			const last = [];
			const work = async () => {
				const lengths = await inFlight({jobs, width}, async index => {
					const result = await run('echo', payloads[index % width]);
					last[index % width] = result;
					return result.length;
				});
				return lengths;
			};

			await work();
			const time = await timePerTask({tasks: jobs, repetitions}, work, lengths => {
				checkCount(lengths.filter(length => length === bytes).length, jobs);
				for (const [index, result] of last.entries()) {
					expect(isDeepStrictEqual(result, payloads[index]), `payload ${index} has come back changed`);
				}
			});
			return {time};
		}),
});
