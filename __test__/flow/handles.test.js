'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {deferred} = require('./helpers.js');

/** A limit whose only slot is taken until `free()`, and a list of the calls that have begun. */
const full = options => {
	const limit = pLimit({concurrency: 1, ...options});
	const {promise, resolve} = deferred();
	const work = limit(() => promise);
	const begun = [];
	const call = (name, given) => limit.run(() => begun.push(name), {id: name, ...given});
	return {limit, begun, call, work, promise, free: resolve};
};

const outcome = async call => {
	const [{value, reason}] = await Promise.allSettled([call]);
	return reason === undefined ? value : typeof reason.code === 'string' ? reason.code : reason.name;
};

describe('the handle of a call', () => {
	test('is a promise, and what is derived from it is a plain one', async () => {
		const {limit, free} = full();
		const call = limit.run(() => 'done');
		assert.ok(call instanceof Promise);
		for (const derived of [call.then(), call.catch(() => {}), call.finally(() => {})]) {
			assert.equal(Object.getPrototypeOf(derived), Promise.prototype);
		}

		assert.equal(Promise.resolve(call), call);
		free();
		assert.equal(await call, 'done');
	});

	test('tells its state, and the limit has it by its id until it is settled', async () => {
		const {limit, free} = full();
		const end = deferred();
		const call = limit.run(() => end.promise, {id: 'mine', priority: 3});
		assert.deepEqual([call.id, call.state, call.priority, call.lane], ['mine', 'waiting', 3, 'online']);
		assert.equal(limit.call('mine'), call);
		assert.equal(limit.with({label: 'x'}).call('mine'), call, 'it is the same limit');
		free();
		await tick();
		assert.equal(call.state, 'running');
		end.resolve('value');
		assert.equal(await call, 'value');
		assert.equal(call.state, 'settled');
		assert.equal(limit.call('mine'), undefined);
	});

	test('ids are unique among the calls that wait or run', async () => {
		const {limit, free} = full();
		const numbered = [limit.run(() => 1), limit.run(() => 2, {id: 2}), limit.run(() => 3)];
		assert.deepEqual(
			numbered.map(({id}) => id),
			[1, 2, 3],
		);
		const again = limit.run(() => 4, {id: 2});
		assert.equal(again.state, 'settled');
		assert.equal(again.cancel(), false);
		await assert.rejects(again, {
			code: 'ERR_INVALID_ARG',
			message: '`id` must be an id that no call has which waits or runs in the limit, got 2',
		});
		await assert.rejects(
			limit.run(() => {}, {id: {}}),
			{code: 'ERR_INVALID_ARG'},
		);
		await assert.rejects(
			limit.run(() => {}, {ids: 1}),
			{code: 'ERR_INVALID_ARG'},
		);
		free();
		await Promise.all(numbered);
		assert.equal(await limit.run(() => 5, {id: 2}), 5);
	});

	test('a call gets its number when it is asked for, and the limit finds it by that', async () => {
		const {limit, free} = full();
		const unread = limit.run(() => 'unread');
		const read = limit.run(() => 'read');
		const given = limit.run(() => 'given', {id: 2});
		assert.equal(read.id, 1);
		assert.equal(limit.call(1), read);
		assert.equal(limit.setPriority(1, 1), true);
		const listed = limit.calls({state: 'waiting'}).map(({id}) => id);
		assert.deepEqual(listed, [1, 3, 2], 'one was read by the list');
		assert.deepEqual(listed.map(limit.call, limit), [read, unread, given]);
		free();
		await Promise.all([unread, read, given]);
		assert.deepEqual(listed.map(limit.call, limit), [undefined, undefined, undefined]);

		const settled = limit.run(() => 'settled');
		await settled;
		assert.equal(limit.call(settled.id), undefined);
	});

	test('cancel takes a call out of the queue', async () => {
		const {limit, begun, call, free} = full();
		const calls = ['a', 'b', 'c'].map(name => call(name));
		const reason = new Error('not needed');
		assert.equal(calls[1].cancel(reason), true);
		assert.equal(calls[1].cancel(), false);
		assert.equal(limit.pendingCount, 2);
		assert.equal(limit.call('b'), undefined);
		await assert.rejects(calls[1], reason);
		assert.equal(limit.call('c').cancel(), true);
		assert.equal(await outcome(calls[2]), 'AbortError');
		free();
		await calls[0];
		assert.deepEqual(begun, ['a']);
		assert.equal(limit.stats().online.aborted, 2);
	});

	test('cancel aborts the signal of a call that runs, which keeps its slot until it has ended', async () => {
		const limit = pLimit(1);
		const end = deferred();
		let signal;
		const call = limit.run(context => {
			signal = context.signal;
			return end.promise;
		});
		await tick();
		const reason = new Error('stop');
		assert.equal(call.cancel(reason), true);
		assert.equal(signal.reason, reason);
		await assert.rejects(call, reason);
		assert.deepEqual([call.state, limit.activeCount, limit.calls().length], ['settled', 1, 1]);
		end.resolve();
		await limit.onIdle();
		assert.equal(limit.stats().online.aborted, 1);
	});

	test('a call that is cancelled between its grant and its beginning never begins', async () => {
		const {limit, begun, call, promise, free} = full();
		const calls = ['a', 'b'].map(name => call(name));
		await tick(); // the limit listens to the end of the work before this test does
		const granted = promise.then(() => {
			assert.deepEqual([limit.activeCount, limit.pendingCount, calls[0].state], [1, 1, 'waiting']);
			assert.equal(calls[0].cancel(), true);
		});
		free();
		await granted;
		assert.equal(await outcome(calls[0]), 'AbortError');
		await calls[1];
		assert.deepEqual(begun, ['b']);
		const {granted: slots, settled, aborted} = limit.stats().online;
		assert.deepEqual([slots, settled, aborted], [3, 3, 1]);
	});

	test('a call that is moved between its grant and its beginning starts where it is', async () => {
		const {limit, begun, call, promise, free} = full();
		const calls = ['a', 'b'].map(name => call(name));
		await tick();
		const granted = promise.then(() => {
			calls[0].priority = -5;
			calls[0].lane = 'offline';
		});
		free();
		await granted;
		await Promise.all(calls);
		assert.deepEqual(begun, ['a', 'b']);
		const {online, offline} = limit.stats();
		assert.deepEqual([online.granted, offline.granted], [3, 0]);
	});

	test('a call that has its slot at once stays in its lane, and says so', async () => {
		const limit = pLimit(1);
		const call = limit.run(({lane}) => lane, {id: 'mine', priority: 1});
		call.lane = 'offline';
		call.priority = 2;
		assert.equal(limit.setPriority('mine', 3), false);
		assert.deepEqual([call.lane, call.priority, limit.calls()[0].lane], ['online', 1, 'online']);
		assert.equal(await call, 'online');
		assert.equal(limit.stats().online.granted, 1);
		assert.equal(limit.setPriority('mine', 3), false);
	});

	test('a call is cancelled while it waits for its next attempt', async () => {
		const limit = pLimit(1);
		let attempts = 0;
		const failed = deferred();
		const call = limit.run(
			() => {
				attempts++;
				failed.resolve();
				throw new Error('not yet');
			},
			{retry: {retries: 9, minTimeout: 100_000}},
		);
		await failed.promise;
		await tick();
		assert.equal(call.state, 'running');
		assert.equal(call.cancel(), true);
		assert.equal(await outcome(call), 'AbortError');
		await limit.onIdle();
		assert.equal(attempts, 1);
	});

	test('cancel inside the function, and of a call whose signal has aborted', async () => {
		const limit = pLimit(1);
		const call = limit.run(() => {
			call.cancel(new Error('by itself'));
			return 'ignored';
		});
		await assert.rejects(call, {message: 'by itself'});
		const controller = new AbortController();
		const {limit: other, call: queue, free} = full();
		const waits = queue('a', {signal: controller.signal});
		controller.abort(new Error('by the signal'));
		assert.deepEqual([waits.cancel(), waits.state], [false, 'settled']);
		await assert.rejects(waits, {message: 'by the signal'});
		free();
		await other.onIdle();
		assert.equal(limit.activeCount + other.activeCount, 0);
	});

	test('a call that is cleared is settled for its handle', async () => {
		const {limit, call, free} = full();
		const waits = call('a');
		limit.clearQueue();
		assert.deepEqual([waits.state, waits.cancel(), limit.call('a')], ['settled', false, undefined]);
		const again = call('a');
		free();
		assert.equal(await again, 1);
	});

	test('priority moves a call in both directions, behind those that are there', async () => {
		const {limit, begun, call, free} = full();
		const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => call(name));
		a.priority = -1;
		d.priority = 1;
		b.priority = 0; // it is there, and keeps its place
		assert.equal(limit.setPriority('c', 1), true);
		assert.equal(limit.setPriority('nobody', 1), false);
		assert.deepEqual([a.priority, c.priority, d.priority], [-1, 1, 1]);
		assert.throws(
			() => {
				a.priority = 1.5;
			},
			{code: 'ERR_INVALID_ARG'},
		);
		free();
		await Promise.all([a, b, c, d]);
		assert.deepEqual(begun, ['d', 'c', 'b', 'a']);
		assert.equal(limit.setPriority('a', 1), false);
		a.priority = 7;
		assert.equal(a.priority, -1, 'it has run');
	});

	test('lane moves a call in both directions, and its function is told', async () => {
		const {limit, free} = full();
		const lanes = [];
		const run = name => limit.run(({lane}) => lanes.push(`${name} ${lane}`), {id: name});
		const [down, stays] = [run('down'), run('stays')];
		const up = limit.offline.run(({lane}) => lanes.push(`up ${lane}`));
		down.lane = 'offline';
		up.lane = 'online';
		assert.deepEqual([limit.online.pendingCount, limit.offline.pendingCount], [2, 1]);
		assert.throws(
			() => {
				up.lane = 'fast';
			},
			{code: 'ERR_INVALID_ARG'},
		);
		free();
		await Promise.all([down, stays, up]);
		assert.deepEqual(lanes, ['stays online', 'up online', 'down offline']);
	});

	test('a call does not move to a lane that could never run it', async () => {
		const limit = pLimit({concurrency: 3, reserve: 1});
		const {promise, resolve} = deferred();
		const work = limit.with({weight: 3})(() => promise);
		const heavy = limit.run(() => 'heavy', {weight: 3});
		assert.throws(
			() => {
				heavy.lane = 'offline';
			},
			{code: 'ERR_INVALID_ARG', message: /`weight` must be at most 2/},
		);
		assert.deepEqual([heavy.lane, limit.offline.pendingCount], ['online', 0]);
		resolve();
		await work;
		assert.equal(await heavy, 'heavy');
	});

	test('in a chain, a call is moved and cancelled wherever it waits', async () => {
		const {limit: second, begun, free} = full();
		const first = pLimit(2);
		const both = first.chain(second);
		const run = name => both.run(() => begun.push(name), {id: name});
		const calls = ['a', 'b', 'c', 'd'].map(run);
		await tick();
		assert.deepEqual([first.activeCount, first.pendingCount, second.pendingCount], [2, 2, 2]);
		assert.deepEqual(
			calls.map(({state}) => state),
			['waiting', 'waiting', 'waiting', 'waiting'],
		);
		calls[1].priority = 1; // it waits for the second limit
		calls[3].priority = 2; // for the first one, and asks the second one for that
		calls[2].cancel();
		assert.equal(await outcome(calls[2]), 'AbortError');
		calls[0].cancel();
		assert.equal(await outcome(calls[0]), 'AbortError');
		await tick();
		assert.deepEqual([first.activeCount, first.pendingCount, second.pendingCount], [2, 0, 2]);
		free();
		await Promise.all([calls[1], calls[3]]);
		assert.deepEqual(begun, ['d', 'b']);
		await first.onIdle();
	});

	test('a call that was dropped from a full lane is settled', async () => {
		const {limit, call, free} = full({maxQueue: 1, overflow: 'drop-oldest'});
		const [older, newer] = [call('older'), call('newer')];
		assert.deepEqual([older.state, older.cancel(), limit.call('older')], ['settled', false, undefined]);
		assert.equal(await outcome(older), 'ERR_DROPPED');
		free();
		assert.equal(await newer, 1);
	});

	test('a refused call has a handle without an id', async () => {
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		const {promise, resolve} = deferred();
		limit(() => promise);
		for (const call of [limit.run(() => {}, {id: 'x'}), limit.run('no function')]) {
			assert.equal(call.state, 'settled');
			assert.ok(['ERR_QUEUE_FULL', 'ERR_INVALID_ARG'].includes(await outcome(call)));
		}

		assert.equal(limit.call('x'), undefined);
		resolve();
		await limit.onIdle();
		assert.equal(await limit.run(() => 1, {id: 'x'}), 1);
	});
});

describe('calls', () => {
	test('lists what runs, and then what waits in the order of its start', async () => {
		const {limit, call, free} = full();
		await tick();
		limit(function plain() {});
		limit(function other() {});
		call('low', {priority: -1, label: 'l'});
		call('high', {priority: 1});
		limit.offline.map([1, 2, 3], function item() {});
		limit.offline.with({weight: 1, timeout: 1000})(function task() {});
		const listed = limit.calls().map(({age, ...rest}) => {
			assert.ok(age >= 0);
			return rest;
		});
		const entry = (label, state, lane, priority, more) => ({
			...more,
			label,
			lane,
			...(priority === undefined ? undefined : {priority}),
			weight: 1,
			units: more?.units ?? 1,
			state,
		});
		assert.deepEqual(listed, [
			entry('(anonymous)', 'running', 'online'),
			entry('(anonymous)', 'waiting', 'online', 1, {id: 'high'}),
			entry('plain', 'waiting', 'online', 0),
			entry('other', 'waiting', 'online', 0),
			entry('l', 'waiting', 'online', -1, {id: 'low'}),
			entry('item', 'waiting', 'offline', 0, {units: 3}),
			entry('task', 'waiting', 'offline', 0),
		]);
		const names = filter => limit.calls(filter).map(({label}) => label);
		assert.deepEqual(names({state: 'running'}), ['(anonymous)']);
		assert.deepEqual(names({lane: 'offline'}), ['item', 'task']);
		assert.deepEqual(names({lane: 'online', label: 'plain'}), ['plain']);
		free();
		await limit.onIdle();
		assert.deepEqual(limit.calls(), []);
	});

	test('a label that is read may make calls: the list is of the moment before', async () => {
		const {limit, free} = full({concurrency: 2});
		const fn = () => 'named';
		let isRead = false;
		Object.defineProperty(fn, 'name', {
			get() {
				if (!isRead) {
					isRead = true;
					limit.clearQueue();
					limit.offline.run(() => 'late', {label: 'late', priority: 5});
				}

				return 'read';
			},
		});
		const end = deferred();
		const running = limit.run(() => end.promise, {label: 'runs'});
		limit(fn);
		limit.run(() => 'cleared', {label: 'cleared'});
		const labels = limit.calls({state: 'waiting'}).map(({label}) => label);
		assert.deepEqual(labels, ['read', 'cleared']);
		end.resolve();
		free();
		await running;
	});

	test('a filter that can not be used is refused', () => {
		const limit = pLimit(1);
		for (const filter of [{lane: 'x'}, {state: 'settled'}, {label: 1}, {labels: 'a'}, 5]) {
			assert.throws(() => limit.calls(filter), {code: 'ERR_INVALID_ARG'}, JSON.stringify(filter));
		}
	});

	test('many plain calls are listed one by one, whatever was done without asking', async () => {
		const limit = pLimit(2);
		const ends = [];
		const calls = Array.from({length: 50}, () => limit(() => new Promise(resolve => ends.push(resolve))));
		for (let ended = 0; ended < 50; ended++) {
			await tick();
			const states = limit.calls().map(({state}) => state);
			assert.equal(states.filter(state => state === 'running').length, limit.activeCount);
			assert.equal(states.filter(state => state === 'waiting').length, limit.pendingCount);
			ends.shift()();
		}

		await Promise.all(calls);
	});
});

describe('options that are changed while a limit runs', () => {
	test('maxQueue', async () => {
		const {limit, call, free} = full({maxQueue: 0});
		assert.deepEqual(limit.maxQueue, {online: 0, offline: 0});
		assert.equal(await outcome(call('a')), 'ERR_QUEUE_FULL');
		const ready = limit.ready();
		limit.maxQueue = {online: 1};
		assert.deepEqual(limit.maxQueue, {online: 1, offline: 0});
		await ready;
		const waits = call('b');
		limit.maxQueue = 0;
		assert.equal(limit.pendingCount, 1, 'what waits stays');
		assert.equal(await outcome(call('c')), 'ERR_QUEUE_FULL');
		limit.maxQueue = Number.POSITIVE_INFINITY;
		const more = call('c');
		for (const wrong of [-1, 0.5, undefined, null, 'x', {online: -1}, {onlin: 1}]) {
			assert.throws(
				() => {
					limit.maxQueue = wrong;
				},
				{code: 'ERR_INVALID_ARG'},
				String(wrong),
			);
		}

		assert.deepEqual(limit.maxQueue, {online: Number.POSITIVE_INFINITY, offline: Number.POSITIVE_INFINITY});
		free();
		await Promise.all([waits, more]);
	});

	test('reserve', async () => {
		const limit = pLimit({concurrency: 2, reserve: 1});
		assert.equal(limit.reserve, 1);
		const {promise, resolve} = deferred();
		const calls = [1, 2, 3].map(() => limit.offline(() => promise));
		await tick();
		assert.equal(limit.activeCount, 1);
		limit.reserve = 0;
		assert.equal(limit.activeCount, 2);
		limit.reserve = {wait: 20};
		assert.deepEqual(limit.reserve, {wait: 20});
		limit.reserve = 'auto';
		assert.equal(limit.reserve, 'auto');
		for (const wrong of [2, -1, 'none', undefined, {wait: 0}]) {
			assert.throws(
				() => {
					limit.reserve = wrong;
				},
				{code: 'ERR_INVALID_ARG', message: /^`reserve/},
				String(wrong),
			);
		}

		assert.equal(limit.reserve, 'auto');
		resolve();
		await Promise.all(calls);
	});

	test('offlineShare', async () => {
		const {limit, begun, free} = full({offlineShare: 0, reserve: 0});
		assert.equal(limit.offlineShare, 0);
		const calls = ['a', 'b'].map(name => limit(() => begun.push(name)));
		calls.push(...['x', 'y'].map(name => limit.offline(() => begun.push(name))));
		limit.offlineShare = 1;
		assert.throws(
			() => {
				limit.offlineShare = 2;
			},
			{code: 'ERR_INVALID_ARG', message: '`offlineShare` must be a number from 0 to 1, got 2'},
		);
		assert.equal(limit.offlineShare, 1);
		free();
		await Promise.all(calls);
		assert.deepEqual(begun, ['x', 'y', 'a', 'b']);
	});
});
