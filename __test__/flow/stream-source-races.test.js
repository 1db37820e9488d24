'use strict';

// Streams at the worst moment: their source, their items and their reader fail, end or leave.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {counted, deferred, idle, listeners, outcomeOf, turns} = require('./helpers.js');
const {item, over, take} = require('./streams.js');

describe('a stream and its source', () => {
	test('left while `next` of the source is pending: returns the source, waits for it, and drops a late item', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const mapped = [];
		let returned = 0;
		const source = {
			[Symbol.asyncIterator]: () => source,
			next: () => promise,
			async return() {
				returned++;
				return over;
			},
		};
		const stream = limit.stream(source, x => mapped.push(x));
		const first = stream.next();
		const left = stream.return('left');
		assert.deepEqual(await first, over);
		assert.equal(returned, 1);
		assert.equal(await outcomeOf(left), 'pending');
		resolve(item('late'));
		assert.deepEqual(await left, {done: true, value: 'left'});
		assert.deepEqual(mapped, []);
		idle(limit);
		await stream.return();
		assert.equal(returned, 1);
	});

	test('a generator that waits is closed when it continues, and the stream waits for that', async () => {
		const {promise, resolve} = deferred();
		let isClosed = false;
		const source = (async function* () {
			try {
				yield 1;
				await promise;
				yield 2;
			} finally {
				isClosed = true;
			}
		})();
		const stream = pLimit(1).stream(source, x => x);
		assert.deepEqual(await stream.next(), item(1));
		const left = stream.return();
		assert.equal(await outcomeOf(left), 'pending');
		assert.equal(isClosed, false);
		resolve();
		await left;
		assert.equal(isClosed, true);
	});

	test('the source fails while the stream is left: the failure is ignored', async () => {
		const {promise, reject} = deferred();
		const source = {[Symbol.asyncIterator]: () => ({next: () => promise})};
		const limit = pLimit(1);
		const stream = limit.stream(source, x => x);
		const first = stream.next();
		const left = stream.return();
		reject(new Error('too late'));
		assert.deepEqual(await left, over);
		assert.deepEqual(await first, over);
		idle(limit);
	});

	test('aborted by the mapper: the source is returned', async () => {
		const limit = pLimit(2);
		const controller = new AbortController();
		const source = counted();
		const stream = limit.stream(
			source,
			async x => {
				if (x === 1) {
					controller.abort('enough');
				}

				return x;
			},
			{signal: controller.signal},
		);
		await assert.rejects(
			async () => {
				await stream.next();
				await stream.next();
			},
			error => error === 'enough',
		);
		assert.equal(source.returned, 1);
		assert.equal(listeners(controller), 0);
		await limit.onIdle();
	});

	test('aborted by the source: it is returned as soon as it has given the item', async () => {
		const controller = new AbortController();
		const source = counted();
		const iterator = source[Symbol.iterator]();
		const {next} = iterator;
		iterator.next = () => {
			controller.abort('enough');
			return next();
		};
		const stream = pLimit(1).stream(source, x => x, {signal: controller.signal});
		await assert.rejects(stream.next(), error => error === 'enough');
		await turns();
		assert.equal(source.returned, 1);
	});

	test('aborted before: rejects, and pulls nothing', async () => {
		for (const streamOf of [
			(limit, source, signal) => limit.stream(source, x => x, {signal}),
			(limit, source, signal) => limit.with({signal}).stream(source, x => x),
		]) {
			const source = counted(3);
			const stream = streamOf(pLimit(1), source, AbortSignal.abort('enough'));
			assert.deepEqual(await take(stream, 2), [{rejected: 'enough'}, over]);
			assert.equal(source.pulled, 0);
		}
	});

	test('left while an item runs: the item ends, and its slot is held until then', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const stream = limit.stream(counted(), () => promise);
		const first = stream.next();
		await tick();
		await stream.return();
		assert.deepEqual(await first, over);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
		const next = limit(() => 'next');
		assert.equal(await outcomeOf(next), 'pending');
		resolve();
		assert.equal(await next, 'next');
	});

	test('gives out nothing after its end, whatever still ran', async () => {
		for (const end of [
			async stream => {
				await stream.return();
			},
			async (_stream, controller, first) => {
				controller.abort('enough');
				await assert.rejects(first);
			},
		]) {
			const limit = pLimit(2);
			const controller = new AbortController();
			const {promise, resolve} = deferred();
			const stream = limit.stream(counted(), () => promise, {signal: controller.signal});
			const first = stream.next();
			await end(stream, controller, first);
			resolve('late');
			await limit.onIdle();
			await turns();
			assert.deepEqual(await stream.next(), over);
		}
	});

	test('a running item fails after the stream was left: the failure is ignored', async () => {
		const limit = pLimit(1);
		const {promise, reject} = deferred();
		const stream = limit.stream(counted(), () => promise);
		stream.next();
		await tick();
		await stream.return();
		reject(new Error('too late'));
		await limit.onIdle();
		await turns();
		assert.equal(limit.stats().online.rejected, 1);
	});
});

describe('a stream and its items', () => {
	for (const ordered of [true, false]) {
		test(`all items throw at once, stopOnError false, ordered ${ordered}`, async () => {
			const stream = pLimit(2).stream(
				counted(20),
				() => {
					throw new Error('no');
				},
				{stopOnError: false, ordered},
			);
			assert.deepEqual(await take(stream, 2), [{rejected: 'ERR_ITEMS_FAILED'}, over]);
		});
	}

	test('a new concurrency decides how many items run, and how many are pulled', async () => {
		const limit = pLimit(1);
		const source = counted();
		let active = 0;
		let most = 0;
		const stream = limit.stream(source, async x => {
			most = Math.max(most, ++active);
			await tick();
			active--;
			return x;
		});
		await stream.next();
		assert.ok(source.pulled <= 3, 'two ahead of what was taken');
		limit.concurrency = 4;
		for (let i = 1; i < 20; i++) {
			assert.deepEqual(await stream.next(), item(i));
		}

		assert.equal(most, 4);
		assert.ok(source.pulled <= 20 + 8);
		limit.concurrency = 1;
		await turns();
		most = 0;
		for (let i = 20; i < 40; i++) {
			assert.deepEqual(await stream.next(), item(i));
		}

		assert.equal(most, 1);
		assert.ok(source.pulled <= 40 + 8);
		await stream.return();
		await limit.onIdle();
	});

	test('weight: as many items run as have room', async () => {
		const limit = pLimit(5);
		let active = 0;
		let most = 0;
		const stream = limit.with({weight: 2}).stream(counted(10), async x => {
			most = Math.max(most, ++active);
			await tick();
			active--;
			return x;
		});
		assert.equal((await take(stream, 11)).filter(({done}) => !done).length, 10);
		assert.equal(most, 2);
	});

	test('retry and timeout of the lane apply to the items', async () => {
		const limit = pLimit(1);
		let calls = 0;
		const again = limit.with({retry: {retries: 1, minTimeout: 0}}).stream([1], async () => {
			calls++;
			if (calls === 1) {
				throw new Error('once');
			}

			return 'again';
		});
		assert.deepEqual(await again.next(), item('again'));
		const {promise, resolve} = deferred();
		const late = limit.with({timeout: 0}).stream([1], () => promise);
		const first = late.next();
		setTimeout(resolve, 20);
		await assert.rejects(first, {code: 'ERR_TASK_TIMEOUT'});
	});
});
