'use strict';

// A rate of several threads together, on a clock that is set by hand for all of them.

const {clock, pLimit, pass} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const fc = require('fast-check');
const {assertWithinRate} = require('./bound.js');
const {hold, newName, open, range, state, until} = require('../shared/helpers.js');

const INTERVAL = 1000;

const ten = {limit: 10, interval: INTERVAL};

/** Queues calls there that note numbers. */
const queue = ({pLimit, board, own}, name, numbers, options = {}) => {
	own.limit = pLimit({name});
	const lane = own.limit.with(options);
	for (const number of numbers) {
		lane(async () => board.note(number));
	}
};

const rateThere = ({pLimit, own}, name) => {
	own.limit = pLimit({name});
	return own.limit.stats().rate;
};

const granted = limit => {
	const {online, offline} = limit.stats();
	return online.granted + offline.granted;
};

/** Goes on until nothing happens any more unless time goes on: all that has a slot has begun and ended. */
const rest = async (limit, board, before = 0) => {
	do {
		await until(() => limit.activeCount === 0 && board.length - before === granted(limit));
		limit.resume(); // looks, as the timer's thread would
	} while (limit.activeCount > 0);
};

describe('the rate of several threads', () => {
	test('is kept by all together: in no interval whatsoever more than the limit and a burst', async t => {
		const {board, threads} = open(t, 2);
		const program = fc.record({
			limit: fc.integer({min: 1, max: 8}),
			burst: fc.integer({min: 1, max: 8}),
			concurrency: fc.integer({min: 1, max: 10}),
			steps: fc.array(
				fc.record({
					wait: fc.integer({min: 0, max: 400}),
					numbers: fc.array(fc.integer({min: 0, max: 3}), {maxLength: 5}),
					who: fc.constantFrom(0, 1, 2),
					lane: fc.constantFrom('online', 'offline'),
				}),
				{minLength: 3, maxLength: 12},
			),
		});
		await fc.assert(
			fc.asyncProperty(program, async ({limit: most, burst, concurrency, steps}) => {
				const name = newName();
				const limit = pLimit({name, concurrency, rate: {limit: most, interval: INTERVAL, burst}});
				const before = board.length;
				const starts = [];
				/** What is noted is what calls cost. Time stands still meanwhile. */
				const look = async () => {
					await rest(limit, board, before);
					const costs = board.log.slice(before + starts.length);
					starts.push(...costs.map(cost => ({at: clock.now, cost})));
				};

				let all = 0;
				for (const {wait, numbers, who, lane} of steps) {
					clock.now += wait;
					limit.resume();
					all += numbers.length;
					for (const cost of numbers) {
						if (who === 2) {
							limit.with({lane, cost})(async () => board.note(cost));
						} else {
							await threads[who].run(queue, name, [cost], {lane, cost});
						}
					}

					await look();
				}

				while (limit.pendingCount > 0) {
					clock.now += 50;
					limit.resume();
					await look();
				}

				assert.equal(starts.length, all);
				assertWithinRate(starts, {limit: most, interval: INTERVAL, burst});
			}),
			{numRuns: 12},
		);
	});

	test('gives scarce tokens to online first, whatever thread it is in', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, rate: ten, offlineShare: 0});
		await limit(async () => board.note(0));
		await threads[0].run(queue, name, [5, 6], {lane: 'offline'});
		await threads[1].run(queue, name, [2, 3]);
		limit.offline(async () => board.note(7));
		await threads[0].run(queue, name, [4]);
		await threads[1].run(queue, name, [1], {priority: 1});
		for (let times = 0; times < 7; times++) {
			await pass(limit, 100);
			await rest(limit, board);
			assert.equal(board.length, times + 2, 'one token is for one of all threads');
		}

		assert.deepEqual(board.log, range(8));
	});

	test('tells the same everywhere', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, rate: {...ten, burst: 4}});
		await threads[0].run(queue, name, [1, 2]);
		await threads[1].run(queue, name, [1]);
		await rest(limit, board);
		for (const [wait, available] of [
			[0, 1],
			[150, 2.5],
			[10_000, 4],
		]) {
			clock.now += wait;
			const rate = {...ten, burst: 4, available};
			assert.deepEqual(limit.stats().rate, rate);
			for (const thread of threads) {
				assert.deepEqual(await thread.run(rateThere, name), rate);
			}
		}
	});

	test('may be given by who joins, as it is', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, rate: ten});
		const joinThere = ({pLimit}, options) => pLimit(options).stats().rate.burst;
		for (const rate of [undefined, ten, {...ten, burst: 1}]) {
			assert.equal(await threads[0].run(joinThere, {name, rate}), 1);
		}

		const other = {name, rate: {...ten, burst: 2}};
		const message = `\`rate\` of the limit '${name}' is 10 in 1s with a burst of 1, got 10 in 1s with a burst of 2`;
		assert.throws(() => pLimit(other), {code: 'ERR_INVALID_ARG', message});
		await assert.rejects(threads[0].run(joinThere, other), {code: 'ERR_INVALID_ARG', message});
		assert.equal(limit.stats().rate.burst, 1);
	});

	test('is changed for all of them, and who joins may give the one that is, or was', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, rate: ten});
		await threads[0].run(queue, name, [0, 1, 2]);
		await rest(limit, board);
		const fast = {limit: 100, interval: INTERVAL, burst: 1};
		const change = ({pLimit, own}, name, rate) => {
			own.limit = pLimit({name});
			own.limit.rate = rate;
		};
		await threads[1].run(change, name, fast);
		assert.deepEqual(limit.rate, fast);
		assert.deepEqual(await threads[0].run(rateThere, name), {...fast, available: 0});
		for (let times = 1; times < 3; times++) {
			await pass(limit, 10);
			await rest(limit, board);
			assert.equal(board.length, times + 1);
		}

		await threads[1].run(change, name, {...fast, burst: 4});
		await pass(limit, 30);
		await threads[0].run(queue, name, [3, 4, 5]);
		await rest(limit, board);
		assert.deepEqual(board.log, range(6), 'at once');
		for (const rate of [ten, {...fast, burst: 4}, undefined]) {
			assert.deepEqual(pLimit({name, rate}).rate, {...fast, burst: 4});
		}

		assert.throws(() => pLimit({name, rate: fast}), {
			code: 'ERR_INVALID_ARG',
			message: `\`rate\` of the limit '${name}' is 100 in 1s with a burst of 4, got 100 in 1s with a burst of 1`,
		});
	});

	test('is charged for all of them', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, rate: {...ten, burst: 4}});
		limit.charge(6);
		await threads[0].run(queue, name, [0]);
		await pass(limit, 200);
		await rest(limit, board);
		assert.deepEqual(board.log, []);
		const giveBack = ({pLimit}, name) => pLimit({name}).charge(-2);
		await threads[0].run(giveBack, name);
		await rest(limit, board);
		assert.deepEqual([board.log, limit.stats().rate.available], [[0], 1]);
	});

	test('wakes who waits for room in another thread, where some of it is given back', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, maxQueue: 0, rate: ten});
		await limit(() => {});
		const waitThere = ({pLimit, own}, name) => {
			own.limit = pLimit({name});
			own.ready = own.limit.ready();
		};
		await threads[0].run(waitThere, name);
		limit.charge(-1);
		await threads[0].run(({own}) => own.ready);
	});

	test('has room for one of them by its next token', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, maxQueue: 0, rate: ten});
		await limit(() => {});
		const full = {code: 'ERR_QUEUE_FULL'};
		const callThere = ({pLimit}, name) => pLimit({name})(() => 'there');
		await assert.rejects(threads[0].run(callThere, name), full);
		clock.now += 100;
		assert.equal(await threads[0].run(callThere, name), 'there');
		await assert.rejects(
			limit(() => {}),
			full,
		);
	});
});

describe('a thread that dies', () => {
	/** All tokens are gone, to calls there that never end. */
	const spentThere = async (t, lastly) => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 3, reserve: 0, rate: {...ten, burst: 2}});
		await threads[0].run(({pLimit, board, own}, name) => {
			own.limit = pLimit({name});
			for (let call = 0; call < 4; call++) {
				own.limit(() => {
					board.note(call);
					return new Promise(() => {});
				});
			}
		}, name);
		await board.reaches(2);
		await lastly?.({limit, board, thread: threads[0]});
		await threads[0].terminate();
		return {limit, board};
	};

	/** Whether a call that waits has begun. */
	const begins = async (limit, call, duration) => {
		await pass(limit, duration);
		return (await state(call)) === 'fulfilled';
	};

	test('gives back its slots, and not the tokens that it took with them', async t => {
		const {limit} = await spentThere(t);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		assert.equal(limit.stats().rate.available, 0);
		const [first, second] = [limit(() => 'first'), limit(() => 'second')];
		assert.equal(await begins(limit, first, 99), false);
		assert.equal(await begins(limit, first, 1), true);
		assert.equal(await begins(limit, second, 99), false);
		assert.equal(await begins(limit, second, 1), true);
	});

	test('but one whose slot it was not told of, and that never began, gives its tokens back', async t => {
		const {limit, board} = await spentThere(t, async ({limit, board, thread}) => {
			thread.run(({board}) => {
				board.note(9);
				for (;;); // reads nothing any more
			});
			await board.reaches(3);
			await pass(limit, 100);
			assert.equal(limit.activeCount, 3);
		});
		assert.deepEqual(board.log, [0, 1, 9]);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		assert.equal(limit.stats().rate.available, 1);
		assert.equal(await limit(() => 'here'), 'here');
		assert.equal(limit.stats().rate.available, 0);
	});
});

describe('a thread that is busy', () => {
	test('holds up nobody, and begins what it got together: with what it holds no more than `concurrency`', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 4, reserve: 0, rate: ten});
		await limit(async () => board.note(0));
		await threads[0].run(queue, name, [1, 1, 1]);
		const mine = hold(limit);
		await threads[0].run(queue, name, [2, 2]);
		const gate = new Int32Array(new SharedArrayBuffer(4));
		const blocked = threads[0].run(({board}, gate) => {
			board.note(9);
			Atomics.wait(gate, 0, 0);
		}, gate);
		await board.reaches(2);
		for (let times = 0; times < 5; times++) {
			await pass(limit, 100);
		}

		await until(() => mine.hasBegun);
		assert.deepEqual(board.log, [0, 9]);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [4, 2], 'three there have slots, one here');
		Atomics.store(gate, 0, 1);
		Atomics.notify(gate, 0);
		await blocked;
		await until(() => board.length === 6);
		mine.free();
		await pass(limit, 100);
		assert.deepEqual(await board.reaches(7), [0, 9, 1, 1, 1, 2, 2]);
	});
});
