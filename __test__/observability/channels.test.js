'use strict';

// What limits and pools publish through `node:diagnostics_channel`.

const assert = require('node:assert/strict');
const {AsyncLocalStorage} = require('node:async_hooks');
const diagnostics = require('node:diagnostics_channel');
const process = require('node:process');
const {afterEach, describe, test} = require('node:test');
const {setImmediate: turn, setTimeout: sleep} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {hold} = require('../shared/helpers.js');

const CHANNELS = ['queued', 'started', 'retried', 'settled', 'refused', 'limit'];

/** What to undo after the test. */
let subscriptions = [];

const subscribe = (name, listener) => {
	diagnostics.subscribe(`p-lanes:${name}`, listener);
	subscriptions.push(() => diagnostics.unsubscribe(`p-lanes:${name}`, listener));
};

afterEach(() => {
	for (const unsubscribe of subscriptions) {
		unsubscribe();
	}

	subscriptions = [];
});

/** Collects what comes on some channels, as `{on, ...message}`. */
const collect = (names = CHANNELS) => {
	const messages = [];
	for (const name of names) {
		subscribe(name, message => {
			messages.push({on: name, ...message});
		});
	}

	return messages;
};

/** The names of the messages of each call, in the order of the calls. */
const storiesOf = messages => {
	const stories = new Map();
	for (const {on, call, reason} of messages) {
		if (call !== undefined) {
			const story = stories.get(call) ?? [];
			stories.set(call, [...story, reason === undefined ? on : `${on} ${reason}`]);
		}
	}

	return [...stories.values()].map(story => story.join(', '));
};

const fail = async () => {
	throw new Error('no');
};

const DONE = 'queued, started, settled fulfilled';
const FAILED = 'queued, started, settled rejected';

const readAll = async stream => {
	const results = [];
	for await (const result of stream) {
		results.push(result);
	}

	return results;
};

describe('the calls of a limit', () => {
	/** By name: makes two calls of `fn`, and returns their outcomes. */
	const ways = {
		'plain calls': (limit, fn) => Promise.allSettled([limit(fn), limit(fn)]),
		'calls with a label': (limit, fn) => {
			const lane = limit.with({label: 'l'});
			return Promise.allSettled([lane(fn), lane(fn)]);
		},
		'calls with a timeout': (limit, fn) => {
			const lane = limit.with({timeout: 60_000});
			return Promise.allSettled([lane(fn), lane(fn)]);
		},
		'calls with a weight': (limit, fn) => {
			const lane = limit.with({weight: 2});
			return Promise.allSettled([lane(fn), lane(fn)]);
		},
		run: (limit, fn) => Promise.allSettled([limit.run(fn), limit.run(fn)]),
		once: (limit, fn) => Promise.allSettled([limit.once('a', fn), limit.once('a', fn), limit.once('b', fn)]),
		map: (limit, fn) => limit.settle([1, 2], fn),
		'map with a retry': (limit, fn) => limit.with({retry: {retries: 0}}).settle([1, 2], fn),
		stream: (limit, fn) => readAll(limit.stream([1, 2], fn, {settle: true})),
		'stream with a timeout': (limit, fn) => readAll(limit.with({timeout: 60_000}).stream([1, 2], fn, {settle: true})),
		nested: (limit, fn) => limit(() => Promise.allSettled([limit(fn), limit(fn)])),
	};

	for (const [name, make] of Object.entries(ways)) {
		for (const [how, fn, story] of [
			['at once', () => 1, DONE],
			['later', async () => turn(1), DONE],
			['by an error', fail, FAILED],
			[
				'by a throw',
				() => {
					throw new Error('no');
				},
				FAILED,
			],
		]) {
			test(`${name} that end ${how}`, async () => {
				const options = name === 'nested' ? {nested: 'lend'} : {};
				const limit = pLimit({concurrency: 2, ...options});
				const messages = collect();
				const outcomes = await make(limit, fn);
				await turn();
				assert.equal(outcomes.at(-1).status, story === DONE ? 'fulfilled' : 'rejected');
				const stories = storiesOf(messages);
				const own = name === 'nested' ? stories.slice(1) : stories;
				assert.deepEqual(own, [story, story]);
				for (const {on, call, error, reason, run, wait} of messages) {
					assert.equal(call.limit, limit);
					assert.equal(call.lane, 'online');
					assert.equal(typeof call.id, 'number');
					assert.equal(wait === undefined, on === 'queued');
					if (on === 'settled') {
						assert.ok(run >= 0 && wait >= 0);
						assert.equal(error?.message, reason === 'rejected' ? 'no' : undefined);
					}
				}

				const {granted, settled} = limit.stats().online;
				assert.deepEqual([granted, settled], [stories.length, stories.length]);
			});
		}
	}

	test('are named by their label and the limit', async () => {
		const limit = pLimit({concurrency: 1, name: 'channels'});
		const messages = collect(['queued']);
		await limit.offline(function load() {});
		await limit.with({label: 'mine'})(() => {});
		await limit.map([1], function item() {});
		assert.deepEqual(
			messages.map(({call: {name, lane, label}}) => [name, lane, label]),
			[
				['channels', 'offline', 'load'],
				['channels', 'online', 'mine'],
				['channels', 'online', 'item'],
			],
		);
	});

	test('tell the reason why they end early', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		const messages = collect(['started', 'settled']);
		const held = hold(limit);
		const controller = new AbortController();
		const calls = [
			limit(() => {}),
			limit.with({timeout: 60_000})(() => {}),
			limit.map([1, 2], () => {}),
			limit.with({queueTimeout: 1, label: 'late'})(() => {}),
			limit.with({signal: controller.signal, label: 'aborted'})(() => {}),
		];
		const outcomes = Promise.allSettled(calls);
		await assert.rejects(calls[3], {code: 'ERR_QUEUE_TIMEOUT'});
		controller.abort();
		limit.clearQueue();
		await outcomes;
		held.free();
		await held.ended;
		const [{call: ofHeld}, ...rest] = messages;
		assert.equal(ofHeld.id, messages.at(-1).call.id);
		assert.deepEqual(
			rest.map(({reason}) => reason),
			['queueTimeout', 'aborted', 'cleared', 'cleared', 'cleared', 'cleared', 'fulfilled'],
		);
		assert.equal(rest[0].error.code, 'ERR_QUEUE_TIMEOUT');
		assert.equal(rest[1].error, controller.signal.reason);
		assert.ok(rest.slice(0, -1).every(message => !('run' in message)));
	});

	test('that run end once, when their promise settles', async () => {
		const limit = pLimit(2);
		const messages = collect();
		await assert.rejects(
			limit.with({timeout: 5})(() => sleep(20)),
			{code: 'ERR_TASK_TIMEOUT'},
		);
		assert.equal(messages.at(-1).reason, 'timeout');
		assert.equal(messages.at(-1).error.code, 'ERR_TASK_TIMEOUT');
		await limit.onIdle();
		assert.deepEqual(storiesOf(messages), ['queued, started, settled timeout']);
	});

	test('tell of attempts', async () => {
		const limit = pLimit(1);
		const messages = collect();
		const lane = limit.with({retry: {retries: 2, minTimeout: 1, factor: 1, randomize: false}});
		await assert.rejects(lane(fail), {message: 'no'});
		assert.deepEqual(storiesOf(messages), ['queued, started, retried, retried, settled rejected']);
		const retried = messages.filter(({on}) => on === 'retried');
		assert.deepEqual(
			retried.map(({attempt, delay, error}) => [attempt, delay, error.message]),
			[
				[1, 1, 'no'],
				[2, 1, 'no'],
			],
		);
	});

	test('are refused', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		const messages = collect();
		const held = hold(limit);
		const refusals = [
			limit(function plain() {}),
			limit.with({timeout: 5})(function task() {}),
			limit.map([1, 2, 3], function items() {}),
			limit.run(function withContext() {}),
			limit.once('key', function flight() {}),
		];
		const outcomes = await Promise.allSettled(refusals);
		const refused = messages.filter(({on}) => on === 'refused');
		assert.deepEqual(
			refused.map(({call: {label}, items}) => [label, items]),
			[
				['plain', undefined],
				['task', undefined],
				['items', 3],
				['withContext', undefined],
				['flight', undefined],
			],
		);
		for (const [index, {reason}] of outcomes.entries()) {
			assert.equal(reason.code, 'ERR_QUEUE_FULL');
			assert.equal(refused[index].error.message, reason.message);
		}

		held.free();
		await held.ended;
	});

	test('of a stream wait for room, and are not refused', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		const messages = collect();
		const results = [];
		for await (const result of limit.stream([1, 2, 3], async x => x)) {
			results.push(result);
		}

		assert.deepEqual(results, [1, 2, 3]);
		assert.deepEqual(storiesOf(messages), [DONE, DONE, DONE]);
	});

	test('of a stream that is closed, or of a map that stops, all settle', async () => {
		for (const make of [
			async limit => {
				for await (const item of limit.stream([1, 2, 3, 4], async x => x, {highWaterMark: 2})) {
					assert.equal(item, 1);
					break;
				}
			},
			limit => assert.rejects(limit.map([1, 2, 3, 4], fail, {stopOnError: true})),
			limit => assert.rejects(limit.with({timeout: 60_000}).map([1, 2, 3, 4], fail, {stopOnError: true})),
		]) {
			const limit = pLimit(1);
			const messages = collect();
			await make(limit);
			await limit.onIdle();
			await turn();
			const stories = storiesOf(messages);
			assert.ok(stories.length > 1);
			assert.deepEqual(
				stories.filter(story => !/, settled \w+$/.test(story)),
				[],
			);
		}
	});

	test('of a map tell once how they end, also if the queue is cleared while they begin', async () => {
		const limit = pLimit({concurrency: 2, rejectOnClear: true});
		const messages = collect();
		const map = limit.settle([1, 2, 3], x => x);
		limit.clearQueue(); // the first two have slots, and begin in a moment
		await map;
		await turn();
		assert.deepEqual(storiesOf(messages), [DONE, DONE, 'queued, settled cleared']);
	});

	test('of a map or stream that is aborted tell the reason', async () => {
		for (const options of [{}, {timeout: 60_000}]) {
			for (const make of [
				(limit, signal) => limit.map([1, 2, 3], () => turn(), {signal}),
				(limit, signal) => readAll(limit.stream([1, 2, 3], () => turn(), {signal})),
			]) {
				const limit = pLimit(1);
				const messages = collect(['settled']);
				const controller = new AbortController();
				const ended = make(limit.with(options), controller.signal);
				const reason = new Error('stop');
				controller.abort(reason);
				await assert.rejects(ended, reason);
				assert.ok(messages.length >= 2);
				for (const message of messages) {
					assert.deepEqual([message.reason, message.error], ['aborted', reason]);
				}

				await limit.onIdle();
			}
		}
	});

	test('of a map with options for each item are refused once', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 1});
		const held = hold(limit);
		const messages = collect();
		await assert.rejects(
			limit.with({timeout: 60_000}).map([1, 2, 3, 4], x => x),
			{code: 'ERR_QUEUE_FULL'},
		);
		assert.deepEqual(storiesOf(messages), ['queued, settled cleared', 'refused']);
		assert.equal(messages.find(({on}) => on === 'refused').items, 3);
		held.free();
		await held.ended;
	});

	test('in a chain publish in each limit', async () => {
		const [outer, inner] = [pLimit(1), pLimit(1)];
		const messages = collect();
		await outer.chain(inner)(() => {});
		assert.deepEqual(storiesOf(messages), [DONE, DONE]);
		const [first, second] = messages.filter(({on}) => on === 'queued');
		assert.equal(first.call.limit, outer);
		assert.equal(second.call.limit, inner);
		assert.equal(second.call.outer, first.call);
		assert.equal(first.call.outer, undefined);
	});
});

describe('subscribers', () => {
	test('that come later see calls from then on', async () => {
		const limit = pLimit(1);
		const held = hold(limit);
		const waiting = limit(() => 'waited');
		const messages = collect();
		const later = limit(() => 'later');
		held.free();
		assert.deepEqual(await Promise.all([waiting, later]), ['waited', 'later']);
		assert.deepEqual(storiesOf(messages), [DONE]);
	});

	test('that come later see the later items of a stream', async () => {
		const limit = pLimit(1);
		const stream = limit.stream([1, 2, 3, 4], async x => x, {highWaterMark: 0});
		await stream.next();
		const messages = collect();
		for await (const result of stream) {
			assert.ok(result > 1);
		}

		const stories = storiesOf(messages);
		assert.ok(stories.length > 0 && stories.every(story => story === DONE));
	});

	test('that leave are not told of what follows', async () => {
		const limit = pLimit(1);
		const messages = collect(['queued']);
		await limit(() => {});
		subscriptions.pop()();
		await limit(() => {});
		assert.equal(messages.length, 1);
	});

	for (const [name, only] of [
		['one channel', ['settled']],
		['another one', ['retried']],
	]) {
		test(`of ${name} alone get its messages`, async () => {
			const limit = pLimit(1);
			const messages = collect(only);
			const lane = limit.with({retry: {retries: 1, minTimeout: 0}});
			await assert.rejects(lane(fail), {message: 'no'});
			assert.deepEqual(
				messages.map(({on}) => on),
				only,
			);
		});
	}

	test('that throw do not break the limit', async () => {
		const limit = pLimit(1);
		for (const name of CHANNELS) {
			subscribe(name, () => {
				throw new Error(`of ${name}`);
			});
		}

		const errors = [];
		const listeners = process.listeners('uncaughtException');
		process.removeAllListeners('uncaughtException');
		process.on('uncaughtException', error => errors.push(error.message));
		try {
			assert.equal(await limit(() => 1), 1);
			assert.deepEqual(await limit.map([1, 2], async x => x), [1, 2]);
			limit.concurrency = 2;
			await turn();
		} finally {
			process.removeAllListeners('uncaughtException');
			for (const listener of listeners) {
				process.on('uncaughtException', listener);
			}
		}

		assert.deepEqual([...new Set(errors)].sort(), ['of limit', 'of queued', 'of settled', 'of started']);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
	});

	test('run in the context of the caller, and of the call', async () => {
		const store = new AsyncLocalStorage();
		const limit = pLimit(1);
		const seen = [];
		for (const name of ['queued', 'started', 'settled']) {
			subscribe(name, ({call}) => {
				seen.push([call.label, name, store.getStore()]);
			});
		}

		const lane = {label: name => limit.with({label: name})};
		await Promise.all(['a', 'b'].map(name => store.run(name, () => lane.label(name)(() => turn()))));
		await store.run('c', () => limit.map([1, 2], function c() {}));
		assert.deepEqual(
			seen.filter(([label, , context]) => label !== context),
			[],
		);
		assert.equal(seen.length, 12);
	});

	test('may bind a store, in which the function runs', async () => {
		const store = new AsyncLocalStorage();
		const started = diagnostics.channel('p-lanes:started');
		started.bindStore(store, ({call}) => `span of ${call.label}`);
		subscriptions.push(() => started.unbindStore(store));
		const limit = pLimit(1);
		const read = async () => {
			await turn();
			return store.getStore();
		};
		assert.equal(await limit.with({label: 'plain'})(read), 'span of plain');
		assert.equal(await limit.with({label: 'task', timeout: 60_000})(read), 'span of task');
		assert.deepEqual(await limit.with({label: 'map'}).map([1, 2], read), ['span of map', 'span of map']);
		assert.equal(store.getStore(), undefined);
	});
});

describe('changes of a limit', () => {
	test('are told by name', async () => {
		const limit = pLimit({concurrency: 1, name: 'changing', rate: {limit: 10, interval: 1}});
		const messages = collect(['limit']);
		limit.concurrency = 3;
		limit.rate = {limit: 20, interval: 1};
		limit.pause();
		limit.pauseFor(5);
		limit.resume();
		limit.resume();
		await limit.drain();
		await limit.drain();
		assert.deepEqual(
			messages.map(({change, concurrency, rate, duration}) => [change, concurrency ?? rate?.limit ?? duration]),
			[
				['concurrency', 3],
				['rate', 20],
				['paused', undefined],
				['paused', 5],
				['resumed', undefined],
				['drained', undefined],
			],
		);
		assert.ok(messages.every(({name, limit: of}) => name === 'changing' && of === limit));
	});

	test('that Rust has made are told when a call ends', async () => {
		const limit = pLimit({concurrency: {min: 1, max: 8, initial: 8}});
		const messages = collect(['limit']);
		const overloaded = Object.assign(new Error('busy'), {status: 503});
		for (let calls = 0; calls < 200 && messages.length === 0; calls++) {
			await limit(() => Promise.reject(overloaded)).catch(() => {});
		}

		const [{change, concurrency}] = messages;
		assert.equal(change, 'concurrency');
		assert.ok(concurrency < 8);
	});
});

describe('the jobs of a pool', () => {
	const filename = require.resolve('../pool/fixtures/work.js');

	test('publish, too', async () => {
		const pool = new pLimit.Pool({filename, maxThreads: 1});
		try {
			const messages = collect();
			assert.equal(await pool.run('a'), 'a');
			assert.deepEqual(await pool.map([1, 2, 3]), [1, 2, 3]);
			await assert.rejects(pool.run('x', {name: 'nothing there'}));
			assert.deepEqual(storiesOf(messages), [DONE, DONE, DONE, DONE, FAILED]);
			const [{call}] = messages;
			assert.equal(call.pool, pool);
			assert.equal(call.limit, undefined);
			assert.equal(call.lane, 'online');
			const settled = messages.filter(({on}) => on === 'settled');
			assert.ok(settled.every(({run, wait}) => run >= 0 && wait >= 0));
			assert.ok(settled.at(-1).error instanceof Error);
		} finally {
			await pool.destroy();
		}
	});

	test('tell why they end early', async () => {
		const pool = new pLimit.Pool({filename, maxThreads: 1, maxQueue: 1});
		const messages = collect();
		const controller = new AbortController();
		const aborted = pool.run('a', {signal: controller.signal});
		const waiting = pool.run('b', {signal: controller.signal});
		await assert.rejects(pool.run('c'), {code: 'ERR_QUEUE_FULL'});
		controller.abort();
		await Promise.allSettled([aborted, waiting]);
		await pool.destroy();
		assert.equal(messages.filter(({on}) => on === 'refused').length, 1);
		const reasons = messages.filter(({on}) => on === 'settled').map(({reason}) => reason);
		assert.deepEqual(reasons, ['aborted', 'aborted']);
	});
});
