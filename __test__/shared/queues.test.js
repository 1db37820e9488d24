'use strict';

// Full lanes, moved calls, lists and changed options of a limit that threads share.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {hold, newName, open, until} = require('./helpers.js');

/** Names a limit there. */
const nameThere = ({pLimit, own}, options) => {
	own.limit = pLimit(options);
	own.calls = [];
	return own.limit.concurrency;
};

/** Queues calls there that give their names. */
const callThere = ({own}, names, options) => {
	for (const name of names) {
		const call = own.limit.run(() => name, {label: name, id: name, ...options});
		own.calls.push(call.catch(error => error.code ?? error.name));
	}

	return own.limit.pendingCount;
};

const outcomesThere = ({own}) => Promise.all(own.calls);

describe('a full lane of several threads', () => {
	test('a call of one thread drops the oldest one of another, which is told', async t => {
		const {threads} = open(t);
		const options = {name: newName(), concurrency: 1, maxQueue: 2, overflow: 'drop-oldest'};
		const limit = pLimit(options);
		const held = hold(limit);
		await threads[0].run(nameThere, options);
		await threads[0].run(callThere, ['theirs 1', 'theirs 2']);
		const mine = [limit(() => 'mine 1').catch(({code}) => code)];
		await threads[0].run(callThere, ['theirs 3']);
		mine.push(limit(() => 'mine 2'));
		held.free();
		assert.deepEqual(await threads[0].run(outcomesThere), ['ERR_DROPPED', 'ERR_DROPPED', 'theirs 3']);
		assert.deepEqual(await Promise.all(mine), ['ERR_DROPPED', 'mine 2']);
		const {dropped, granted, pending} = limit.stats().online;
		assert.deepEqual([dropped, granted, pending], [3, 3, 0]);
	});

	test('a thread drops calls of its own, and a map with all its items', async () => {
		const limit = pLimit({name: newName(), concurrency: 1, maxQueue: 3, overflow: 'drop-lowest'});
		const held = hold(limit);
		const map = limit.with({priority: -1}).map([1, 2, 3], item => item);
		const call = limit(() => 'call');
		await assert.rejects(map, {code: 'ERR_DROPPED'});
		held.free();
		assert.equal(await call, 'call');
		assert.equal(limit.stats().online.dropped, 3);
	});
});

describe('calls of several threads', () => {
	test('are listed in all threads, with ids and labels in their own', async t => {
		const {threads} = open(t);
		const options = {name: newName(), concurrency: 1};
		const limit = pLimit(options);
		const held = hold(limit);
		await threads[0].run(nameThere, options);
		await threads[0].run(callThere, ['theirs'], {priority: 1});
		const mine = limit.run(() => 'mine', {label: 'mine', id: 'mine'});
		const listed = limit.calls().map(({age, label, id, ...rest}) => [label, id, rest.priority, rest.state]);
		assert.deepEqual(listed.slice(1), [
			[undefined, undefined, 1, 'waiting'],
			['mine', 'mine', 0, 'waiting'],
		]);
		assert.equal(limit.call('theirs'), undefined);
		mine.priority = 2;
		assert.deepEqual(
			limit.calls({state: 'waiting'}).map(({priority}) => priority),
			[2, 1],
		);
		held.free();
		assert.equal(await mine, 'mine');
		assert.deepEqual(await threads[0].run(outcomesThere), ['theirs']);
	});

	test('a call that another thread has granted a slot is cancelled before it learns of that', async t => {
		const {threads} = open(t);
		const options = {name: newName(), concurrency: 1};
		const limit = pLimit(options);
		await threads[0].run(nameThere, options);
		await threads[0].run(({own}) => {
			own.limit(
				() =>
					new Promise(resolve => {
						own.end = resolve;
					}),
			);
		});
		await until(() => limit.activeCount === 1);
		const begun = [];
		const calls = ['a', 'b'].map(name => limit.run(() => begun.push(name), {id: name}));
		const ended = threads[0].run(({own}) => own.end());
		const cancelled = assert.rejects(calls[0], {name: 'AbortError'});
		calls[0].cancel(); // the grant may be under way
		await ended;
		await cancelled;
		await calls[1];
		assert.deepEqual(begun, ['b']);
		await limit.onIdle();
	});
});

describe('options of a shared limit', () => {
	test('change for all threads, and who joins may say the present or the first value', async t => {
		const {threads} = open(t);
		const options = {name: newName(), concurrency: 4, maxQueue: 5, reserve: 1, offlineShare: 0.5};
		const limit = pLimit(options);
		await threads[0].run(nameThere, options);
		limit.maxQueue = {offline: 7};
		limit.reserve = 2;
		limit.offlineShare = 0.25;
		const there = await threads[0].run(({own}) => {
			const {maxQueue, reserve, offlineShare} = own.limit;
			return {maxQueue, reserve, offlineShare};
		});
		assert.deepEqual(there, {maxQueue: {online: 5, offline: 7}, reserve: 2, offlineShare: 0.25});
		assert.equal(await threads[0].run(nameThere, options), 4);
		assert.equal(await threads[0].run(nameThere, {name: options.name, ...there}), 4);
		await assert.rejects(threads[0].run(nameThere, {...options, reserve: 3}), {code: 'ERR_INVALID_ARG'});
	});
});
