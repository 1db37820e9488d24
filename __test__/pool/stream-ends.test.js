'use strict';

// How a stream of a pool ends: its reader leaves, a job or the source fails, a signal aborts, the pool closes.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {PoolClosedError} = require('p-lanes');
const {failure, open, openBoard, sleep, until} = require('./helpers.js');
const {Source, collect, kinds} = require('./streams.js');

describe('a stream that is left', () => {
	for (const kind of kinds) {
		test(`by break stops its ${kind} source and drops waiting jobs`, async t => {
			const {board, pool} = openBoard(t);
			const source = new Source(Number.POSITIVE_INFINITY, index => ({id: index + 1}));
			for await (const id of pool.stream(source[kind], {name: 'note', highWaterMark: 10})) {
				if (id === 3) {
					break;
				}
			}

			assert.equal(source.returned, 1);
			assert.equal(pool.queueSize, 0);
			const {pulled} = source;
			assert.equal(await pool.run('next'), 'next');
			assert.equal(source.pulled, pulled);
			assert.ok(board.log.length <= 13);
		});

		test(`by throw stops its ${kind} source and drops waiting jobs`, async t => {
			const pool = open(t);
			const source = new Source();
			await assert.rejects(async () => {
				for await (const _ of pool.stream(source[kind])) {
					throw new Error('mine');
				}
			}, new Error('mine'));
			assert.equal(source.returned, 1);
			assert.equal(pool.queueSize, 0);
		});

		test(`by abort rejects at once with the reason, and stops its ${kind} source`, async t => {
			const {board, pool} = openBoard(t);
			const controller = new AbortController();
			const source = new Source(Number.POSITIVE_INFINITY, index => ({id: index + 1}));
			const stream = pool.stream(source[kind], {name: 'heed', signal: controller.signal, highWaterMark: 5});
			const next = stream.next();
			await board.saw(1);
			controller.abort(new Error('enough'));
			assert.equal((await failure(next)).message, 'enough');
			assert.equal(source.returned, 1);
			assert.equal(pool.queueSize, 0);
			await board.saw(-1);
			assert.deepEqual(board.log, [1, -1]);
			assert.deepEqual(await stream.next(), {value: undefined, done: true});
		});
	}

	test('before its first `next` leaves its source alone', async t => {
		const pool = open(t);
		const source = new Source();
		await pool.stream(source.sync).return();
		assert.equal(source.pulled, 0);
	});

	test('by abort does not wait for a source that gives nothing', async t => {
		const pool = open(t);
		const never = {
			returned: 0,
			[Symbol.asyncIterator]: () => ({
				next: () => new Promise(() => {}),
				return: () => {
					never.returned++;
					return new Promise(() => {});
				},
			}),
		};
		const controller = new AbortController();
		const next = pool.stream(never, {signal: controller.signal}).next();
		await sleep(1);
		controller.abort(new Error('enough'));
		assert.equal((await failure(next)).message, 'enough');
		assert.equal(never.returned, 1);
	});

	test('waits for a source that ends', async t => {
		const pool = open(t);
		let isEnded = false;
		const source = async function* () {
			try {
				yield* [1, 2, 3, 4, 5, 6];
			} finally {
				await sleep(5);
				isEnded = true;
			}
		};
		for await (const _ of pool.stream(source(), {highWaterMark: 1})) {
			break;
		}

		assert.equal(isEnded, true);
	});
});

describe('a stream that fails', () => {
	for (const kind of kinds) {
		test(`in a job, gives the results before it, then the error, and stops its ${kind} source`, async t => {
			const pool = open(t);
			const source = new Source(100, index => (index === 3 ? {message: 'fourth'} : null));
			const results = [];
			await assert.rejects(async () => {
				for await (const result of pool.stream(new Source(100, index => index)[kind], {
					filename: `data:text/javascript,${encodeURIComponent("export default x => { if (x === 3) throw new RangeError('fourth'); return x; }")}`,
				})) {
					results.push(result);
				}
			}, new RangeError('fourth'));
			assert.deepEqual(results, [0, 1, 2]);
			assert.equal(pool.queueSize, 0);

			await assert.rejects(collect(pool.stream(source[kind], {name: 'fail'})));
			assert.equal(source.returned, 1);
		});

		test(`because its ${kind} source does, gives the results before it`, async t => {
			const pool = open(t);
			for (const options of [{}, {highWaterMark: 1}, {highWaterMark: 50}]) {
				const source = new Source(10, index => {
					if (index === 4) {
						throw new RangeError('no more');
					}

					return index;
				});
				const results = [];
				await assert.rejects(async () => {
					for await (const result of pool.stream(source[kind], options)) {
						results.push(result);
					}
				}, new RangeError('no more'));
				assert.deepEqual(results, [0, 1, 2, 3]);
				assert.equal(source.returned, 0, 'it knows already');
			}
		});

		test(`because an item of its ${kind} source cannot be sent, gives the results before it`, async t => {
			const pool = open(t);
			const source = new Source(10, index => (index === 2 ? () => {} : index));
			const results = [];
			await assert.rejects(
				async () => {
					for await (const result of pool.stream(source[kind])) {
						results.push(result);
					}
				},
				{code: 'ERR_NOT_CLONEABLE'},
			);
			assert.deepEqual(results, [0, 1]);
			assert.equal(source.returned, 1);
		});
	}

	test('keeps its reason even if the source cannot be stopped', async t => {
		const pool = open(t);
		const source = {
			[Symbol.iterator]: () => ({
				next: () => ({done: false, value: {message: 'mine'}}),
				return() {
					throw new Error('other');
				},
			}),
		};
		await assert.rejects(collect(pool.stream(source, {name: 'fail'})), new Error('mine'));
		await assert.rejects(async () => {
			for await (const _ of pool.stream(source, {name: 'nothing'})) {
				break;
			}
		}, new Error('other'));
	});
});

describe('a pool that closes under a stream', () => {
	/** A source that gives one item and then says nothing for ever. */
	const quiet = () => {
		const source = {returned: 0};
		let given = false;
		source[Symbol.asyncIterator] = () => ({
			next: () => {
				if (given) {
					return new Promise(() => {});
				}

				given = true;
				return Promise.resolve({done: false, value: 1});
			},
			return: async () => {
				source.returned++;
				return {done: true};
			},
		});
		return source;
	};

	for (const [how, end] of [
		['close', pool => pool.close()],
		['close by force', pool => pool.close({force: true})],
		['destroy', pool => pool.destroy()],
	]) {
		test(`${how}: ends the stream, even if its source never settles`, async t => {
			const pool = open(t);
			const source = quiet();
			const stream = pool.stream(source, {name: 'double'});
			assert.deepEqual(await stream.next(), {done: false, value: 2});
			const next = stream.next();
			await Promise.all([end(pool), assert.rejects(next, {name: 'PoolClosedError', code: 'ERR_POOL_CLOSED'})]);
			assert.equal(source.returned, 1);
			assert.equal((await stream.next()).done, true);
		});
	}

	for (const options of [{ordered: true}, {ordered: false}]) {
		test(`${JSON.stringify(options)}: gives what it has submitted before the error`, async t => {
			const {board, pool} = openBoard(t);
			const source = new Source(Number.POSITIVE_INFINITY, index => ({id: index + 1, gate: 3, result: index}));
			const stream = pool.stream(source.async, {...options, name: 'hold', highWaterMark: 4});
			const first = stream.next();
			await until(() => source.pulled === 4);
			await board.saw(1);
			await sleep(1);
			const closed = pool.close();
			board.open(3);
			const results = [(await first).value];
			await assert.rejects(
				async () => {
					for await (const result of stream) {
						results.push(result);
					}
				},
				{code: 'ERR_POOL_CLOSED'},
			);
			assert.deepEqual(results, [0, 1, 2, 3]);
			await closed;
		});
	}

	test('an item that comes too late is not run', async t => {
		const pool = open(t);
		let give;
		const source = {
			[Symbol.asyncIterator]: () => ({
				next: () =>
					new Promise(resolve => {
						give = resolve;
					}),
			}),
		};
		const next = pool.stream(source, {name: 'double'}).next();
		await until(() => give !== undefined);
		const closed = pool.close();
		give({done: false, value: 1});
		await assert.rejects(next, error => error instanceof PoolClosedError);
		await closed;
	});
});

describe('a signal and the source', () => {
	test('aborted before the first pull: the source is returned', async t => {
		const pool = open(t);
		const source = new Source(10);
		const stream = pool.stream(source.sync, {signal: AbortSignal.abort()});
		await assert.rejects(stream.next(), {name: 'AbortError'});
		assert.equal(source.returned, 1);
	});

	test('aborted between results: the source is returned at once', async t => {
		const pool = open(t);
		const controller = new AbortController();
		const source = new Source(100);
		const stream = pool.stream(source.sync, {name: 'double', signal: controller.signal});
		assert.equal((await stream.next()).value, 0);
		controller.abort();
		assert.equal(source.returned, 1);
		await assert.rejects(stream.next(), {name: 'AbortError'});
		assert.equal(source.returned, 1);
	});
});
