'use strict';

// Calls that never settle: `stats()` names the oldest one, and `releaseSlot` gives its slot to the next call.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {deferred, idle, later, outcomeOf, turns, waysToCall} = require('./helpers.js');

const hang = () => new Promise(() => {});

describe('stats().oldest', () => {
	test('is the call of a lane that has run for the longest time', async () => {
		const limit = pLimit({concurrency: 4, reserve: 0});
		const {promise, resolve} = deferred();
		const first = limit(async function first() {
			await promise;
		});
		await clock.pass(100);
		limit.offline.with({label: 'report'})(hang);
		await clock.pass(50);
		limit(hang);
		await clock.pass(1);
		assert.deepEqual(limit.stats().online.oldest, {age: 151, label: 'first'});
		assert.deepEqual(limit.stats().offline.oldest, {age: 51, label: 'report'});
		resolve();
		await first;
		assert.deepEqual(limit.stats().online.oldest, {age: 1, label: 'hang'});
	});

	test('is not there where nothing runs', async () => {
		const limit = pLimit(1);
		await limit(() => 1);
		await limit.map([1], async () => 1);
		assert.equal('oldest' in limit.stats().online, false);
	});

	for (const [name, start] of [
		['a call', (lane, fn) => lane(fn)],
		['a call with many arguments', (lane, fn) => lane(fn, 1, 2, 3, 4)],
		['a call with options', (lane, fn) => lane.with({timeout: 1e6})(fn)],
		['`run`', (lane, fn) => lane.run(fn)],
		['`once`', (lane, fn) => lane.once(1, fn)],
		['`map`', (lane, fn) => lane.map([1, 2], fn)],
		['`settle`, its second item', (lane, fn) => lane.settle([1, 2], x => (x === 1 ? x : fn()))],
		['`stream`', (lane, fn) => lane.stream([1], fn).next()],
		['`stream` with options', (lane, fn) => lane.with({timeout: 1e6}).stream([1], fn).next()],
		['`transform`', (lane, fn) => lane.transform(fn).resume().write(1)],
	]) {
		for (const [kind, make] of Object.entries({
			'a limit': () => pLimit(1),
			'a rated limit': () => pLimit({concurrency: 1, rate: {limit: 1e6, interval: 1, burst: 1e6}}),
			'a key': () => pLimit.keyed({concurrency: 1, total: 1})(1),
		})) {
			test(`names ${name} of ${kind}`, async () => {
				const limit = make();
				start(limit, hang);
				await turns(3);
				const {label} = limit.stats().online.oldest;
				assert.equal(label, name.includes('second') ? '(anonymous)' : 'hang');
				const labelled = make();
				start(labelled.with({label: 'mine'}), hang);
				await turns(3);
				assert.equal(labelled.stats().online.oldest.label, 'mine');
			});
		}
	}

	test('a total names the calls of its keys', async () => {
		const limits = pLimit.keyed({concurrency: 1, total: 2});
		limits('a')(hang);
		await turns(1);
		assert.equal(limits.total.stats().online.oldest.label, 'hang');
	});

	test('calls of a burst that are not timed have an age, too', async () => {
		const limit = pLimit(1000);
		const ends = Array.from({length: 1000}, deferred);
		const calls = ends.map(({promise}, index) => limit.with({label: `${index}`})(() => promise));
		await clock.pass(60_000);
		for (const {resolve} of ends.slice(0, 700)) {
			resolve();
		}

		await Promise.all(calls.slice(0, 700));
		const {age, label} = limit.stats().online.oldest;
		assert.ok(Number(label) >= 700, label);
		assert.equal(age, 60_000);
	});

	test('a call that comes long after a burst is not as old as the burst', async () => {
		const limit = pLimit(1000);
		await Promise.all(Array.from({length: 1000}, () => limit(async () => {})));
		await clock.pass(60_000);
		limit(hang);
		await clock.pass(10);
		const {age} = limit.stats().online.oldest;
		assert.ok(age <= 10, `${age}`);
		await clock.pass(1000);
		assert.ok(limit.stats().online.oldest.age >= 1000);
	});
});

/** A function that goes on after its timeout, as nothing can stop it. */
const stubborn = () => {
	const {promise, resolve, reject} = deferred();
	const fn = () => {
		fn.calls++;
		return promise;
	};
	fn.calls = 0;
	return {fn, resolve, reject};
};

const kinds = {
	'a limit': () => pLimit(1),
	'a named limit': (() => {
		let names = 0;
		return () => pLimit({concurrency: 1, name: `stuck ${names++}`});
	})(),
	'an adaptive limit': () => pLimit({concurrency: {min: 1, max: 1}}),
	'a key': () => pLimit.keyed({concurrency: 1, total: 2})('a'),
	'a key, by its total': () => pLimit.keyed({concurrency: 2, total: 1})('a'),
	'a nested limit': () => pLimit({concurrency: 1, nested: 'lend'}),
};

const ways = {
	...waysToCall,
	transform: (lane, fn) =>
		new Promise((_, reject) => {
			const transform = lane.transform(fn);
			transform.on('error', reject);
			transform.resume().write(1);
		}),
};

describe('releaseSlot', () => {
	for (const [kind, make] of Object.entries(kinds)) {
		for (const [way, start] of Object.entries(ways)) {
			for (const settles of ['resolve', 'reject']) {
				test(`of ${kind}: ${way} gives its slot to the next call, and later does not ${settles} again`, async () => {
					const limit = make();
					const {fn, ...end} = stubborn();
					const call = later(start(limit.with({timeout: 100, releaseSlot: true, retry: 3}), fn));
					await turns(2);
					const next = limit(() => 'next');
					await clock.pass(99);
					assert.equal(await outcomeOf(next), 'pending');
					await clock.pass(1);
					await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
					assert.equal(await next, 'next');
					idle(limit);
					const told = ({granted, settled, rejected}) => [granted, settled, rejected];
					assert.deepEqual(told(limit.stats().online), [2, 2, 1]);
					assert.equal(limit.stats().abandoned, 1);
					end[settles](new Error('late'));
					await turns();
					assert.deepEqual(told(limit.stats().online), [2, 2, 1]);
					assert.equal(limit.stats().abandoned, 0);
					assert.equal(fn.calls, 1);
					idle(limit);
					assert.equal(await limit(() => 'usable'), 'usable');
				});
			}
		}
	}

	test('a heavy call gives back all its slots', async () => {
		const limit = pLimit(3);
		const call = later(limit.with({weight: 3, timeout: 10, releaseSlot: true})(hang));
		const others = [1, 2, 3].map(() => limit(async () => limit.activeCount));
		await turns(1);
		await clock.pass(10);
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		assert.deepEqual(await Promise.all(others), [3, 3, 3]);
	});

	test('a call that its signal abandoned releases its slot at its timeout', async () => {
		const limit = pLimit(1);
		const controller = new AbortController();
		const {fn, resolve} = stubborn();
		const call = later(limit.with({timeout: 100, releaseSlot: true, signal: controller.signal})(fn));
		await turns(1);
		await clock.pass(50);
		controller.abort('enough');
		await assert.rejects(call, error => error === 'enough');
		assert.equal(limit.activeCount, 1);
		await clock.pass(50);
		await turns(1);
		assert.deepEqual([limit.activeCount, limit.stats().abandoned], [0, 1]);
		resolve();
		await turns();
		assert.deepEqual([limit.activeCount, limit.stats().abandoned], [0, 0]);
	});

	test('a call that aborts its own signal at once releases its slot at its timeout', async () => {
		for (const retry of [undefined, 2]) {
			const limit = pLimit(1);
			const controller = new AbortController();
			const call = later(
				limit.with({timeout: 100, releaseSlot: true, signal: controller.signal, retry})(() => {
					controller.abort('enough');
					return hang();
				}),
			);
			await assert.rejects(call, error => error === 'enough');
			assert.equal(limit.activeCount, 1);
			await clock.pass(100);
			await turns(1);
			assert.deepEqual([limit.activeCount, limit.stats().abandoned], [0, 1]);
			assert.equal(await limit(() => 'next'), 'next');
		}
	});

	test('a call that ends in time keeps nothing', async () => {
		const limit = pLimit(1);
		const lane = limit.with({timeout: 100, releaseSlot: true});
		assert.deepEqual([await lane(async () => 1), await lane(() => 2)], [1, 2]);
		await assert.rejects(
			lane(async () => {
				throw new Error('three');
			}),
			/three/,
		);
		await clock.pass(200);
		assert.equal(limit.stats().abandoned, 0);
		idle(limit);
	});

	test('its function finds its signal aborted', async () => {
		const limit = pLimit(1);
		let seen;
		const call = later(
			limit.run(
				async ({signal}) => {
					seen = signal;
					await hang();
				},
				{timeout: 10, releaseSlot: true, label: 'mine'},
			),
		);
		await turns(1);
		await clock.pass(10);
		await assert.rejects(call, {message: /'mine' timed out after 10 ms/});
		assert.equal(seen.reason.code, 'ERR_TASK_TIMEOUT');
	});

	test('a drain tells of what goes on, and does not wait for it', async () => {
		const limit = pLimit(1);
		const call = later(limit.with({timeout: 10, releaseSlot: true})(hang));
		await turns(1);
		await clock.pass(10);
		await assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		const {isIdle, abandoned} = await limit.drain();
		assert.deepEqual([isIdle, abandoned], [false, [{label: 'hang', count: 1}]]);
	});

	test('needs a timeout', () => {
		for (const options of [{releaseSlot: true}, {releaseSlot: true, timeout: Number.POSITIVE_INFINITY}]) {
			assert.throws(() => pLimit(1).with(options), {code: 'ERR_INVALID_ARG', message: /^`releaseSlot` must be false/});
		}

		assert.throws(() => pLimit(1).with({releaseSlot: 1, timeout: 1}), {code: 'ERR_INVALID_ARG'});
		assert.throws(() => pLimit(1).with({label: 1}), {code: 'ERR_INVALID_ARG', message: /^`label` must be a string/});
		pLimit(1).with({timeout: 1}).with({releaseSlot: true}).with({releaseSlot: false});
	});
});
