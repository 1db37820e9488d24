'use strict';

// Streams at the worst moment: their limit is paused, cleared, drained or full.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {counted, deferred, idle, outcomeOf, turns} = require('./helpers.js');
const {item, over, slowly, take} = require('./streams.js');

describe('a stream that is paused', () => {
	test('takes in no more than before, and gives out what its running items return', async () => {
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
		test(`${name}: waiting items are gone, and the source is returned`, async () => {
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

	test('aborted: rejects at once, and waiting items are gone', async () => {
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
			test(`fails in the place of the dropped item, ${name}`, async () => {
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

	test('fails as well if several items wait', async () => {
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

	test('later items run', async () => {
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
	test('gives out the items that were let in, then fails, and leaves nothing', async () => {
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

	test('gives out waiting items, too: they are queued, and run', async () => {
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

	test('stopOnError false: all refused items are reported at the end', async () => {
		const limit = pLimit(1);
		const stream = limit.stream(counted(20), slowly, {stopOnError: false});
		const first = stream.next();
		const drained = limit.drain();
		assert.deepEqual([await first, ...(await take(stream, 2))], [item(0), item(1), {rejected: 'ERR_ITEMS_FAILED'}]);
		await drained;
	});

	test('queued false: waiting items are refused', async () => {
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
