'use strict';

// `a.chain(b)`: calls that take a slot of both limits.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {deferred, idle, later, outcomeOf, turns} = require('./helpers.js');

const {Pool, hash} = pLimit;

/** Counts what runs at once. */
const meter = () => {
	const counts = {running: 0, most: 0, done: 0};
	const work = async item => {
		counts.running++;
		counts.most = Math.max(counts.most, counts.running);
		await tick();
		counts.running--;
		counts.done++;
		return item;
	};
	return {counts, work};
};

const read = async stream => {
	const results = [];
	for await (const result of stream) {
		results.push(result);
	}

	return results;
};

describe('chain', () => {
	for (const [name, way] of Object.entries({
		call: (lane, work) => Promise.all([1, 2, 3, 4, 5, 6].map(item => lane(work, item))),
		map: (lane, work) => lane.map([1, 2, 3, 4, 5, 6], work),
		'map with a timeout': (lane, work) => lane.with({timeout: 60_000}).map([1, 2, 3, 4, 5, 6], work),
		settle: async (lane, work) => (await lane.settle([1, 2, 3, 4, 5, 6], work)).map(({value}) => value),
		stream: (lane, work) => read(lane.stream([1, 2, 3, 4, 5, 6], work)),
		transform: async (lane, work) => {
			const stream = lane.transform(work);
			for (const item of [1, 2, 3, 4, 5, 6]) {
				stream.write(item);
			}

			stream.end();
			return read(stream);
		},
		once: (lane, work) => Promise.all([1, 2, 3, 4, 5, 6].map(item => lane.once(item, work, item))),
	})) {
		test(`${name}: in slots of both, in either order, in both lanes`, async () => {
			for (const [first, second] of [
				[3, 2],
				[2, 3],
			]) {
				const [a, b] = [pLimit(first), pLimit({concurrency: second, reserve: 0})];
				const {counts, work} = meter();
				const both = a.chain(b);
				for (const lane of [both, both.online, both.offline, both.with({lane: 'offline', priority: 1})]) {
					assert.deepEqual(await way(lane, work), [1, 2, 3, 4, 5, 6]);
				}

				assert.deepEqual(counts, {running: 0, most: 2, done: 24});
				idle(a);
				idle(b);
				assert.equal(a.stats().offline.granted, 12);
				assert.equal(b.stats().offline.granted, 12);
			}
		});
	}

	test('lane and priority count in each of the limits', async () => {
		const [a, b] = [pLimit(10), pLimit(1)];
		const both = a.chain(b);
		const {promise, resolve} = deferred();
		const held = both(() => promise);
		await turns();
		const order = [];
		const note = name => () => order.push(name);
		const calls = [
			both.offline(note('offline')),
			both(note('online')),
			both.with({priority: 1})(note('priority')),
			b(note('alone')),
			both.offline.once('key', note('raised')),
		];
		await turns();
		calls.push(both.with({priority: 2}).once('key', assert.fail));
		await turns();
		resolve();
		await Promise.all([held, ...calls]);
		assert.deepEqual(order, ['raised', 'priority', 'alone', 'online', 'offline']);
	});

	test('weight and cost count in each, unless the chain says what the other is asked', async () => {
		const rate = {limit: 1, interval: 2 ** 31 - 1, burst: 100};
		const [a, b, c] = [1, 2, 3].map(() => pLimit({concurrency: 9, rate, reserve: 0}));
		const seen = () => [a, b, c].map(limit => Math.floor(limit.stats().rate.available));
		const same = a.chain(b).with({weight: 3, cost: 5});
		await same(() => assert.deepEqual(seen(), [95, 95, 100]));
		const own = a.chain(b, {cost: 1, weight: 2}).chain(c, {cost: 0});
		await own.with({cost: 7, weight: 3})(async () => {
			assert.deepEqual(seen(), [88, 94, 100]);
			assert.equal(await outcomeOf(later(b.with({weight: 8})(() => 'too heavy beside'))), 'pending');
		});
		b.clearQueue();
		await own(() => assert.deepEqual(seen(), [87, 85, 100]));
	});

	test('of three, and of chains; each may be used alone and in several', async () => {
		const [a, b, c] = [pLimit(4), pLimit(3), pLimit(2)];
		const {counts, work} = meter();
		const chains = [a.chain(b).chain(c), a.chain(b.chain(c)), b.chain(c), a.chain(c)];
		const all = await Promise.all([...chains, c].map(chain => chain.map([1, 2, 3, 4], work)));
		assert.deepEqual(all, Array(5).fill([1, 2, 3, 4]));
		assert.equal(counts.most, 2);
		assert.deepEqual(
			[a, b, c].map(limit => limit.stats().online.granted),
			[12, 12, 20],
		);
	});

	test('circles are refused, through others, too', () => {
		const [a, b, c] = [pLimit(4), pLimit(3), pLimit(2)];
		const refused = {code: 'ERR_INVALID_ARG', message: /^`limit` must be a limit that no chain has before this one/};
		assert.throws(() => a.chain(a), refused);
		const both = a.chain(b);
		assert.throws(() => b.chain(a), refused);
		assert.throws(() => both.chain(a), refused);
		assert.throws(() => b.chain(both), refused);
		b.chain(c);
		assert.throws(() => c.chain(a), refused);
		const limits = pLimit.keyed({concurrency: 1, total: 2});
		assert.throws(() => limits.total.chain(limits('a')), refused);
		for (const given of [undefined, null, 3, {}, () => {}, a.online]) {
			assert.throws(() => a.chain(given), {
				code: 'ERR_INVALID_ARG',
				message: /^`limit` must be a limit of this package/,
			});
		}

		for (const options of [{weight: 0}, {cost: -1}, {cost: 1.5}, {weight: 4}, {prio: 1}]) {
			assert.throws(() => a.chain(b, options), {code: 'ERR_INVALID_ARG'});
		}

		assert.throws(() => both.with({weight: 4}), {message: /^chain: `weight` must be at most 3/});
	});

	test('a signal ends the wait for either, and queueTimeout counts for each', async () => {
		const [a, b] = [pLimit(1), pLimit(1)];
		const {promise, resolve} = deferred();
		const held = b(() => promise);
		const controller = new AbortController();
		const both = a.chain(b);
		const [waitsForB, waitsForA] = [1, 2].map(() => later(both.with({signal: controller.signal})(assert.fail)));
		await turns();
		assert.deepEqual([a.activeCount, a.pendingCount, b.pendingCount], [1, 1, 1]);
		controller.abort('enough');
		assert.deepEqual(await Promise.all([waitsForB, waitsForA].map(outcomeOf)), [
			{rejected: 'enough'},
			{rejected: 'enough'},
		]);
		await turns();
		idle(a);
		const late = both.with({queueTimeout: 5})(assert.fail);
		await assert.rejects(late, {code: 'ERR_QUEUE_TIMEOUT', message: /^chain: the call/});
		resolve();
		await held;
		idle(b);
	});

	test('what the next limit clears or refuses rejects, and gives its slot back', async () => {
		const [a, b] = [pLimit(2), pLimit(1)];
		const both = a.chain(b);
		const {promise, resolve} = deferred();
		const held = both(() => promise);
		await turns();
		const cleared = later(both(assert.fail));
		await turns();
		b.clearQueue();
		assert.deepEqual(await outcomeOf(cleared), {rejected: 'AbortError'});
		const drained = b.drain();
		await assert.rejects(both(assert.fail), {code: 'ERR_LIMIT_CLOSED', message: /^chain: /});
		resolve();
		await Promise.all([held, drained, both.onIdle()]);
		idle(a);
	});

	test('counts, pauses, rate and drain of a chain are those of its first limit', async () => {
		const [a, b] = [pLimit(2), pLimit(1)];
		const both = a.chain(b);
		assert.ok(both instanceof pLimit(1).constructor);
		both.pause();
		const call = both(() => 'ran');
		assert.deepEqual([a.isPaused, b.isPaused, a.pendingCount, both.concurrency], [true, false, 1, 2]);
		both.resume();
		assert.equal(await call, 'ran');
		await both.drain();
		await assert.rejects(a(assert.fail), {code: 'ERR_LIMIT_CLOSED'});
		assert.equal(await b(() => 'open'), 'open');
	});

	test('retries keep both slots, and both adaptive limits hear of attempts', async () => {
		const [a, b] = [1, 2].map(() => pLimit({concurrency: {initial: 20}}));
		let attempts = 0;
		const call = a.chain(b).with({retry: {retries: 1, minTimeout: 1}})(() => {
			attempts++;
			if (attempts === 1) {
				throw Object.assign(new Error('busy'), {status: 503});
			}

			return [a.activeCount, b.activeCount];
		});
		assert.deepEqual(await call, [1, 1]);
		assert.deepEqual(
			[a, b].map(limit => limit.stats().adaptive.overloads),
			[1, 1],
		);
	});

	test('calls inside calls', async () => {
		const [a, b] = [1, 2].map(() => pLimit({concurrency: 1, nested: 'lend'}));
		const both = a.chain(b);
		const walk = async depth => (depth === 0 ? 0 : 1 + (await both(walk, depth - 1)));
		assert.equal(await outcomeOf(both(walk, 5)), 5);
		idle(a);
		idle(b);
	});

	describe('`nested: lend` in each limit', () => {
		const open = (...sizes) => sizes.map(concurrency => pLimit({concurrency, nested: 'lend'}));
		const value = () => 'value';

		test('a task lends its slots of all limits to a `once` that it joins, wherever that waits', async () => {
			for (const joinsAt of [0, 1, 5]) {
				const [a, b, c] = open(3, 3, 1);
				const all = a.chain(b).chain(c);
				const task = all(async () => {
					await turns(joinsAt);
					return all.once('key', value);
				});
				const flight = all.once('key', value);
				assert.deepEqual(await outcomeOf(Promise.all([task, flight])), ['value', 'value'], `${joinsAt}`);
				[a, b, c].forEach(idle);
			}
		});

		test('also if it joins before the `once` has come to the last limit', async () => {
			const [a, b] = open(1, 1);
			const [go, held] = [deferred(), deferred()];
			const holder = a(() => held.promise);
			const task = b(async () => {
				await go.promise;
				return a.chain(b).once('key', value);
			});
			const flight = a.chain(b).once('key', value);
			await turns(3);
			go.resolve();
			await turns(3);
			held.resolve();
			assert.deepEqual(await outcomeOf(Promise.all([task, flight])), ['value', 'value']);
			await holder;
			[a, b].forEach(idle);
		});

		test('a call that a task leaves behind has the slots of the task around it', async () => {
			const [a, b] = open(1, 1);
			const both = a.chain(b);
			const outcome = both(async () => {
				let left;
				await both(() => {
					left = turns(5).then(() => both(value));
				});
				return left;
			});
			assert.equal(await outcomeOf(outcome), 'value');
			[a, b].forEach(idle);
		});

		test('also if it waits for the last limit when its task ends', async () => {
			const [a, b] = open(2, 1);
			const both = a.chain(b);
			const held = deferred();
			const outcome = both(async () => {
				await both(async () => {
					b(() => held.promise);
					both(value);
					await turns(5);
				});
				setImmediate(held.resolve);
				return both(value);
			});
			const other = both(value);
			assert.deepEqual(await outcomeOf(Promise.all([outcome, other])), ['value', 'value']);
			[a, b].forEach(idle);
		});
	});

	test('`nested: detect`: a task that joins a `once` which waits for its slot of the last limit is refused', async () => {
		const [a, b] = [pLimit(2), pLimit({concurrency: 1, nested: 'detect'})];
		const both = a.chain(b);
		const task = both(async () => {
			await turns(5);
			return both.once('key', () => 'value');
		});
		const flight = both.once('key', () => 'value');
		await assert.rejects(task, {code: 'ERR_DEADLOCK', message: /^chain: /});
		assert.equal(await flight, 'value');
	});

	test('a stream that fails takes its items out of the second queue', async () => {
		const [a, b] = [pLimit(3), pLimit(1)];
		const running = deferred();
		const ran = [];
		const stream = a
			.chain(b)
			.with({timeout: 5})
			.stream([1, 2, 3], item => {
				ran.push(item);
				return running.promise;
			});
		await assert.rejects(read(stream), {code: 'ERR_TASK_TIMEOUT'});
		assert.deepEqual([b.activeCount, b.pendingCount], [1, 0]);
		running.resolve();
		await Promise.all([a.onIdle(), b.onIdle()]);
		assert.deepEqual(ran, [1]);
		assert.equal(await a.chain(b)(() => 'next'), 'next');
	});

	test('a drain counts the calls that it drops from the second queue', async () => {
		const [a, b] = [pLimit(3), pLimit(1)];
		const running = deferred();
		const calls = [1, 2, 3, 4].map(() => a.chain(b)(() => running.promise));
		const outcomes = Promise.allSettled(calls);
		await turns(5);
		const drained = a.drain({queued: false});
		running.resolve();
		assert.equal((await drained).online.dropped, 3);
		assert.deepEqual(
			(await outcomes).map(({status}) => status),
			['fulfilled', 'rejected', 'rejected', 'rejected'],
		);
	});

	test('as the limit of a pool and of kernels, and of keyed limits', async t => {
		const [a, b] = [pLimit(2), pLimit(1)];
		const limit = a.chain(b);
		const pool = new Pool({filename: require.resolve('../pool/fixtures/work.js'), maxThreads: 1, limit});
		t.after(() => pool.destroy());
		await hash('sha256', 'text', {limit});
		await hash.map('sha256', ['a', 'b'], {limit: limit.offline});
		assert.deepEqual([a.stats().online.granted, b.stats().online.granted], [1, 1]);
		assert.deepEqual([a.stats().offline.granted, b.stats().offline.granted], [1, 1]);
		await pool.map([1, 2, 3], {name: 'double'});
		assert.deepEqual(
			[a, b].map(each => each.stats().online.granted + each.stats().offline.granted),
			[5, 5],
		);
		const limits = pLimit.keyed({concurrency: 1, total: 2});
		assert.equal(await limits('key').chain(b)(() => [limits.total.activeCount, b.activeCount].join()), '1,1');
	});
});
