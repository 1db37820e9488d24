// Many small objects at once.

import {isDeepStrictEqual} from 'node:util';
import {checkCount, expect} from '../../shared/checks.mjs';
import {timePerTask} from '../../shared/measure.mjs';
import {label} from '../functions.mjs';
import {count, PER_JOB, ROUNDS, withPool} from './common.mjs';

const itemOf = index => ({
	id: index,
	name: `item ${index}`,
	tags: ['small', 'object', `of ${index % 10}`],
	nested: {x: index, y: index / 2},
});

export const map = {
	title: ({items}) => `Map: ${count(items)} small objects, a small object for each`,
	operation: 'pool',
	about: 'A list of records is worked on in threads: mostly the cost of copying them there and back.',
	metrics: [{...PER_JOB, title: 'per item'}],
	rounds: ROUNDS,
	size: {items: 5000, repetitions: 9},
	quick: {items: 200, repetitions: 1},
	run: (peer, library, {items: length, repetitions}) =>
		withPool(peer, library, async ({map}) => {
			const items = Array.from({length}, (_, index) => itemOf(index));
			const work = () => map('label', items);
			await work();
			const time = await timePerTask({tasks: length, repetitions}, work, results => {
				checkCount(results.length, length);
				for (const [index, result] of results.entries()) {
					expect(isDeepStrictEqual(result, label(items[index])), `result ${index} is ${JSON.stringify(result)}`);
				}
			});
			return {time};
		}),
};
