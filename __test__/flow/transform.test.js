'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Readable, Writable} = require('node:stream');
const {pipeline} = require('node:stream/promises');
const {setImmediate: tick, setTimeout: delay} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {counted, idle, listeners, turns} = require('./helpers.js');

const range = length => Array.from({length}, (_, index) => index);

/** Takes what is written to it, as fast as `work` lets it. */
const sink = (taken, work = () => {}) =>
	new Writable({
		objectMode: true,
		highWaterMark: 1,
		async write(item, _, done) {
			await work(item);
			taken.push(item);
			done();
		},
	});

const slowly = async x => {
	await tick();
	return x;
};

describe('transform', () => {
	test('in a pipeline, in order', async () => {
		const limit = pLimit(3);
		const taken = [];
		let running = 0;
		let most = 0;
		const mapper = async x => {
			most = Math.max(most, ++running);
			await delay((x * 5) % 4);
			running--;
			return x * 2;
		};
		await pipeline(Readable.from(range(50)), limit.transform(mapper), sink(taken));
		assert.deepEqual(
			taken,
			range(50).map(x => x * 2),
		);
		assert.equal(most, 3);
	});

	test('pulls no faster than its results are read', async () => {
		const limit = pLimit(2);
		let pulled = 0;
		const source = Readable.from(
			(function* () {
				for (;;) {
					yield pulled++;
				}
			})(),
			{highWaterMark: 1},
		);
		const transform = limit.transform(x => x, {highWaterMark: 0});
		source.pipe(transform);
		await tick();
		for (let round = 0; round < 20; round++) {
			await tick();
		}

		const before = pulled;
		assert.ok(before < 200, `${before} pulled, nobody reads`);
		await delay(5);
		assert.equal(pulled, before);
		transform.destroy();
		source.destroy();
	});

	test('a failure ends the pipeline, and the source with it', async () => {
		const limit = pLimit(2);
		const source = Readable.from(range(100));
		const piped = pipeline(
			source,
			limit.transform(async x => {
				await tick();
				if (x === 7) {
					throw new Error('seven');
				}

				return x;
			}),
			sink([]),
		);
		await assert.rejects(piped, /seven/);
		assert.equal(source.destroyed, true);
		await limit.onIdle();
	});

	test('destroyed: what waits is dropped, and no slot is held', async () => {
		const limit = pLimit(1);
		const transform = limit.transform(() => delay(2, 'done'));
		for (const x of range(5)) {
			transform.write(x);
		}

		transform.resume();
		await delay(1);
		transform.destroy();
		await limit.onIdle();
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
	});

	test('bad arguments', () => {
		assert.throws(() => pLimit(1).transform(1), {code: 'ERR_INVALID_ARG', message: /^`mapper` must be a function/});
		assert.throws(() => pLimit(1).transform(x => x, {ordered: 1}), {code: 'ERR_INVALID_ARG'});
	});

	test('aborted in a pipeline: fails with the reason, and leaves nothing', async () => {
		const limit = pLimit(2);
		const controller = new AbortController();
		const source = Readable.from(counted());
		const reason = new Error('enough');
		const piped = pipeline(
			source,
			limit.transform(
				async x => {
					if (x === 3) {
						controller.abort(reason);
					}

					return slowly(x);
				},
				{signal: controller.signal},
			),
			sink([]),
		);
		await assert.rejects(piped, reason);
		await limit.onIdle();
		assert.equal(source.destroyed, true);
		assert.equal(listeners(controller), 0);
	});

	test('destroyed: no listener and no slot is left, begun or not', async () => {
		const limit = pLimit(2);
		const controller = new AbortController();
		for (const begin of [() => {}, transform => transform.resume()]) {
			const transform = limit.with({signal: controller.signal}).transform(slowly);
			transform.on('error', () => {});
			transform.write(1);
			begin(transform);
			await tick();
			transform.destroy();
			await turns();
			assert.equal(listeners(controller), 0);
			idle(limit);
		}
	});

	test('paused and resumed meanwhile: all comes through, in order', async () => {
		const limit = pLimit(2);
		const taken = [];
		const piped = pipeline(
			Readable.from(counted(30)),
			limit.transform(async x => {
				if (x === 10) {
					limit.pause();
					turns(2).then(() => limit.resume());
				}

				return slowly(x);
			}),
			sink(taken),
		);
		await piped;
		assert.deepEqual(
			taken,
			Array.from({length: 30}, (_, x) => x),
		);
	});

	test('its limit is drained: the pipeline fails, and the source ends with it', async () => {
		const limit = pLimit(1);
		const source = Readable.from(counted());
		const piped = pipeline(
			source,
			limit.transform(
				async x => {
					if (x === 2) {
						limit.drain();
					}

					return slowly(x);
				},
				{highWaterMark: 0},
			),
			sink([]),
		);
		await assert.rejects(piped, {code: 'ERR_LIMIT_CLOSED'});
		assert.equal(source.destroyed, true);
		await limit.onIdle();
	});

	for (const ordered of [true, false]) {
		test(`its limit is drained: what ran is read before the error, ordered ${ordered}`, async () => {
			const limit = pLimit(4);
			const ran = [];
			const transform = limit.transform(
				async x => {
					await tick();
					ran.push(x);
					return x;
				},
				{ordered},
			);
			Readable.from(range(100)).pipe(transform);
			const read = [];
			const reads = (async () => {
				for await (const x of transform) {
					await turns(3);
					read.push(x);
					if (x === 10) {
						limit.drain({queued: false});
					}
				}
			})();
			await assert.rejects(reads, {code: 'ERR_LIMIT_CLOSED'});
			assert.deepEqual(read, ran);
			assert.ok(read.length > 10);
			idle(limit);
		});
	}

	test('its limit is drained while nothing is written: it ends with the error', async () => {
		const limit = pLimit(4);
		const transform = limit.transform(async x => x);
		transform.write(1);
		const iterator = transform[Symbol.asyncIterator]();
		assert.equal((await iterator.next()).value, 1);
		const next = iterator.next();
		await turns(1);
		await limit.drain();
		await assert.rejects(next, {code: 'ERR_LIMIT_CLOSED'});
		assert.equal(transform.destroyed, true);
	});

	test('a result may be undefined, and not null', async () => {
		const transform = pLimit(1).transform(x => x.value);
		const error = new Promise(resolve => transform.on('error', resolve));
		const read = [];
		transform.on('data', x => read.push(x));
		for (const value of [0, '', undefined, null]) {
			transform.write({value});
		}

		assert.equal((await error).code, 'ERR_STREAM_NULL_VALUES');
		assert.deepEqual(read, [0, '', undefined]);
	});

	test('a source that is read to its end ends it', async () => {
		const limit = pLimit(2);
		const transform = limit.transform(slowly);
		transform.end();
		assert.deepEqual(await transform.toArray(), []);
		const other = limit.transform(slowly);
		other.end(1);
		assert.deepEqual(await other.toArray(), [1]);
	});
});
