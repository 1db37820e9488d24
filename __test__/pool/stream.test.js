'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {PoolClosedError} = require('p-lanes');
const {failure, open, openBoard, sleep, state, until} = require('./helpers.js');

const range = (from, length) => Array.from({length}, (_, index) => from + index);

const collect = async iterable => {
	const all = [];
	for await (const item of iterable) {
		all.push(item);
	}

	return all;
};

/** A source that counts what is pulled of it, and whether it was told to stop. */
class Source {
	pulled = 0;
	returned = 0;
	#length;
	#item;

	constructor(length = Number.POSITIVE_INFINITY, item = index => index) {
		this.#length = length;
		this.#item = item;
	}

	next() {
		return this.pulled === this.#length ? {done: true} : {done: false, value: this.#item(this.pulled++)};
	}

	return() {
		this.returned++;
		return {done: true};
	}

	get sync() {
		return {[Symbol.iterator]: () => this};
	}

	get async() {
		return {
			[Symbol.asyncIterator]: () => ({
				next: async () => {
					await null;
					return this.next();
				},
				return: async () => this.return(),
			}),
		};
	}
}

const kinds = ['sync', 'async'];

describe('stream', () => {
	for (const kind of kinds) {
		test(`gives results in the order of the items of a ${kind} source`, async t => {
			const pool = open(t, {maxThreads: 2});
			const source = new Source(500);
			assert.deepEqual(
				await collect(pool.stream(source[kind], {name: 'double'})),
				range(0, 500).map(item => 2 * item),
			);
			assert.equal(source.returned, 0, 'it ended by itself');
		});

		test(`gives all results of a ${kind} source as they come`, async t => {
			const pool = open(t, {maxThreads: 2});
			const results = await collect(pool.stream(new Source(500)[kind], {ordered: false}));
			assert.deepEqual(
				results.sort((a, b) => a - b),
				range(0, 500),
			);
		});

		test(`of an empty ${kind} source is empty`, async t => {
			const pool = open(t);
			assert.deepEqual(await collect(pool.stream(new Source(0)[kind])), []);
			assert.equal(pool.threads.length, 0);
		});

		test(`pulls a ${kind} source no further than \`highWaterMark\` beyond what was given out`, async t => {
			const pool = open(t);
			for (const highWaterMark of [1, 3, 20]) {
				const source = new Source();
				const stream = pool.stream(source[kind], {highWaterMark});
				assert.equal(source.pulled, 0, 'nothing before it is asked for');
				for (let given = 1; given < 30; given++) {
					await stream.next();
					assert.ok(source.pulled <= given + highWaterMark, `${source.pulled} pulled for ${given}`);
				}

				await sleep(20);
				assert.ok(source.pulled <= 29 + highWaterMark, 'nor while nobody asks');
				await stream.return();
			}
		});
	}

	test('ordered: a slow job holds back what comes after it; else it does not', async t => {
		const {board, pool} = openBoard(t, {concurrentTasksPerWorker: 4});
		const items = gate => [{id: 1, gate, result: 'slow'}, ...[2, 3, 4].map(id => ({id, gate: 3, result: id}))];
		board.open(3);
		const asTheyCome = pool.stream(items(4), {name: 'holdAsync', ordered: false});
		assert.deepEqual(
			(await Promise.all([asTheyCome.next(), asTheyCome.next(), asTheyCome.next()])).map(({value}) => value).sort(),
			[2, 3, 4],
		);
		board.open(4);
		assert.deepEqual(await collect(asTheyCome), ['slow']);

		const inOrder = pool.stream(items(5), {name: 'holdAsync'});
		const first = inOrder.next();
		await board.saw(4);
		assert.equal(await state(first), 'pending');
		board.open(5);
		assert.equal((await first).value, 'slow');
		assert.deepEqual(await collect(inOrder), [2, 3, 4]);
	});

	test('the bound counts results that nobody has taken', async t => {
		const {board, pool} = openBoard(t);
		const source = new Source(Number.POSITIVE_INFINITY, index => ({id: index + 1}));
		const stream = pool.stream(source.sync, {name: 'note', highWaterMark: 5});
		await stream.next();
		await until(() => pool.stats().online.active === 0 && pool.queueSize === 0);
		assert.ok(board.log.length <= 6);
		assert.equal(source.pulled, board.log.length);
		await stream.return();
	});

	test('without `highWaterMark` it is twice what the pool can run', async t => {
		const {board, pool} = openBoard(t, {maxThreads: 2, concurrentTasksPerWorker: 3});
		const source = new Source(Number.POSITIVE_INFINITY, index => ({id: index + 1, gate: 3}));
		const stream = pool.stream(source.sync, {name: 'holdAsync'});
		const first = stream.next();
		await until(() => source.pulled === 12);
		await sleep(5);
		assert.equal(source.pulled, 12);
		board.open(3);
		await first;
		await stream.return();
	});

	test('leaves room in the queue', async t => {
		const {board, pool} = openBoard(t, {maxQueue: 4});
		const source = new Source(100, index => ({id: index + 1, gate: 3, result: index}));
		const stream = pool.stream(source.sync, {name: 'hold', highWaterMark: 50});
		const first = stream.next();
		await board.saw(1);
		assert.equal(source.pulled, 3);
		const single = pool.run(1);
		board.open(3);
		assert.equal(await single, 1);
		assert.equal((await first).value, 0);
		assert.deepEqual(await collect(stream), range(1, 99));
	});

	test('several run beside each other', async t => {
		const pool = open(t, {maxThreads: 2});
		const all = await Promise.all(range(0, 5).map(() => collect(pool.stream(new Source(100).async))));
		assert.deepEqual(all, Array(5).fill(range(0, 100)));
	});

	test('asked for several at once, gives each its own', async t => {
		const pool = open(t);
		const stream = pool.stream(range(0, 5));
		const given = await Promise.all(range(0, 7).map(() => stream.next()));
		assert.deepEqual(
			given.map(({value}) => value),
			[0, 1, 2, 3, 4, undefined, undefined],
		);
	});

	test('is an iterator that can be piped', async t => {
		const pool = open(t);
		const {Readable} = require('node:stream');
		const source = Readable.from(range(0, 20));
		const piped = Readable.from(pool.stream(source, {name: 'double'}));
		assert.deepEqual(
			await collect(piped),
			range(0, 20).map(item => 2 * item),
		);
	});

	test('a consumer that is slow gets all', async t => {
		const pool = open(t, {maxThreads: 2});
		const results = [];
		for await (const result of pool.stream(new Source(20).async)) {
			await sleep(2);
			results.push(result);
		}

		assert.deepEqual(results, range(0, 20));
	});
});

describe('a stream that is left', () => {
	for (const kind of kinds) {
		test(`by break stops its ${kind} source and drops what waits`, async t => {
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

		test(`by throw as well, of a ${kind} source`, async t => {
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

		test(`by abort: at once, with the reason, of a ${kind} source`, async t => {
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

	test('before it is asked for anything leaves its source alone', async t => {
		const pool = open(t);
		const source = new Source();
		await pool.stream(source.sync).return();
		assert.equal(source.pulled, 0);
	});

	test('does not wait for a source that gives nothing', async t => {
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

		const givesOne = {
			returned: 0,
			async *[Symbol.asyncIterator]() {
				yield 1;
				await new Promise(() => {});
			},
		};
		for await (const result of pool.stream(givesOne)) {
			assert.equal(result, 1);
			break;
		}
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
		test(`in a job, gives what came before it, then the error, and stops its ${kind} source`, async t => {
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

		test(`because its ${kind} source does, gives what came before it`, async t => {
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

		test(`because an item of its ${kind} source can not be sent`, async t => {
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

	test('keeps its reason though the source can not be stopped', async t => {
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
		test(`${how}: ends it, though its source says nothing`, async t => {
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

test('promises in a source are awaited', async t => {
	const pool = open(t);
	const promises = range(0, 5).map(async item => item);
	assert.deepEqual(await collect(pool.stream(promises, {name: 'double'})), [0, 2, 4, 6, 8]);
});
