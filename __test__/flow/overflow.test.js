'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {deferred} = require('./helpers.js');

/** A limit whose only slot is taken until `free()`. */
const full = options => {
	const limit = pLimit({concurrency: 1, maxQueue: 2, overflow: 'drop-oldest', ...options});
	const {promise, resolve} = deferred();
	const running = limit.offline(() => promise);
	return {limit, running, work: promise, free: resolve};
};

/** What became of calls: their value, or the code of their error. */
const settled = async calls =>
	(await Promise.allSettled(calls)).map(({value, reason}) => (reason === undefined ? value : reason.code));

describe('overflow', () => {
	test("'drop-oldest' drops the call that came first, and says so", async () => {
		const {limit, free} = full({name: 'quotes'});
		const call = pLimit({name: 'quotes'}).with({label: 'ask'});
		const calls = [1, 2, 3, 4].map(number => call(() => number));
		free();
		assert.deepEqual(await settled(calls), ['ERR_DROPPED', 'ERR_DROPPED', 3, 4]);
		await assert.rejects(calls[0], {
			name: 'DroppedError',
			code: 'ERR_DROPPED',
			message:
				"limit 'quotes': the call 'ask' was dropped: the online lane is full, `maxQueue` lets 2 wait in it, " +
				"and `overflow: 'drop-oldest'` drops the call that came first",
		});
		assert.ok(await calls[1].catch(error => error instanceof pLimit.DroppedError));
		const {dropped, refused, cleared, granted} = limit.stats().online;
		assert.deepEqual({dropped, refused, cleared, granted}, {dropped: 2, refused: 0, cleared: 0, granted: 2});
	});

	test("'drop-lowest' drops the call that would start last, which may be the newcomer", async () => {
		const {limit, free} = full({overflow: 'drop-lowest'});
		const of = priority => limit.with({priority, label: `of ${priority}`});
		const calls = [0, 2, 1, 0, 3].map(priority => of(priority)(() => priority));
		await assert.rejects(calls[3], {
			code: 'ERR_DROPPED',
			message:
				"the call 'of 0' was dropped: the online lane is full, `maxQueue` lets 2 wait in it, " +
				"and `overflow: 'drop-lowest'` drops the call that would start last",
		});
		free();
		assert.deepEqual(await settled(calls), ['ERR_DROPPED', 2, 'ERR_DROPPED', 'ERR_DROPPED', 3]);
		assert.equal(limit.stats().online.dropped, 3);
	});

	test('the other lane is left alone', async () => {
		const {limit, free} = full({maxQueue: {online: 1, offline: 1}});
		const calls = [limit.offline(() => 'offline'), limit(() => 1), limit(() => 2), limit.offline(() => 'newer')];
		free();
		assert.deepEqual(await settled(calls), ['ERR_DROPPED', 'ERR_DROPPED', 2, 'newer']);
	});

	test('a map is dropped with all its items that wait', async () => {
		const {limit, free} = full({concurrency: 2, reserve: 0, maxQueue: 3});
		const gate = deferred();
		const begun = [];
		const map = limit.map([1, 2, 3], async item => {
			begun.push(item);
			await gate.promise;
		});
		const settling = limit.settle([4, 5, 6], item => item); // for the room of three, two items of the map leave
		assert.equal(await map.catch(error => error.code), 'ERR_DROPPED');
		gate.resolve();
		free();
		assert.deepEqual(
			(await settling).map(({value}) => value),
			[4, 5, 6],
		);
		assert.deepEqual(begun, [1]);
		assert.equal(limit.stats().online.dropped, 2);
		await assert.rejects(
			limit.map([1, 2, 3, 4, 5, 6, 7], item => item),
			{code: 'ERR_QUEUE_FULL'},
		);
	});

	test('each dropped item of `settle` has its outcome', async () => {
		const {limit, free} = full();
		const settling = limit.settle(['a', 'b'], item => item);
		const call = limit(() => 'call');
		free();
		assert.equal(await call, 'call');
		assert.deepEqual(
			(await settling).map(({status, reason}) => [status, reason.code]),
			[
				['rejected', 'ERR_DROPPED'],
				['rejected', 'ERR_DROPPED'],
			],
		);
	});

	for (const options of [{}, {queueTimeout: 100_000}, {signal: new AbortController().signal}]) {
		test(`a call with ${JSON.stringify(options)} is dropped once, and its place is free`, async () => {
			const {limit, free} = full({maxQueue: 1});
			const lane = limit.with(options);
			const calls = [lane(() => 1), lane(() => 2), lane(() => 3)];
			assert.equal(limit.pendingCount, 1);
			free();
			assert.deepEqual(await settled(calls), ['ERR_DROPPED', 'ERR_DROPPED', 3]);
			assert.equal(limit.pendingCount, 0);
		});
	}

	test('an item of a stream waits for room, and may be dropped like any call', async () => {
		const {limit, free, running} = full({overflow: 'drop-lowest'});
		const low = limit.with({priority: -1});
		const stream = low.stream([1, 2, 3, 4], item => item, {settle: true});
		const read = [];
		const reading = (async () => {
			for await (const outcome of stream) {
				read.push(outcome.status === 'rejected' ? outcome.reason.code : outcome.value);
			}
		})();
		await tick();
		const calls = [limit(() => 'a'), limit(() => 'b')];
		free();
		await running;
		assert.deepEqual(await settled(calls), ['a', 'b']);
		await reading;
		assert.equal(read.length, 4);
		assert.ok(read.includes('ERR_DROPPED') && read.includes(4), String(read));
		assert.equal(limit.stats().online.dropped, read.filter(value => value === 'ERR_DROPPED').length);
	});

	for (const [title, options] of Object.entries({items: {}, 'items with options of their own': {timeout: 10_000}})) {
		test(`a dropped item ends a stream after the results of the ${title} before it`, async () => {
			const {limit, free} = full({overflow: 'drop-lowest'});
			const low = limit.with({priority: -1, ...options});
			const stream = low.stream([1, 2, 3, 4], item => item);
			const reads = [stream.next(), stream.next(), stream.next()];
			await tick();
			assert.equal(limit.online.pendingCount, 2);
			const call = limit(() => 'call'); // in the place of the second item
			assert.equal(limit.online.pendingCount, 2);
			free();
			assert.equal(await call, 'call');
			assert.deepEqual(await reads[0], {done: false, value: 1});
			assert.deepEqual(await settled(reads.slice(1, 2)), ['ERR_DROPPED']);
			assert.equal((await reads[2]).done, true);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});
	}

	const ways = {
		'a map': [{}, {}],
		'a map whose items have a timeout': [{timeout: 10_000}, {}],
		'a map whose items have a context': [{context: true}, {}],
		'a map whose items have costs': [{}, {cost: () => 1}],
	};
	for (const [title, [bound, options]] of Object.entries(ways)) {
		for (const overflow of ['drop-oldest', 'drop-lowest']) {
			test(`${title} that could not wait drops nothing: ${overflow}`, async () => {
				const name = `${title} ${overflow}`;
				const {limit, running, free} = full({overflow, name});
				const calls = ['a', 'b'].map(value => limit(() => value));
				const begun = [];
				const map = limit.with(bound).map([1, 2, 3], item => begun.push(item), options);
				await assert.rejects(map, {
					code: 'ERR_QUEUE_FULL',
					message: `limit '${name}': the online lane is full: \`maxQueue\` lets 2 wait in it; wait until it has room (\`ready\`)`,
				});
				const {dropped, refused} = limit.stats().online;
				assert.deepEqual([dropped, refused, limit.pendingCount], [0, 3, 2]);
				free();
				await running;
				assert.deepEqual(await settled(calls), ['a', 'b']);
				assert.deepEqual(begun, []);
				const all = await limit.with(bound).map([1, 2, 3], item => item, options); // one starts at once
				assert.deepEqual(all, [1, 2, 3]);
			});
		}
	}

	test('a stream that is left takes the items before a dropped one out of the queue', async () => {
		const {limit, free} = full({overflow: 'drop-lowest'});
		const stream = limit.with({priority: -1}).stream([1, 2, 3], item => item);
		const read = stream.next();
		await tick();
		const call = limit(() => 'call');
		await stream.return();
		assert.equal((await read).done, true);
		assert.equal(limit.online.pendingCount, 1);
		free();
		assert.equal(await call, 'call');
		assert.equal(limit.stats().online.granted, 1);
	});

	test('what a `once` has dropped may be called again', async () => {
		const {limit, free} = full({maxQueue: 1});
		const first = limit.once('key', () => 'first');
		const joined = limit.once('key', () => 'never');
		const other = limit(() => 'other');
		assert.deepEqual(await settled([first, joined]), ['ERR_DROPPED', 'ERR_DROPPED']);
		const again = limit.once('key', () => 'again');
		free();
		assert.deepEqual(await settled([other, again]), ['ERR_DROPPED', 'again']);
	});

	test('a call of a chain that the second limit drops gives its slot of the first one back', async () => {
		const {limit: second, free} = full({maxQueue: 1});
		const first = pLimit(3);
		const both = first.chain(second);
		const calls = [1, 2, 3].map(number => both(() => number));
		assert.equal(await calls[0].catch(error => error.code), 'ERR_DROPPED');
		assert.equal(await calls[1].catch(error => error.code), 'ERR_DROPPED');
		assert.equal(first.activeCount, 1);
		free();
		assert.equal(await calls[2], 3);
		assert.equal(first.activeCount, 0);
	});

	test('a new call may be made as soon as one learns that it was dropped', async () => {
		const {limit, free} = full({maxQueue: 1});
		const again = [];
		const calls = Array.from({length: 20}, (_, number) =>
			limit(() => number).catch(error => {
				assert.equal(error.code, 'ERR_DROPPED');
				again.push(number);
				return number;
			}),
		);
		await tick();
		free();
		assert.deepEqual(await Promise.all(calls), [...calls.keys()]);
		assert.deepEqual(again, [...calls.keys()].slice(0, 19));
		assert.equal(limit.pendingCount + limit.activeCount, 0);
	});

	test('a subscriber may call while calls are dropped', async t => {
		const {subscribe, unsubscribe} = require('node:diagnostics_channel');
		const {limit, free} = full({maxQueue: 3});
		const reasons = [];
		const calls = [];
		const listener = ({reason, call}) => {
			reasons.push(reason);
			if (reason === 'dropped' && calls.length < 5) {
				calls.push(limit.with({label: `for ${call.label}`})(() => 'more'));
			}
		};
		subscribe('p-lanes:settled', listener);
		t.after(() => unsubscribe('p-lanes:settled', listener));
		calls.push(
			limit(() => 1),
			limit(() => 2),
			limit(() => 3),
		);
		calls.push(limit.map(['x', 'y', 'z'], item => item));
		free();
		const outcomes = await settled(calls);
		assert.ok(calls.length >= 5);
		assert.equal(limit.stats().online.dropped, reasons.filter(reason => reason === 'dropped').length);
		assert.equal(limit.pendingCount + limit.activeCount, 0);
		assert.ok(outcomes.includes('ERR_DROPPED'));
	});

	test('a call that has its slot and has not begun is not dropped', async () => {
		const {limit, free, work} = full({maxQueue: 1});
		const begun = [];
		const calls = [limit(() => begun.push(1))];
		await tick(); // the limit listens to the end of the work before this test does
		const granted = work.then(() => {
			assert.deepEqual([limit.activeCount, begun], [1, []]);
			calls.push(
				limit(() => begun.push(2)),
				limit(() => begun.push(3)),
			);
		});
		free();
		await granted;
		assert.deepEqual(await settled(calls), [1, 'ERR_DROPPED', 2]);
		assert.deepEqual(begun, [1, 3]);
		assert.equal(limit.activeCount + limit.pendingCount, 0);
	});

	test('an unknown overflow is refused with those that there are', () => {
		assert.throws(() => pLimit({concurrency: 1, overflow: 'drop'}), {
			code: 'ERR_INVALID_ARG',
			message: "`overflow` must be 'reject' or 'wait' or 'drop-oldest' or 'drop-lowest', got 'drop'",
		});
	});
});
