'use strict';

// In which async contexts a limit runs the code that a caller hands over.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {Places, pause, sources} = require('./helpers.js');

/** All places saw their owner alone. */
const assertOwned = (places, ...expected) => {
	assert.deepEqual(places.seen, Object.fromEntries(expected.map(place => [place, 'owner'])));
};

/** Keeps a limit busy with short calls of another user, who frees the places. */
const stranger = (places, limit, number = 100) =>
	places.as('stranger', () => Promise.all(Array.from({length: number}, () => limit(() => pause()))));

const streams = {
	stream: (limit, source, mapper, options) => limit.stream(source, mapper, options),
	'stream of tasks': (limit, source, mapper, options) => limit.with({timeout: 1e6}).stream(source, mapper, options),
	'stream unordered': (limit, source, mapper, options) => limit.stream(source, mapper, {...options, ordered: false}),
	transform: (limit, source, mapper, options) => {
		const {Readable} = require('node:stream');
		return Readable.from(source).pipe(limit.transform(mapper, options));
	},
};

describe('the source and the mapper of a stream see the context of its call', () => {
	for (const [kind, sourceOf] of Object.entries(sources)) {
		for (const [way, streamOf] of Object.entries(streams).filter(([name]) => name !== 'transform')) {
			const begun = kind === 'iterator that enters' ? ['begin'] : kind === 'iterator of promises' ? ['then'] : [];

			test(`${way}, ${kind}, read to the end in another context`, async () => {
				const places = new Places();
				const limit = pLimit(2);
				const busy = stranger(places, limit);
				const stream = places.as('owner', () =>
					streamOf(
						limit,
						sourceOf(places, 20, index => index),
						async item => {
							places.enter('mapper');
							await pause();
							return item;
						},
					),
				);
				const read = await places.as('reader', async () => {
					const results = [];
					for await (const result of stream) {
						results.push(result);
					}

					return results;
				});
				await busy;
				assert.equal(read.length, 20);
				const ended = kind.includes('generator') ? ['return'] : [];
				assertOwned(places, ...begun, 'next', 'mapper', ...ended);
			});

			for (const [end, leave] of [
				['left', stream => stream.return()],
				['aborted', (_stream, controller) => places => places.as('stranger', () => controller.abort())],
				['failed', () => {}],
			]) {
				test(`${way}, ${kind}, ${end}`, async () => {
					const places = new Places();
					const controller = new AbortController();
					const stream = places.as('owner', () =>
						streamOf(
							pLimit(2),
							sourceOf(places, 20, index => index),
							async item => {
								await pause();
								places.note('mapper');
								if (end === 'failed' && item === 3) {
									throw new Error('fourth');
								}
							},
							{signal: controller.signal},
						),
					);
					await places.as('reader', async () => {
						await stream.next();
						const leaving = leave(stream, controller);
						await (typeof leaving === 'function' ? leaving(places) : leaving);
						for (let i = 0; i < 5; i++) {
							await stream.next().catch(() => {});
						}
					});
					for (let i = 0; i < 5; i++) {
						await pause();
					}

					assertOwned(places, ...begun, 'next', 'mapper', 'return');
				});
			}
		}
	}

	test('transform: the mapper', async () => {
		const places = new Places();
		const limit = pLimit(2);
		const busy = stranger(places, limit);
		const transform = places.as('owner', () =>
			limit.transform(async item => {
				places.enter('mapper');
				await pause();
				return item;
			}),
		);
		places.as('writer', () => {
			for (let i = 0; i < 20; i++) {
				transform.write(i);
			}

			transform.end();
		});
		const read = await places.as('reader', () => transform.toArray());
		await busy;
		assert.equal(read.length, 20);
		assertOwned(places, 'mapper');
	});
});

describe('the mapper and the source of a map see the context of its call', () => {
	// The source is read in the call. As in p-limit, a store that it enters there is the caller's.
	for (const kind of ['generator', 'iterator of promises']) {
		const sourceOf = sources[kind];
		for (const [way, map] of Object.entries({
			map: (limit, ...args) => limit.map(...args),
			settle: (limit, ...args) => limit.settle(...args),
			'map of tasks': (limit, ...args) => limit.with({timeout: 1e6}).map(...args),
		})) {
			test(`${way}, ${kind}`, async () => {
				const places = new Places();
				const limit = pLimit(2);
				const busy = stranger(places, limit);
				await places.as('owner', () =>
					map(
						limit,
						sourceOf(places, 20, index => index),
						() => {
							places.enter('mapper');
							return pause();
						},
					),
				);
				await busy;
				assertOwned(places, 'next', 'mapper', ...(kind === 'generator' ? ['return'] : []));
			});
		}
	}

	for (const options of [{}, {timeout: 1e6}]) {
		test(`in the slot that an outer task lends, with ${JSON.stringify(options)}`, async () => {
			for (const way of ['map', 'stream']) {
				const places = new Places();
				const limit = pLimit({concurrency: 2, nested: 'lend'});
				await limit(() =>
					places.as('owner', async () => {
						const inner = limit.with(options)[way]([1, 2, 3], () => {
							places.enter('mapper');
						});
						if (way === 'map') {
							await inner;
						} else {
							for await (const _ of inner) {
								// only read
							}
						}
					}),
				);
				assertOwned(places, 'mapper');
			}
		});
	}
});

describe('functions of options see the context of the call that they decide about', () => {
	const failing = places => {
		let calls = 0;
		return async () => {
			places.note('task');
			await pause();
			calls++;
			if (calls < 3) {
				throw Object.assign(new Error('again'), {status: 503});
			}
		};
	};

	const retryOf = places => ({
		retries: 2,
		minTimeout: 1,
		maxTimeout: 1,
		async shouldRetry() {
			places.note('shouldRetry');
			await pause();
			places.note('shouldRetry');
			return true;
		},
		retryAfter() {
			places.note('retryAfter');
			return 0.001;
		},
	});

	const adaptiveOf = places => ({
		max: 2,
		isOverload() {
			places.note('isOverload');
			return true;
		},
	});

	const ways = {
		'a call': (lane, task) => lane(task),
		once: (lane, task) => lane.once('key', task),
		map: (lane, task) => lane.map([1], task),
		stream: (lane, task) => lane.stream([1], task).next(),
	};

	for (const [way, call] of Object.entries(ways)) {
		test(`shouldRetry, retryAfter and isOverload, in ${way}`, async () => {
			const places = new Places();
			const limit = places.as('stranger', () => pLimit({concurrency: adaptiveOf(places)}));
			const lane = places.as('stranger', () => limit.with({retry: retryOf(places), timeout: 1e6}));
			await places.as('owner', () => call(lane, failing(places)));
			assertOwned(places, 'task', 'shouldRetry', 'retryAfter', 'isOverload');
		});

		test(`isOverload of a limit and of its total, in ${way}`, async () => {
			const places = new Places();
			const keyed = places.as('stranger', () =>
				pLimit.keyed({concurrency: adaptiveOf(places), total: {concurrency: adaptiveOf(places)}}),
			);
			const limit = places.as('stranger', () => keyed('key'));
			const busy = stranger(places, limit, 20);
			await places.as('owner', () => call(limit, failing(places)).catch(() => {}));
			await busy;
			assertOwned(places, 'task', 'isOverload');
		});
	}

	test('isOverload of a call that times out', async () => {
		const places = new Places();
		const limit = pLimit({concurrency: adaptiveOf(places)});
		await places.as('stranger', () => limit.with({timeout: 1e6})(() => {})); // makes the timer that is kept
		await assert.rejects(
			places.as('owner', () => limit.with({timeout: 1})(() => new Promise(resolve => setTimeout(resolve, 20)))),
		);
		await limit.onIdle();
		assertOwned(places, 'isOverload');
	});
});
