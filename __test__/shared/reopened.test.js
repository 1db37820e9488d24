'use strict';

// What a name is once its limit was drained: who names it anew has a new limit, and never both at once.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {collect, hold, newName, open, state, until} = require('./helpers.js');

const closed = {name: 'LimitClosedError', code: 'ERR_LIMIT_CLOSED'};

const nameThere = ({pLimit, own}, options) => {
	own.limit = pLimit(options);
	return own.limit.concurrency;
};

const callThere = ({own}) => own.limit(() => 'there');

const noop = () => {};

describe('a name whose limit was drained', () => {
	test('is free: a new limit may have other options, and whoever comes later joins that', async t => {
		const {threads} = open(t, 2);
		const name = newName();
		const old = pLimit({name, concurrency: 1, rejectOnClear: true});
		await threads[0].run(nameThere, {name});
		await old.drain();

		await assert.rejects(threads[1].run(nameThere, {name}), {
			message: /^`concurrency` must be given by who names a limit/,
		});
		const limit = pLimit({name, concurrency: 5, nested: 'lend'});
		assert.equal(await threads[1].run(nameThere, {name}), 5);
		assert.equal(await threads[1].run(callThere), 'there');
		assert.equal(await limit(() => limit(() => 'inner')), 'inner');
		assert.equal(limit.stats().online.settled, 3);
		assert.equal(pLimit({name}).concurrency, 5);

		await assert.rejects(old(noop), closed);
		await assert.rejects(old.ready(), closed);
		await assert.rejects(threads[0].run(callThere), closed);
		assert.equal(await threads[0].run(nameThere, {name}), 5, 'the thread has a new one, too');
		assert.equal(await threads[0].run(callThere), 'there');
		assert.equal(limit.stats().online.settled, 4);
		assert.equal(old.stats().online.settled, 0);
	});

	test('is free when another thread has drained it, and made a new one', async t => {
		const {threads} = open(t);
		const name = newName();
		const old = pLimit({name, concurrency: 1});
		const there = await threads[0].run(async ({pLimit, own}, name) => {
			await pLimit({name}).drain();
			own.limit = pLimit({name, concurrency: 4});
			return own.limit.concurrency;
		}, name);
		assert.equal(there, 4);
		await assert.rejects(old(noop), closed);
		assert.throws(() => pLimit({name, concurrency: 1}), {message: /is 4, got 1$/});
		assert.equal(pLimit({name}).concurrency, 4);
	});

	test('is free after `await using`', async () => {
		const name = newName();
		for (const concurrency of [1, 2, 3]) {
			const limit = pLimit({name, concurrency});
			assert.equal(await limit(() => 'ran'), 'ran');
			await limit[Symbol.asyncDispose]();
		}
	});

	test('stays with its new limit when the old one is collected', async t => {
		const {threads} = open(t);
		const name = newName();
		const drained = await (async () => {
			const old = pLimit({name, concurrency: 1});
			await old.drain();
			return new WeakRef(old);
		})();
		const limit = pLimit({name, concurrency: 2});
		await until(async () => {
			await collect();
			return drained.deref() === undefined;
		});
		await collect();
		assert.equal(pLimit({name}).concurrency, 2);
		assert.equal(await threads[0].run(nameThere, {name}), 2);
		assert.equal(await limit(() => 'ran'), 'ran');
	});
});

describe('a name whose limit is drained, and has still to do', () => {
	/** A limit that was closed in another thread, where something runs yet. */
	const closing = async (t, options = {}) => {
		const {threads} = open(t);
		const name = newName();
		await threads[0].run(
			({pLimit, own, hold}, name, options) => {
				own.limit = pLimit({name, concurrency: 1, ...options});
				own.held = [hold(own.limit), hold(own.limit)];
				own.over = own.limit.drain();
			},
			name,
			options,
		);
		const free = () =>
			threads[0].run(async ({own}) => {
				for (const {free, ended} of own.held) {
					free();
					await ended;
				}

				await own.over;
			});
		return {name, free};
	};

	test('is that of the closed limit, as it is', async t => {
		const {name, free} = await closing(t);
		assert.throws(() => pLimit({name, concurrency: 2}), {message: /is 1, got 2$/});
		const late = pLimit({name, concurrency: 1});
		assert.deepEqual([late.activeCount, late.pendingCount], [1, 1]);
		await assert.rejects(late(noop), closed);
		await assert.rejects(late.map([1], noop), closed);
		assert.equal(pLimit({name}).activeCount, 1);
		await free();
		assert.equal(pLimit({name, concurrency: 2}).concurrency, 2);
		await assert.rejects(late(noop), closed);
	});

	for (const maxQueue of [0, 1, 10]) {
		test(`lets nobody wait for room, maxQueue ${maxQueue}`, async t => {
			const options = {maxQueue, overflow: 'wait'};
			const {name, free} = await closing(t, options);
			const late = pLimit({name, ...options});
			await assert.rejects(late.ready(), closed);
			await assert.rejects(late.offline.ready(), closed);
			await assert.rejects(late.stream([1], noop).next(), closed);
			await free();
			await assert.rejects(late.ready(), closed);
		});
	}

	test('has those who wait for its end told of it, also who came after the close', async t => {
		const {name, free} = await closing(t);
		const late = pLimit({name});
		const waits = [late.onSizeLessThan(1), late.onEmpty(), late.onIdle(), late.drain()];
		for (const wait of waits) {
			assert.equal(await state(wait), 'pending');
		}

		await free();
		await Promise.all(waits);
		await late.drain();
		await late.onIdle();
	});

	test('is free when the thread that it waits for is gone', async t => {
		const {threads} = open(t);
		const name = newName();
		const old = pLimit({name, concurrency: 1});
		await threads[0].run(({pLimit, own, hold}, name) => {
			own.held = hold(pLimit({name}));
		}, name);
		const over = old.drain();
		assert.throws(() => pLimit({name, concurrency: 2}), {message: /is 1, got 2$/});
		await threads[0].terminate();
		await over;
		assert.equal(pLimit({name, concurrency: 2}).concurrency, 2);
	});
});

describe('threads that open and drain one name', () => {
	test('have never two limits of it that run something', async t => {
		const {board, threads} = open(t, 3);
		const name = newName();
		const rounds = await Promise.all(
			threads.map((thread, number) =>
				thread.run(
					async ({pLimit, board, turn}, name, number) => {
						let [ran, refused] = [0, 0];
						const call = async limit => {
							try {
								await limit(() => board.during(turn));
								ran++;
							} catch (error) {
								if (error.code !== 'ERR_LIMIT_CLOSED') throw error;
								refused++;
							}
						};
						for (let round = 0; round < 300; round++) {
							const limit = pLimit({name, concurrency: 1});
							const calls = [call(limit), call(limit)];
							if (round % 3 === number) {
								await limit.drain({queued: round % 2 === 0});
								await limit.drain();
							}

							await Promise.all(calls);
						}

						return [ran, refused];
					},
					name,
					number,
				),
			),
		);
		assert.equal(board.most, 1);
		assert.equal(board.active, 0);
		for (const [ran, refused] of rounds) {
			assert.equal(ran + refused, 600);
			assert.ok(ran > 0);
		}

		const held = hold(pLimit({name, concurrency: 1}));
		await until(() => held.hasBegun);
		held.free();
	});
});
