'use strict';

// `drain`: what it ends at once, when it gives up, and what it tells then. The clock is set by hand.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {counted, deferred, later, listeners, outcomeOf, turns, waysToCall} = require('./helpers.js');
const {item, over, take} = require('./streams.js');

let names = 0;

/** By name: makes the limit whose calls are drained, and the function that drains it. */
const kinds = {
	'a limit': () => {
		const limit = pLimit(2);
		return {limit, drain: options => limit.drain(options)};
	},
	'a named limit': () => {
		names++;
		const limit = pLimit({concurrency: 2, name: `shutdown ${names}`});
		return {limit, drain: options => limit.drain(options)};
	},
	'a key': () => {
		const limit = pLimit.keyed({concurrency: 2, total: 4})('a');
		return {limit, drain: options => limit.drain(options)};
	},
	'a total': () => {
		const limits = pLimit.keyed({concurrency: 2, total: 2});
		return {limit: limits('a'), drain: options => limits.total.drain(options)};
	},
	'the first limit of a chain': () => {
		const first = pLimit(2);
		return {limit: first.chain(pLimit(2)), drain: options => first.drain(options)};
	},
	'the last limit of a chain': () => {
		const last = pLimit(2);
		return {limit: pLimit(2).chain(pLimit(2)).chain(last), drain: options => last.drain(options)};
	},
	'a nested limit': () => {
		const limit = pLimit({concurrency: 2, nested: 'lend'});
		return {limit, drain: options => limit.drain(options)};
	},
};

/** By name: makes calls of a lane, and returns a promise of their outcome. */
const ways = {
	...waysToCall,
	settle: async (lane, fn) => {
		const [{reason}] = await lane.settle([1], fn);
		throw reason;
	},
};

/** A source that gives two items, and then never answers. */
const waiting = () => {
	const source = {returned: 0};
	let pulled = 0;
	source[Symbol.asyncIterator] = () => ({
		next: () => (pulled < 2 ? Promise.resolve({done: false, value: pulled++}) : new Promise(() => {})),
		async return() {
			source.returned++;
			return {done: true, value: undefined};
		},
	});
	return source;
};

const retry = {retries: 5, minTimeout: 60_000};

describe('drain({queued: false}) ends back-offs', () => {
	for (const [kind, make] of Object.entries(kinds)) {
		for (const [way, start] of Object.entries(ways)) {
			test(`of ${kind}: ${way} rejects with its last error`, async () => {
				const {limit, drain} = make();
				let attempts = 0;
				const call = later(
					start(limit.with({retry}), async () => {
						attempts++;
						throw new Error(`attempt ${attempts}`);
					}),
				);
				await turns(2);
				await clock.pass(60_000);
				await turns(2);
				assert.equal(attempts, 2);
				const report = await drain({queued: false});
				await assert.rejects(call, /^Error: attempt 2$/);
				assert.equal(attempts, 2);
				assert.deepEqual([report.isIdle, limit.activeCount], [true, 0]);
			});
		}
	}

	for (const [kind, make] of Object.entries(kinds)) {
		for (const [way, start] of Object.entries(ways)) {
			for (const [when, isBetween] of Object.entries({
				'before its first attempt': false,
				'in its first attempt': true,
			})) {
				test(`of ${kind}: a ${way} that has its slot and is drained ${when} has no other attempt`, async () => {
					const {limit, drain} = make();
					let attempts = 0;
					let drained;
					const call = later(
						start(limit.with({retry}), () => {
							attempts++;
							drained ??= drain({queued: false});
							throw new Error(`attempt ${attempts}`);
						}),
					);
					if (!isBetween) {
						await null; // a stream asks its source
						drained = drain({queued: false});
					}

					// A call that has not begun has not got to the total yet, and is refused there.
					await assert.rejects(call, {message: /attempt 1|was drained/});
					assert.ok(attempts <= 1);
					const {isIdle} = await drained;
					assert.deepEqual([isIdle, limit.activeCount], [true, 0]);
				});
			}
		}
	}

	test('an attempt that runs ends, and no other one follows', async () => {
		const limit = pLimit(1);
		const {promise, reject} = deferred();
		let attempts = 0;
		const call = later(
			limit.with({retry})(() => {
				attempts++;
				return promise;
			}),
		);
		await turns(1);
		const drained = limit.drain({queued: false});
		assert.equal(await outcomeOf(drained), 'pending');
		reject(new Error('last'));
		await drained;
		await assert.rejects(call, /^Error: last$/);
		assert.equal(attempts, 1);
	});

	test('of a call inside another one', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const call = later(limit(() => limit.with({retry})(() => Promise.reject(new Error('inner')))));
		await turns(2);
		await limit.drain({queued: false});
		await assert.rejects(call, /^Error: inner$/);
	});

	test('a drain with queued calls leaves them their attempts', async () => {
		const limit = pLimit(1);
		let attempts = 0;
		const call = limit.with({retry})(async () => {
			attempts++;
			if (attempts === 1) {
				throw new Error('first');
			}

			return 'second';
		});
		await turns(2);
		const drained = limit.drain();
		assert.equal(await outcomeOf(drained), 'pending');
		await clock.pass(60_000);
		await drained;
		assert.equal(await call, 'second');
	});
});

describe('drain({queued: false}) of a key', () => {
	test('rejects the calls that wait for the total', async () => {
		const limits = pLimit.keyed({concurrency: 2, total: 1});
		const {promise, resolve} = deferred();
		const other = limits('b')(() => promise);
		const calls = [limits('a')(() => 'a'), limits('a').with({timeout: 10})(() => 'a'), limits('a').map([1], () => 'a')];
		calls.forEach(later);
		await turns(1);
		assert.equal(limits.total.pendingCount, 2);
		const {isIdle, online} = await limits('a').drain({queued: false});
		assert.equal(isIdle, true);
		assert.equal(online.active, 0);
		for (const call of calls) {
			await assert.rejects(call, {code: 'ERR_LIMIT_CLOSED'});
		}

		assert.deepEqual([limits.total.pendingCount, limits.total.activeCount], [0, 1]);
		resolve('b');
		assert.equal(await other, 'b');
		assert.equal(await limits('b')(() => 'again'), 'again');
	});

	for (const isBegun of [true, false]) {
		test(`tells all that it dropped, ${isBegun ? 'which wait for the total' : 'which have just got their slot'}`, async () => {
			const limits = pLimit.keyed({concurrency: 4, total: 1});
			limits('b')(hang);
			const limit = limits('a');
			const calls = [limit(hang), limit.run(hang), limit.offline.map([1, 2, 3], hang), limit.once('key', hang)];
			calls.forEach(later);
			if (isBegun) {
				await turns(1);
			}

			const {isIdle, online, offline} = await limit.drain({queued: false});
			assert.deepEqual([isIdle, online.active, online.dropped], [true, 0, 3]);
			assert.deepEqual([offline.active, offline.dropped], [0, 3]);
			for (const call of calls) {
				await assert.rejects(call, {code: 'ERR_LIMIT_CLOSED'});
			}

			assert.deepEqual([limits.total.pendingCount, limits.total.activeCount], [0, 1]);
			assert.equal((await limit.drain()).online.dropped, 0);
		});
	}
});

for (const isBegun of [true, false]) {
	test(`the first limit of a chain drops what ${isBegun ? 'waits for' : 'has not got to'} the last one`, async () => {
		const [first, second, last] = [pLimit(4), pLimit(4), pLimit(1)];
		last(hang);
		const chain = first.chain(second).chain(last);
		const calls = [chain(hang), chain.run(hang), chain.map([1, 2], hang)];
		calls.forEach(later);
		// One turn of microtasks for each limit that a call gets to.
		await (isBegun ? turns(1) : null);
		const {isIdle, online} = await first.drain({queued: false});
		assert.deepEqual([isIdle, online.active, online.dropped], [true, 0, 4]);
		for (const call of calls) {
			await assert.rejects(call, {code: 'ERR_LIMIT_CLOSED'});
		}

		assert.deepEqual([second.activeCount, last.activeCount, last.pendingCount], [0, 1, 0]);
	});
}

describe('a stream of a key', () => {
	const drains = {
		'its key': limits => limits('a').drain({queued: false}),
		'the total': limits => limits.total.drain({queued: false}),
		'the total with what it has queued': limits => limits.total.drain(),
	};
	for (const [what, drain] of Object.entries(drains)) {
		for (const options of [{}, {ordered: false}]) {
			for (const bound of [{}, {retry: 1}]) {
				const name = JSON.stringify({...options, ...bound});
				test(`gives what ran, and then the error of the others, if ${what} is drained: ${name}`, async () => {
					const limits = pLimit.keyed({concurrency: 2, total: 1});
					const {promise, resolve} = deferred();
					const ran = [];
					const mapper = async x => {
						await promise;
						ran.push(x);
						return x;
					};
					const stream = limits('a').with(bound).stream(counted(4), mapper, options);
					const got = [];
					const read = async () => {
						for await (const x of stream) {
							got.push(x);
						}
					};
					const reading = later(read());
					await turns();
					const drained = drain(limits);
					await turns();
					resolve();
					await assert.rejects(reading, {code: 'ERR_LIMIT_CLOSED'});
					assert.deepEqual(got, ran);
					assert.deepEqual(ran, what === 'the total with what it has queued' ? [0, 1] : [0]);
					await drained;
				});
			}
		}
	}

	test('does not wait for its source when the total is drained', async () => {
		for (const isBefore of [true, false]) {
			const limits = pLimit.keyed({concurrency: 2, total: 2});
			const stream = limits('a').stream(waiting(), async x => x);
			assert.deepEqual(await take(stream, 2), [item(0), item(1)]);
			if (isBefore) {
				await limits.total.drain();
			}

			const read = later(stream.next());
			await turns();
			await limits.total.drain();
			await assert.rejects(read, {code: 'ERR_LIMIT_CLOSED'});
			assert.deepEqual(await stream.next(), over);
		}
	});

	test('takes an error of another limit for that of its item', async () => {
		const other = pLimit(1);
		other(hang);
		const waits = later(other(hang));
		await turns(1);
		other.drain({queued: false});
		const closed = await waits.catch(error => error);
		const limit = pLimit(2);
		const stream = limit.stream(
			[0, 1],
			async x => {
				if (x === 0) {
					throw closed;
				}

				return hang();
			},
			{ordered: false},
		);
		await assert.rejects(stream.next(), error => error === closed);
	});
});

const hang = () => new Promise(() => {});

describe('drain({timeout, signal})', () => {
	test('gives up at the timeout, and tells what runs and what it dropped', async () => {
		const limit = pLimit({concurrency: 3, reserve: 0});
		limit(hang);
		limit(
			async function download(a, b, c) {
				return hang(a, b, c);
			},
			1,
			2,
			3,
		);
		limit.offline.with({label: 'report'})(hang);
		const waiting = [limit(hang), limit.offline.map([1, 2], hang)].map(later);
		await turns(1);
		const drained = limit.drain({timeout: 100});
		await clock.pass(99);
		assert.equal(await outcomeOf(drained), 'pending');
		await clock.pass(1);
		assert.deepEqual(await drained, {
			isIdle: false,
			online: {
				active: 2,
				dropped: 1,
				labels: [
					{label: 'hang', count: 1},
					{label: 'download', count: 1},
				],
			},
			offline: {active: 1, dropped: 2, labels: [{label: 'report', count: 1}]},
			abandoned: [],
		});
		for (const call of waiting) {
			await assert.rejects(call, {code: 'ERR_LIMIT_CLOSED'});
		}

		const again = limit.drain({timeout: 10});
		await clock.pass(10);
		assert.deepEqual([(await again).online.active, (await again).online.dropped], [2, 0]);
	});

	test('is over before: tells that nothing runs, and what was dropped', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		limit(() => promise);
		const waiting = later(limit(hang));
		await turns(1);
		const drained = limit.drain({queued: false, timeout: 1000});
		resolve();
		const nothing = {active: 0, labels: []};
		assert.deepEqual(await drained, {
			isIdle: true,
			online: {...nothing, dropped: 1},
			offline: {...nothing, dropped: 0},
			abandoned: [],
		});
		await assert.rejects(waiting, {code: 'ERR_LIMIT_CLOSED'});
	});

	test('gives up when the signal aborts, also if it has', async () => {
		for (const abortsBefore of [true, false]) {
			const limit = pLimit(1);
			const controller = new AbortController();
			const call = later(
				limit.run(
					({signal}) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
				),
			);
			await turns(1);
			if (abortsBefore) {
				controller.abort('enough');
			}

			const drained = limit.drain({signal: controller.signal});
			controller.abort('enough');
			assert.equal((await drained).online.active, 1);
			await assert.rejects(call, error => error.code === 'ERR_LIMIT_CLOSED' && error.cause === 'enough');
		}
	});

	for (const [kind, make] of Object.entries(kinds)) {
		test(`aborts the signals of functions that run: ${kind}`, async () => {
			const {limit, drain} = make();
			const seen = [];
			const call = later(
				limit.with({label: 'fetch'}).run(async ({signal, attempt, lane}) => {
					seen.push([attempt, lane, signal.aborted]);
					await new Promise(resolve => signal.addEventListener('abort', resolve));
					seen.push(signal.reason.code);
					throw signal.reason;
				}),
			);
			const plain = limit(hang);
			later(plain);
			await turns(1);
			const drained = drain({timeout: 1000});
			await clock.pass(1000);
			const report = await drained;
			assert.equal(report.isIdle, false);
			assert.deepEqual(report.online.labels, [
				{label: 'fetch', count: 1},
				{label: 'hang', count: 1},
			]);
			await assert.rejects(call, {code: 'ERR_LIMIT_CLOSED', message: /waited no longer than 1000 ms$/});
			assert.deepEqual(seen, [[1, 'online', false], 'ERR_LIMIT_CLOSED']);
			assert.equal(limit.activeCount, 1);
		});
	}

	test('aborts `limit.signal`, and only then', async () => {
		const limit = pLimit(2);
		const {signal} = limit;
		const mapped = later(
			limit.map(
				[1, 2],
				() => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
			),
		);
		await turns(1);
		const drained = limit.drain({timeout: 10});
		assert.equal(signal.aborted, false);
		await clock.pass(10);
		await drained;
		await assert.rejects(mapped, {code: 'ERR_LIMIT_CLOSED'});
		assert.deepEqual((await limit.drain()).isIdle, true);
		const late = pLimit(1);
		late(hang);
		await late.drain({timeout: 0, signal: AbortSignal.abort()});
		assert.equal(late.signal.aborted, true);
	});

	test('gives up under back-offs and pauses of queued calls', async () => {
		const limit = pLimit(1);
		const call = later(limit.with({retry, label: 'retried'})(() => Promise.reject(new Error('again'))));
		await turns(2);
		const drained = limit.drain({timeout: 1000});
		await clock.pass(1000);
		assert.deepEqual((await drained).online, {active: 1, dropped: 0, labels: [{label: 'retried', count: 1}]});
		await assert.rejects(call, /^Error: again$/);
	});

	test('bad options change nothing', async () => {
		const limit = pLimit(1);
		for (const options of [
			{timeout: -1},
			{timeout: '1'},
			{timeout: 2 ** 31},
			{signal: 1},
			{queued: 1},
			{timeOut: 1},
			null,
		]) {
			await assert.rejects(limit.drain(options), {code: 'ERR_INVALID_ARG'});
		}

		assert.equal(await limit(() => 'open'), 'open');
	});
});

describe('a stream that is drained', () => {
	for (const ordered of [true, false]) {
		for (const options of [{}, {timeout: 1e6}]) {
			const name = `ordered ${ordered}, with ${JSON.stringify(options)}`;

			test(`gives out what runs, and then the error: ${name}`, async () => {
				const limit = pLimit(2);
				const ends = [];
				const work = x => new Promise(resolve => ends.push(() => resolve(x)));
				const stream = limit.with(options).stream(counted(), work, {ordered, highWaterMark: 3});
				const first = stream.next();
				await turns(1);
				assert.deepEqual([limit.activeCount, limit.pendingCount], [2, 3]);
				const drained = limit.drain({queued: false});
				await turns(1);
				ends[0]();
				assert.deepEqual(await first, item(0));
				const second = stream.next();
				ends[1]();
				assert.deepEqual(await second, item(1));
				assert.deepEqual(await take(stream, 2), [{rejected: 'ERR_LIMIT_CLOSED'}, over]);
				assert.equal((await drained).online.dropped, 3);
			});

			test(`does not wait for its source: ${name}`, async () => {
				const limit = pLimit(4);
				const source = waiting();
				const stream = limit.with(options).stream(source, async x => x, {ordered});
				assert.deepEqual(await take(stream, 2), [item(0), item(1)]);
				const third = stream.next();
				assert.equal(await outcomeOf(third), 'pending');
				await limit.drain();
				assert.deepEqual(await outcomeOf(third), {rejected: 'ERR_LIMIT_CLOSED'});
				assert.deepEqual(await stream.next(), over);
				assert.equal(source.returned, 1);
			});
		}
	}

	test('`stopOnError: false` tells the failures before it, too', async () => {
		const limit = pLimit(4);
		const stream = limit.stream(
			waiting(),
			async x => {
				throw x;
			},
			{stopOnError: false},
		);
		const first = later(stream.next());
		await turns();
		await limit.drain();
		await assert.rejects(
			first,
			({errors}) => errors[0] === 0 && errors[1] === 1 && errors[2].code === 'ERR_LIMIT_CLOSED',
		);
	});

	for (const ordered of [true, false]) {
		test(`\`stopOnError: false\` tells failures of items that ran on, with \`ordered: ${ordered}\``, async () => {
			const limit = pLimit(4);
			const {promise, reject} = deferred();
			const stream = limit.stream(waiting(), () => promise, {stopOnError: false, ordered});
			const first = later(stream.next());
			await turns();
			const drained = limit.drain();
			await turns();
			reject('failed');
			await assert.rejects(first, ({message, errors: [a, b, {code}]}) => {
				assert.equal(message, '3 of 3 items failed');
				assert.deepEqual([a, b, code], ['failed', 'failed', 'ERR_LIMIT_CLOSED']);
				return true;
			});
			await drained;
		});
	}

	test('an item without a result is no end of a stream', async () => {
		const limit = pLimit(4);
		const mapper = async x => {
			if (x === 0) {
				throw new Error('zero');
			}
		};
		const stream = limit.stream([0, 1], mapper, {stopOnError: false});
		assert.deepEqual(await stream.next(), item(undefined));
		await assert.rejects(stream.next(), {message: '1 of 2 items failed'});
	});

	/** Gives a promise of an item that never comes after some items, so the stream first waits for it while it is read. */
	const stalling = function* () {
		yield 1;
		yield new Promise(() => {});
	};

	test('hears of the drain if it waits for its source only since an item has failed', async () => {
		const limit = pLimit(1);
		const fail = async () => {
			throw new Error('failed');
		};
		const read = later(limit.stream(stalling(), fail, {stopOnError: false, highWaterMark: 0}).next());
		await turns();
		await limit.drain();
		await assert.rejects(read, ({errors}) => errors[0].message === 'failed' && errors[1].code === 'ERR_LIMIT_CLOSED');
	});

	test('hears of the drain if it waits for its source only since another read has its result', async () => {
		const limit = pLimit(1);
		const stream = limit.stream(stalling(), async x => x, {highWaterMark: 0});
		const reads = [later(stream.next()), later(stream.next())];
		await turns();
		await limit.drain();
		assert.deepEqual(await reads[0], item(1));
		await assert.rejects(reads[1], {code: 'ERR_LIMIT_CLOSED'});
	});

	test('`settle` gives an outcome for each item that was dropped', async () => {
		const limit = pLimit(1);
		const stream = limit.stream([1, 2, 3], async x => x, {settle: true});
		const first = stream.next();
		limit.drain({queued: false});
		assert.deepEqual((await first).value, {item: 1, index: 0, status: 'fulfilled', value: 1});
		for (let index = 0; index < 2; index++) {
			assert.equal((await stream.next()).value.reason.code, 'ERR_LIMIT_CLOSED');
		}

		assert.deepEqual(await stream.next(), over);
	});
});

describe('a list that is drained', () => {
	test('`settle` keeps the outcomes of the items that ran', async () => {
		for (const options of [{}, {timeout: 1e6}]) {
			const limit = pLimit(1);
			const {promise, resolve} = deferred();
			const settled = limit.with(options).settle([1, 2, 3], x => promise.then(() => x));
			await turns(1);
			const drained = limit.drain({queued: false});
			resolve();
			const [first, second, third] = await settled;
			assert.deepEqual(first, {item: 1, index: 0, status: 'fulfilled', value: 1});
			assert.deepEqual([second.reason.code, third.reason.code], ['ERR_LIMIT_CLOSED', 'ERR_LIMIT_CLOSED']);
			assert.equal((await drained).online.dropped, 2);
		}
	});

	test('`settle` still hears its signal', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const settled = later(limit.settle([1, 2], hang, {signal: controller.signal}));
		await turns(1);
		limit.drain({queued: false});
		assert.equal(await outcomeOf(settled), 'pending');
		controller.abort('enough');
		await assert.rejects(settled, error => error === 'enough');
		assert.equal(listeners(controller), 0);
	});

	test('`map` rejects at once, with `stopOnError: false` when its items have ended', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const maps = [undefined, false].map(stopOnError => later(limit.map([1, 2], () => promise, {stopOnError})));
		await turns(1);
		limit.drain({queued: false});
		assert.deepEqual(await outcomeOf(maps[0]), {rejected: 'ERR_LIMIT_CLOSED'});
		assert.deepEqual(await outcomeOf(maps[1]), {rejected: 'ERR_ITEMS_FAILED'});
		resolve();
	});
});
