'use strict';

const assert = require('node:assert/strict');
const {Readable} = require('node:stream');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {deferred, idle, listeners, outcomeOf, turns} = require('./helpers.js');

/** Reads a stream to its end. */
const drain = async stream => {
	for await (const _ of stream) {
		// only read
	}
};

/** Counts what works: a function that works for a turn, and the most that did at once. */
const meter = () => {
	const counts = {working: 0, most: 0, done: 0};
	const work = async () => {
		counts.working++;
		counts.most = Math.max(counts.most, counts.working);
		await tick();
		counts.working--;
		counts.done++;
	};
	return {counts, work};
};

describe("nested: 'lend'", () => {
	test('a task lends its slot to the call that it waits for, at any depth', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const walk = async depth => (depth === 0 ? 1 : 1 + (await limit(walk, depth - 1)));
		assert.equal(await limit(walk, 500), 501);
		idle(limit);
	});

	for (const lanes of [['online'], ['offline'], ['online', 'offline']]) {
		test(`1,000 inner calls: no more work than there are slots, ${lanes.join(' and ')}`, async () => {
			const limit = pLimit({concurrency: 4, nested: 'lend'});
			const {counts, work} = meter();
			const laneOf = index => limit[lanes[index % lanes.length]];
			await limit.map([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (_, outer) =>
				Promise.all(Array.from({length: 100}, (_, index) => laneOf(outer + index)(work))),
			);
			assert.deepEqual(counts, {working: 0, most: 4, done: 1000});
			idle(limit);
		});
	}

	test('a `once` that is joined between its slot and its start is waited for', async () => {
		const limit = pLimit({concurrency: 2, nested: 'lend'});
		const flight = () => limit.with({weight: 2})(() => 'heavy');
		const task = limit(() => limit.once('key', flight));
		const first = limit.once('key', flight);
		assert.deepEqual(await outcomeOf(Promise.all([task, first])), ['heavy', 'heavy']);
		idle(limit);
	});

	test('with one task, the others of its inner calls take the free slots', async () => {
		const limit = pLimit({concurrency: 4, nested: 'lend'});
		const {counts, work} = meter();
		await limit(() => limit.map(Array(100), work));
		assert.deepEqual(counts, {working: 0, most: 4, done: 100});
	});

	test('maps, streams and transforms inside of tasks, with options of each item, too', async () => {
		const ways = [
			(lane, work) => lane.map([1, 2, 3], work),
			(lane, work) => lane.settle([1, 2, 3], work),
			(lane, work) => lane.with({timeout: 60_000}).map([1, 2, 3], work),
			(lane, work) => drain(lane.stream([1, 2, 3], work)),
			(lane, work) => drain(lane.with({timeout: 60_000}).stream([1, 2, 3], work, {ordered: false})),
			(lane, work) => drain(Readable.from([1, 2, 3]).pipe(lane.transform(work))),
		];
		for (const options of [{}, {maxQueue: 3}, {maxQueue: 3, overflow: 'wait'}, {reserve: 0}]) {
			for (const [way, inner] of ways.entries()) {
				const limit = pLimit({concurrency: 1, nested: 'lend', ...options});
				const {counts, work} = meter();
				const twice = () => limit(() => inner(limit, work));
				const outcome = await Promise.race([twice().then(twice), turns(1000).then(() => 'stuck')]);
				assert.notEqual(outcome, 'stuck', `way ${way} with ${JSON.stringify(options)}`);
				assert.deepEqual(counts, {working: 0, most: 1, done: 6});
			}
		}
	});

	test('a stream inside of a task waits for room where none may wait', async () => {
		for (const overflow of ['reject', 'wait']) {
			const limit = pLimit({concurrency: 1, nested: 'lend', maxQueue: 0, overflow});
			const {counts, work} = meter();
			const outer = limit(() => drain(limit.stream([1, 2, 3], work)));
			assert.notEqual(await Promise.race([outer, turns(200).then(() => 'stuck')]), 'stuck', overflow);
			assert.deepEqual(counts, {working: 0, most: 1, done: 3});
			await limit(async () => {
				await limit.ready();
				await limit(work);
			});
		}
	});

	test('a stream that is read inside of a task, and made outside', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const {counts, work} = meter();
		const stream = limit.stream([1, 2, 3], work);
		await limit(() => drain(stream));
		assert.deepEqual(counts, {working: 0, most: 1, done: 3});
	});

	test('weights: heavy inner calls of light tasks, and light ones of heavy tasks', async () => {
		const limit = pLimit({concurrency: 3, reserve: 0, nested: 'lend'});
		let slots = 0;
		const weigh = weight => async () => {
			slots += weight;
			assert.ok(slots <= 3, `${slots} slots are worked in`);
			await tick();
			slots -= weight;
		};
		const outer = (weight, inner) =>
			limit.with({weight})(async () => {
				await weigh(weight)();
				await Promise.all(inner.map(weight => limit.offline.with({weight})(weigh(weight))));
				await weigh(weight)();
			});
		await Promise.all([outer(1, [3, 3]), outer(1, [2, 3]), outer(1, [1, 3]), outer(3, [1, 1, 2]), outer(2, [3, 1])]);
		idle(limit);
	});

	test('an adaptive concurrency, and one that is lowered while tasks wait', async () => {
		const adaptive = pLimit({concurrency: {min: 1, max: 4, initial: 2}, nested: 'lend'});
		const lowered = pLimit({concurrency: 4, nested: 'lend'});
		for (const limit of [adaptive, lowered]) {
			const {counts, work} = meter();
			const tree = depth => (depth === 0 ? work() : limit.map([1, 2], () => tree(depth - 1)));
			const all = limit.map([1, 2, 3, 4], () => tree(3));
			if (limit === lowered) {
				await tick();
				limit.concurrency = 1;
			}

			await all;
			assert.equal(counts.done, 32);
			assert.ok(counts.most <= 4);
			idle(limit);
		}
	});

	test('a build graph: what several targets need is joined by `once`', async () => {
		for (const concurrency of [1, 2, 3]) {
			const limit = pLimit({concurrency, nested: 'lend'});
			const {counts, work} = meter();
			const needs = {
				app: ['ui', 'api', 'core'],
				ui: ['core', 'icons'],
				api: ['core'],
				core: ['base'],
				icons: ['base'],
				base: [],
			};
			const built = new Map();
			const build = target => (built.has(target) ? target : limit.once(target, compile, target));
			const compile = async target => {
				await Promise.all(needs[target].map(build));
				await work();
				assert.ok(needs[target].every(needed => built.has(needed)));
				assert.ok(!built.has(target), `${target} is built once`);
				built.set(target, true);
			};
			const all = Promise.all(['app', 'ui', 'core'].map(build));
			assert.notEqual(await Promise.race([all, turns(200).then(() => 'stuck')]), 'stuck');
			assert.equal(built.size, 6);
			assert.ok(counts.most <= concurrency);
			await turns();
			idle(limit);
		}
	});

	test('a crawler that recurses: pages are fetched and parsed in no more slots than there are', async () => {
		const limit = pLimit({concurrency: 3, nested: 'lend'});
		const {counts, work} = meter();
		const seen = new Set();
		const crawl = async page => {
			await work();
			const links = page.length < 5 ? ['a', 'b', 'c'].map(letter => page + letter) : ['a'];
			const fresh = links.filter(link => !seen.has(link));
			for (const link of fresh) {
				seen.add(link);
			}

			await limit.offline.map(fresh, crawl);
		};
		await limit(crawl, '');
		assert.deepEqual([seen.size, counts.most], [363, 3]);
		idle(limit);
	});

	test('a task that ends before its inner calls leaves its slot to the one that has it', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		let inner = true;
		await limit(() => {
			limit(async () => {
				await tick();
				await tick();
				inner = false;
			});
		});
		const next = limit(() => assert.equal(inner, false));
		await next;
		idle(limit);
	});

	test('after its end a task’s context is that of the task around it, or nobody’s', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		let later;
		const leave = () => {
			later = tick().then(() => limit(() => limit.activeCount));
		};
		await limit(leave);
		assert.equal(await later, 1, 'it has a slot of its own');
		const around = limit(async () => {
			await limit(leave);
			return later;
		});
		assert.equal(await outcomeOf(around), 2, 'the slot of the task that waits for it');
	});

	test('another limit is another', async () => {
		const [a, b] = [1, 2].map(() => pLimit({concurrency: 1, nested: 'lend'}));
		assert.equal(await a(() => b(() => b.activeCount)), 1);
		assert.equal(await a(() => b(() => a(() => b(() => 'deep')))), 'deep');
	});

	test('the outer one is aborted: its slot is held until the inner one has ended', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const controller = new AbortController();
		const {promise, resolve} = deferred();
		const outer = limit.with({signal: controller.signal})(() => limit(() => promise));
		await turns();
		controller.abort('enough');
		await assert.rejects(outer, error => error === 'enough');
		const next = limit(() => 'next');
		assert.equal(await outcomeOf(next), 'pending');
		assert.equal(limit.activeCount, 2);
		resolve();
		assert.equal(await next, 'next');
		idle(limit);
	});

	test('the inner one is aborted: it rejects at once, the slot is held until it has ended', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const controller = new AbortController();
		const {promise, resolve} = deferred();
		const outer = limit(() =>
			limit
				.with({signal: controller.signal})(() => promise)
				.catch(error => `caught ${error}`),
		);
		await turns();
		controller.abort('enough');
		assert.equal(await outer, 'caught enough');
		const next = limit(() => 'next');
		assert.equal(await outcomeOf(next), 'pending');
		resolve();
		assert.equal(await next, 'next');
		assert.equal(listeners(controller), 0);
	});

	test('the inner one is aborted before it has begun: it never runs', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const controller = new AbortController();
		const outer = limit(() => {
			const inner = limit.with({signal: controller.signal})(() => assert.fail('it ran'));
			controller.abort('enough');
			return inner;
		});
		await assert.rejects(outer, error => error === 'enough');
		await turns();
		idle(limit);
	});

	test('paused meanwhile: inner calls wait, as all do', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const outer = limit(() => {
			limit.pause();
			return limit(() => 'inner');
		});
		assert.equal(await outcomeOf(outer), 'pending');
		limit.resume();
		assert.equal(await outer, 'inner');
	});

	test('cleared meanwhile: those that wait are dropped', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend', rejectOnClear: true});
		const outer = limit(async () => {
			const inner = Promise.allSettled([limit(() => 'runs'), limit(() => assert.fail('it ran'))]);
			limit.clearQueue();
			return (await inner).map(({value, reason}) => value ?? reason.name);
		});
		assert.deepEqual(await outer, ['runs', 'AbortError']);
		idle(limit);
	});

	test('drained meanwhile: inner calls are part of what runs', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		const outer = limit(async () => {
			const drained = limit.drain();
			return [await limit(() => 'inner'), await limit.map([1, 2], x => x), drained];
		});
		const [inner, mapped] = await outer;
		assert.deepEqual([inner, mapped], ['inner', [1, 2]]);
		await assert.rejects(limit(assert.fail), {code: 'ERR_LIMIT_CLOSED'});
		idle(limit);
	});

	test('a map inside with a signal ends with it', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		for (const [lane, options] of [
			[() => limit, signal => ({signal})],
			[signal => limit.with({signal}), () => ({})],
		]) {
			const controller = new AbortController();
			const begun = [];
			const outer = limit(() =>
				lane(controller.signal).map(
					[1, 2, 3],
					async x => {
						begun.push(x);
						controller.abort('enough');
						await tick();
					},
					options(controller.signal),
				),
			);
			assert.deepEqual(await outcomeOf(outer), {rejected: 'enough'});
			await limit.onIdle();
			assert.deepEqual(begun, [1]);
		}
	});

	test("the old word 'inherit' is refused, with the new one", () => {
		const message = /^`nested` must be 'lend' or 'detect' \('lend' is what replaces 'inherit'.*\), got 'inherit'$/;
		assert.throws(() => pLimit({concurrency: 1, nested: 'inherit'}), {code: 'ERR_INVALID_ARG', message});
	});
});

describe("nested: 'detect'", () => {
	test('a call that could never run is refused, naming the limit', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect', name: 'crawl'});
		await assert.rejects(
			limit(() => limit(() => {})),
			error => {
				assert.equal(error.code, 'ERR_DEADLOCK');
				assert.equal(error.name, 'DeadlockError');
				assert.match(error.message, /^limit 'crawl': a call made inside another could never run/);
				return true;
			},
		);
		await assert.rejects(
			limit(() => limit.map([1], x => x)),
			{code: 'ERR_DEADLOCK'},
		);
		assert.equal(await limit(() => 'usable'), 'usable');
	});

	test('several that would wait for each other', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		const outer = () => limit(() => 'inner');
		const results = await Promise.allSettled([limit(outer), limit(outer)]);
		assert.deepEqual(results.map(({status}) => status).sort(), ['fulfilled', 'rejected']);
	});

	test('in a map', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect'});
		await assert.rejects(
			limit.map([1, 2], () => limit(() => {})),
			{code: 'ERR_DEADLOCK'},
		);
		await limit.onIdle();
	});

	test('what can run does', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		assert.equal(await limit(() => limit(() => 'inner')), 'inner');
	});

	test('an inner call that is aborted makes room for another one', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		const controller = new AbortController();
		const {promise, resolve} = deferred();
		const other = limit(() => promise);
		const results = await limit(async () => {
			const first = limit.with({signal: controller.signal})(() => assert.fail('it ran'));
			controller.abort('enough');
			const outcomes = [await first.catch(error => error)];
			const second = limit(() => 'second');
			resolve();
			outcomes.push(await second);
			return outcomes;
		});
		assert.deepEqual(results, ['enough', 'second']);
		await other;
		idle(limit);
	});
});
