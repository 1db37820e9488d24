'use strict';

// Streams at the worst moment: the limit is paused, cleared, drained or closed to them, or their own ends meet.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('../../index.js');
const {counted, deferred, outcomeOf, turns} = require('./helpers.js');

const idle = limit => assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

const listeners = ({signal}) => getEventListeners(signal, 'abort').length;

const item = value => ({done: false, value});
const over = {done: true, value: undefined};

/** What each of so many `next` comes to, asked for one after the other. */
const take = async (stream, number) => {
	const taken = [];
	for (let i = 0; i < number; i++) {
		taken.push(await outcomeOf(stream.next()));
	}

	return taken;
};

const slowly = async x => {
	await tick();
	return x;
};

describe('a stream that is paused', () => {
	test('takes in no more than before, and gives out what runs', async () => {
		const limit = pLimit(2);
		const source = counted();
		const ends = [];
		const stream = limit.stream(source, () => new Promise(resolve => ends.push(resolve)), {highWaterMark: 3});
		const first = stream.next();
		await tick();
		assert.equal(source.pulled, 5);
		limit.pause();
		ends[0]('a');
		ends[1]('b');
		assert.deepEqual([await first, ...(await take(stream, 1))], [item('a'), item('b')]);
		const third = stream.next();
		assert.equal(await outcomeOf(third), 'pending');
		assert.equal(source.pulled, 7, 'two more than before, for two that were taken');
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 5]);
		limit.resume();
		await turns();
		ends[2]('c');
		assert.deepEqual(await third, item('c'));
		await stream.return();
		for (const end of ends) {
			end();
		}

		await limit.onIdle();
	});

	for (const [name, leave] of [
		['left', stream => stream.return()],
		['thrown into', stream => stream.throw(new Error('out')).catch(() => {})],
	]) {
		test(`${name}: what waits is gone, and the source is told`, async () => {
			const limit = pLimit(2);
			limit.pause();
			const source = counted();
			const stream = limit.stream(source, () => assert.fail('it ran'));
			const first = stream.next();
			assert.equal(limit.pendingCount, 4);
			await leave(stream);
			idle(limit);
			assert.deepEqual(await first, over);
			assert.equal(source.returned, 1);
			limit.resume();
			await turns();
			assert.equal(source.pulled, 4);
		});
	}

	test('aborted: rejects at once, and what waits is gone', async () => {
		const limit = pLimit(2);
		limit.pause();
		const controller = new AbortController();
		const source = counted();
		const stream = limit.stream(source, () => assert.fail('it ran'), {signal: controller.signal});
		const first = stream.next();
		controller.abort('enough');
		await assert.rejects(first, error => error === 'enough');
		idle(limit);
		assert.equal(source.returned, 1);
		limit.resume();
		await turns();
	});
});

describe('a stream whose limit is cleared', () => {
	for (const rejectOnClear of [true, false]) {
		for (const options of [{}, {retry: 1}]) {
			const name = `rejectOnClear ${rejectOnClear}, with ${JSON.stringify(options)}`;
			test(`fails in the place of what was dropped, ${name}`, async () => {
				const limit = pLimit({concurrency: 1, rejectOnClear});
				const source = counted();
				const stream = limit.with(options).stream(source, slowly, {highWaterMark: 1});
				const first = stream.next();
				assert.equal(limit.pendingCount, 1);
				limit.clearQueue();
				assert.deepEqual(await first, item(0));
				assert.deepEqual(await take(stream, 2), [{rejected: 'AbortError'}, over]);
				assert.equal(source.returned, 1);
				idle(limit);
			});
		}
	}

	test('also where several items wait', async () => {
		const limit = pLimit(1);
		const source = counted();
		const stream = limit.stream(source, slowly, {highWaterMark: 4});
		const first = outcomeOf(stream.next());
		assert.equal(limit.pendingCount, 4);
		const other = outcomeOf(limit.map([1], slowly));
		try {
			assert.doesNotThrow(() => limit.clearQueue());
			assert.deepEqual(await take(stream, 1), [{rejected: 'AbortError'}]);
		} finally {
			assert.deepEqual(await first, item(0));
			await other;
		}
	});

	test('what comes later runs', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		const stream = limit.stream(counted(), slowly, {highWaterMark: 1});
		const first = stream.next();
		limit.clearQueue();
		const later = limit(() => 'later');
		await first;
		assert.deepEqual(await take(stream, 1), [{rejected: 'AbortError'}]);
		assert.equal(await later, 'later');
	});
});

describe('a stream whose limit is drained', () => {
	test('gives out what was let in, then fails, and leaves nothing', async () => {
		const limit = pLimit(1);
		const source = counted();
		const stream = limit.stream(source, slowly, {highWaterMark: 0});
		const first = stream.next();
		const drained = limit.drain();
		assert.deepEqual(await first, item(0));
		assert.deepEqual(await take(stream, 2), [{rejected: 'ERR_LIMIT_CLOSED'}, over]);
		await drained;
		assert.equal(source.returned, 1);
	});

	test('also where items wait: those are queued, and run', async () => {
		const limit = pLimit(1);
		const stream = limit.stream(counted(), slowly, {highWaterMark: 2});
		const first = stream.next();
		const drained = limit.drain();
		assert.deepEqual(
			[await first, ...(await take(stream, 3))],
			[item(0), item(1), item(2), {rejected: 'ERR_LIMIT_CLOSED'}],
		);
		await drained;
	});

	test('stopOnError false: all that is refused is told at the end', async () => {
		const limit = pLimit(1);
		const stream = limit.stream(counted(20), slowly, {stopOnError: false});
		const first = stream.next();
		const drained = limit.drain();
		assert.deepEqual([await first, ...(await take(stream, 2))], [item(0), item(1), {rejected: 'AggregateError'}]);
		await drained;
	});

	test('queued false: what waits is refused', async () => {
		const limit = pLimit(1);
		const stream = limit.stream(counted(), slowly, {highWaterMark: 1});
		const first = stream.next();
		const drained = limit.drain({queued: false});
		assert.deepEqual([await first, ...(await take(stream, 2))], [item(0), {rejected: 'ERR_LIMIT_CLOSED'}, over]);
		await drained;
	});
});

describe('a stream in a bounded queue', () => {
	test('waits for room', async () => {
		const limit = pLimit({concurrency: 2, maxQueue: 1});
		assert.deepEqual(await take(limit.stream(counted(5), slowly), 6), [0, 1, 2, 3, 4].map(item).concat(over));
	});

	test('waits for the room that its items need, and the event loop goes on', async () => {
		const limit = pLimit({concurrency: 4, maxQueue: 0});
		const {promise, resolve} = deferred();
		limit(() => promise);
		limit(() => promise);
		const stream = limit.with({weight: 3}).stream(counted(2), slowly);
		const first = stream.next();
		assert.equal(await outcomeOf(first), 'pending');
		resolve();
		assert.deepEqual(await first, item(0));
		assert.deepEqual(await take(stream, 2), [item(1), over]);
	});
});

describe('a stream and its source', () => {
	test('left while the source is asked: at once; it is told, and what it gives too late is dropped', async () => {
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
		assert.deepEqual(await stream.return('left'), {done: true, value: 'left'});
		assert.deepEqual(await first, over);
		assert.equal(returned, 1);
		resolve(item('late'));
		await turns();
		assert.deepEqual(mapped, []);
		idle(limit);
		await stream.return();
		assert.equal(returned, 1);
	});

	test('a generator that waits is closed when it comes to itself', async () => {
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
		await stream.return();
		assert.equal(isClosed, false);
		resolve();
		await turns();
		assert.equal(isClosed, true);
	});

	test('the source fails while it is left: nobody is told', async () => {
		const {promise, reject} = deferred();
		const source = {[Symbol.asyncIterator]: () => ({next: () => promise})};
		const limit = pLimit(1);
		const stream = limit.stream(source, x => x);
		const first = stream.next();
		await stream.return();
		reject(new Error('too late'));
		await turns();
		assert.deepEqual(await first, over);
		idle(limit);
	});

	test('aborted by the mapper: the source is told', async () => {
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

	test('aborted by the source: it is told as soon as it has given the item', async () => {
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

	test('left while an item runs: the item ends, its slot is held until then', async () => {
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

	test('after its end it gives out nothing more, whatever still ran', async () => {
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

	test('an item that was running fails after the stream was left: nobody is told', async () => {
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
		test(`all of them throw at once, stopOnError false, ordered ${ordered}`, async () => {
			const stream = pLimit(2).stream(
				counted(20),
				() => {
					throw new Error('no');
				},
				{stopOnError: false, ordered},
			);
			assert.deepEqual(await take(stream, 2), [{rejected: 'AggregateError'}, over]);
		});
	}

	test('the concurrency is changed meanwhile: as many run, and as many are pulled', async () => {
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

	test('weight: as many run as have room', async () => {
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

	test('retry and timeout of the lane are theirs', async () => {
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
