'use strict';

// The `total` of `pLimit.keyed`: one more limit, which the calls of all keys enter together.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {board, turn} = require('./board.js');

describe('keyed, with a total', () => {
	test('`total` caps all keys together, in the lane of each call', async () => {
		const {running, task, end} = board();
		const limits = pLimit.keyed({concurrency: 2, total: {concurrency: 2, reserve: 0}});
		const all = [
			limits('a')(task('a')),
			limits('b').offline(task('b')),
			limits('c').offline(task('c offline')),
			limits('d')(task('d online')),
		];
		await turn();
		assert.deepEqual([...running.keys()], ['a', 'b']);
		assert.deepEqual([limits.total.online.pendingCount, limits.total.offline.pendingCount], [1, 1]);
		end('b');
		await turn();
		assert.deepEqual([...running.keys()], ['a', 'd online'], 'online first');
		end('a');
		await turn();
		for (const name of ['c offline', 'd online']) {
			end(name);
		}

		await Promise.all(all);
		assert.equal(limits.total.activeCount, 0);
	});

	test('`total` counts the items of maps and streams, and calls with options', async () => {
		const limits = pLimit.keyed({concurrency: 8, total: 3});
		let active = 0;
		let most = 0;
		const work = async x => {
			most = Math.max(most, ++active);
			await turn();
			active--;
			return x;
		};
		const stream = async () => {
			const results = [];
			for await (const x of limits('c').stream([7, 8, 9], work)) {
				results.push(x);
			}

			return results;
		};
		assert.deepEqual(
			await Promise.all([
				limits('a').map([1, 2, 3], work),
				limits('b').with({retry: 1}).map([4, 5, 6], work),
				stream(),
				limits('d').once('k', work, 10),
			]),
			[[1, 2, 3], [4, 5, 6], [7, 8, 9], 10],
		);
		assert.equal(most, 3);
	});

	test('a call that is cleared in the total rejects, and gives the slot of its key back', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		const held = limits('a')(task('a'));
		await turn();
		const [call, map] = [limits('b')(() => 'b'), limits('c').map([1], x => x)];
		const rejected = [assert.rejects(call, {name: 'AbortError'}), assert.rejects(map, {name: 'AbortError'})];
		await turn();
		limits.total.clearQueue();
		await Promise.all(rejected);
		assert.equal(limits('b').activeCount + limits('c').activeCount, 0);
		end('a');
		await held;
		assert.equal(await limits('b')(() => 'next'), 'next');
	});

	test('a call that is aborted while it waits for the total leaves that queue, too, and takes no token', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({
			concurrency: 5,
			total: {concurrency: 1, rate: {limit: 1, interval: 1000, burst: 5}},
		});
		const held = limits('a')(task('a'));
		await turn();
		const controller = new AbortController();
		const lane = limits('b').with({signal: controller.signal});
		const calls = [1, 2, 3].map(() =>
			assert.rejects(
				lane(() => assert.fail('it runs')),
				{name: 'AbortError'},
			),
		);
		await turn();
		assert.deepEqual([limits('b').activeCount, limits.total.pendingCount], [3, 3]);
		controller.abort();
		assert.equal(limits.total.pendingCount, 0);
		await Promise.all(calls);
		await turn();
		assert.equal(limits('b').activeCount, 0);
		assert.equal(limits.total.stats().rate.available, 4, 'that of the one which runs');
		end('a');
		await held;
	});

	test('items of a map that is aborted, or of a stream that is left, do not run when the total lets them', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 5, total: 1});
		const held = limits('a')(task('a'));
		await turn();
		const controller = new AbortController();
		const never = () => assert.fail('it runs');
		const map = limits('b').map([1, 2], never, {signal: controller.signal});
		const rejected = assert.rejects(map, {name: 'AbortError'});
		const stream = limits('c').stream([1, 2], never);
		const first = stream.next();
		await turn();
		assert.equal(limits.total.pendingCount, 4);
		controller.abort();
		await Promise.all([rejected, stream.return()]);
		assert.deepEqual(await first, {done: true, value: undefined});
		end('a');
		await held;
		await limits.total.onIdle();
		await turn();
		assert.equal(limits('b').activeCount + limits('c').activeCount, 0);
	});

	test('`queueTimeout` ends the wait for the total, too', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		const held = limits('a')(task('a'));
		await turn();
		const late = limits('b').with({queueTimeout: 100})(() => assert.fail('it runs'));
		const rejected = assert.rejects(late, {code: 'ERR_QUEUE_TIMEOUT', message: /^total: /});
		const ofItsKey = limits('b').with({queueTimeout: 50})(() => assert.fail('it runs'));
		const rejectedToo = assert.rejects(ofItsKey, {code: 'ERR_QUEUE_TIMEOUT', message: /^the call timed out/});
		await turn();
		await clock.pass(101);
		await Promise.all([rejected, rejectedToo]);
		assert.deepEqual([limits('b').activeCount, limits.total.pendingCount], [0, 0]);
		end('a');
		await held;
	});

	test('an error of the total has the name of the total', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: {concurrency: 1, maxQueue: 0, name: 'all keys'}});
		const held = limits('a')(task('a'));
		await turn();
		await assert.rejects(
			limits('b')(() => {}),
			{code: 'ERR_QUEUE_FULL', message: /^total: limit 'all keys': the online lane is full/},
		);
		end('a');
		await held;
	});

	test('with `nested: lend`, a call inside a call of the same key runs in its slot, and in that of the total', async () => {
		const limits = pLimit.keyed({concurrency: 1, nested: 'lend', total: 1});
		assert.equal(await limits('a')(() => limits('a')(() => 'inner')), 'inner');
	});

	test('a call inside a call of another key waits for a slot of the total, which the outer task may hold', async () => {
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		const outer = limits('a')(() => limits('b').with({queueTimeout: 100})(() => assert.fail('it runs')));
		const rejected = assert.rejects(outer, {code: 'ERR_QUEUE_TIMEOUT'});
		await turn();
		assert.equal(limits.total.pendingCount, 1);
		await clock.pass(101);
		await rejected;
		assert.equal(await limits('b')(() => 'usable'), 'usable');
	});

	test('with `nested: lend` in the total, that slot is lent', async () => {
		const limits = pLimit.keyed({concurrency: 2, total: {concurrency: 1, nested: 'lend'}});
		const counts = () => [limits('a').activeCount, limits('b').activeCount, limits.total.activeCount];
		let working = 0;
		const inside = [
			lane => lane(counts),
			lane => lane.with({timeout: 100_000})(counts),
			async lane => (await lane.map([1], counts))[0],
			async lane => (await lane.with({retry: 1}).map([1], counts))[0],
			async lane => (await lane.stream([1], counts).next()).value,
			lane => lane.offline.once('key', counts),
		];
		for (const call of inside) {
			assert.deepEqual(await limits('a')(() => call(limits('b'))), [1, 1, 2]);
		}

		const deeper = () => limits('b')(() => limits('c')(() => limits('a')(counts)));
		assert.deepEqual(await limits('a')(deeper), [2, 1, 4]);
		await limits('a')(() =>
			limits('b').map([1, 2, 3], async () => {
				working++;
				assert.equal(working, 1);
				await turn();
				working--;
			}),
		);
		await limits.total.onIdle();
		assert.deepEqual(counts(), [0, 0, 0]);
	});

	test('with `nested: detect` in the total, it is refused if it could never run', async () => {
		const limits = pLimit.keyed({concurrency: 2, total: {concurrency: 1, nested: 'detect'}});
		for (const call of [lane => lane(assert.fail), lane => lane.map([1], assert.fail)]) {
			await assert.rejects(
				limits('a')(() => call(limits('b'))),
				{code: 'ERR_DEADLOCK', message: /^total: a call made inside another could never run/},
			);
			assert.deepEqual([limits('b').activeCount, limits.total.pendingCount], [0, 0]);
		}

		assert.equal(await limits('a')(() => 'usable'), 'usable');
	});

	test('neither of the two helps if calls that wait for the total hold the slots of the other key', async () => {
		for (const nested of ['lend', 'detect']) {
			const limits = pLimit.keyed({concurrency: 1, total: {concurrency: 1, nested}});
			const outer = limits('a')(async () => {
				await turn();
				return limits('b').with({queueTimeout: 100})(() => assert.fail('it runs'));
			});
			const rejected = assert.rejects(outer, {code: 'ERR_QUEUE_TIMEOUT'});
			const holds = limits('b')(() => 'ran');
			await turn();
			await turn();
			assert.deepEqual([limits('b').pendingCount, limits.total.pendingCount], [1, 1]);
			await clock.pass(101);
			await rejected;
			assert.equal(await holds, 'ran');
		}
	});

	test('a call takes as many slots of the total as it weighs', async () => {
		const {running, task, end} = board();
		const limits = pLimit.keyed({concurrency: 9, total: 4});
		const heavy = options => limits('a').with({weight: 3, ...options});
		const all = [heavy()(task('heavy')), limits('b')(task('light')), limits('c')(task('waits'))];
		await turn();
		assert.deepEqual([...running.keys()], ['heavy', 'light']);
		end('heavy');
		await all[0];
		await turn();
		const map = heavy({retry: 1}).map([1], task('item'));
		const stream = heavy().stream([1], task('of a stream'));
		all.push(map, stream.next());
		await turn();
		assert.deepEqual([...running.keys()], ['light', 'waits'], 'two and three do not fit');
		assert.equal(limits.total.pendingCount, 2);
		for (const name of ['light', 'waits']) {
			end(name);
		}

		await turn();
		assert.deepEqual([...running.keys()], ['item']);
		end('item');
		await map;
		await turn();
		end('of a stream');
		await Promise.all(all);
		await limits.total.onIdle();
	});

	test('a call of a weight that the total can not hold is refused by `with`; if it can not any more, it is too, and holds no slot of its key', async () => {
		const limits = pLimit.keyed({concurrency: 5, total: {concurrency: 4, reserve: 2}});
		const never = () => assert.fail('it runs');
		for (const [lane, weight, most] of [
			['online', 5, 4],
			['offline', 3, 2],
		]) {
			const refused = {
				name: 'InvalidArgError',
				code: 'ERR_INVALID_ARG',
				message: `total: \`weight\` must be at most ${most}, the slots that the ${lane} lane may hold, got ${weight}`,
			};
			assert.throws(() => limits('a').with({lane, weight}), refused);
			limits.total.concurrency = 9;
			const heavy = limits('a').with({lane, weight});
			limits.total.concurrency = 4;
			await new Promise(resolve => queueMicrotask(resolve));
			await assert.rejects(heavy(never), refused);
			await assert.rejects(heavy.with({timeout: 100_000})(never), refused);
			await assert.rejects(heavy.map([1], never), refused);
			await assert.rejects(heavy.stream([1], never).next(), refused);
			assert.deepEqual([limits('a').activeCount, limits.total.activeCount, limits.total.pendingCount], [0, 0, 0]);
		}
	});

	test('a call takes its cost of the total’s rate', async () => {
		const limits = pLimit.keyed({concurrency: 9, total: {concurrency: 9, rate: {limit: 1, interval: 1000, burst: 20}}});
		const left = () => limits.total.stats().rate.available;
		await limits('a').with({cost: 5})(() => {});
		assert.equal(left(), 15);
		await limits('b').with({weight: 3})(() => {});
		assert.equal(left(), 12, 'its weight, unless a cost is given');
		await limits('c').with({cost: 0})(() => {});
		await limits('c')
			.with({cost: 2})
			.map([1, 2], x => x);
		assert.equal(left(), 8);
	});

	test('a cost names quotas of the total, which the keys need not have', async () => {
		const quota = limit => ({limit, interval: 1000, window: 'sliding'});
		const rate = {requests: quota(10), tokens: quota(100)};
		const limits = pLimit.keyed({concurrency: 9, total: {concurrency: 9, rate}});
		const left = () => Object.values(limits.total.stats().rates).map(({available}) => available);
		await limits('a').with({cost: {tokens: 30}})(() => {});
		assert.deepEqual(left(), [9, 70]);
		await limits('b')
			.with({cost: {requests: 2, tokens: 5}})
			.with({priority: 1})
			.map([1, 2], x => x);
		assert.deepEqual(left(), [5, 60]);
		await limits('c').map([10, 20], x => x, {cost: tokens => ({tokens})});
		assert.deepEqual(left(), [3, 30]);
		const message = "`cost` must be an object by quota, of 'requests', 'tokens' (not 'token'), got { token: 1 }";
		assert.throws(() => limits('a').with({cost: {token: 1}}), {code: 'ERR_INVALID_ARG', message});
		const bound = pLimit.keyed({
			concurrency: 9,
			rate: {bytes: quota(50)},
			total: limits.total,
			cost: {bytes: 7, tokens: 3},
		});
		await bound('a')(() => {});
		assert.deepEqual([bound('a').stats().rates.bytes.available, ...left()], [43, 2, 27]);
	});

	test('calls wait for the total in the order of their priority', async () => {
		const {running, task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		const held = limits('held')(task('held'));
		await turn();
		const all = [held, limits('a')(task('a')), limits('b').with({priority: 1})(task('b'))];
		await turn();
		for (const name of ['held', 'b', 'a']) {
			assert.deepEqual([...running.keys()], [name]);
			end(name);
			await turn();
		}

		await Promise.all(all);
	});

	test('a call that `once` lifts waits for the total in the online lane, whenever it is lifted', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: {concurrency: 2, reserve: 0}});
		const lanes = () => [limits.total.online.pendingCount, limits.total.offline.pendingCount];
		const all = ['a', 'b', 'c'].map(key => limits(key)(task(key)));
		const early = limits('a').offline.once('key', task('early')); // behind `a`, at its key
		const late = limits('d').offline.once('key', task('late'));
		await turn();
		assert.deepEqual(lanes(), [1, 1], '`c`, and `late`');
		all.push(early, late, limits('d').once('key', assert.fail));
		assert.deepEqual(lanes(), [2, 0]);
		all.push(limits('a').once('key', assert.fail));
		end('a'); // `c` gets its slot of the total
		await turn();
		assert.deepEqual(lanes(), [2, 0], '`late`, and `early`');
		for (const name of ['b', 'c', 'late', 'early']) {
			end(name);
			await turn();
		}

		await Promise.all(all);
	});
});
