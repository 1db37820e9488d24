'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Clock} = require('./clock.js');

const clock = new Clock().install();
const pLimit = require('../index.js');

const deferred = () => {
	const own = {};
	own.promise = new Promise(resolve => {
		own.resolve = resolve;
	});
	return own;
};

/** Tasks that run until they are told to end, by name. */
const board = () => {
	const running = new Map();
	const task = name => () => {
		const {promise, resolve} = deferred();
		running.set(name, resolve);
		return promise;
	};
	const end = name => {
		running.get(name)();
		running.delete(name);
	};
	return {running, task, end};
};

const turn = () => new Promise(setImmediate);

describe('keyed', () => {
	test('one limit for each key, equal as in a Map', () => {
		const limits = pLimit.keyed({concurrency: 2});
		const object = {};
		assert.equal(limits('a'), limits('a'));
		assert.notEqual(limits('a'), limits('b'));
		assert.equal(limits(object), limits(object));
		assert.notEqual(limits({}), limits({}));
		assert.equal(limits(Number.NaN), limits(Number.NaN));
		assert.equal(limits('a').concurrency, 2);
		assert.equal(limits.total, undefined);
	});

	test('keys do not wait for each other', async () => {
		const {running, task, end} = board();
		const limits = pLimit.keyed({concurrency: 1});
		const all = [limits('a')(task('a1')), limits('a')(task('a2')), limits('b')(task('b1'))];
		await turn();
		assert.deepEqual([...running.keys()], ['a1', 'b1']);
		end('a1');
		await turn();
		assert.deepEqual([...running.keys()], ['b1', 'a2']);
		end('b1');
		end('a2');
		await Promise.all(all);
	});

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

	test('what is cleared in the total rejects, and gives its key’s slot back', async () => {
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

	test('what is aborted while it waits for the total leaves that queue, too, and takes no token', async () => {
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
		const rejectedToo = assert.rejects(ofItsKey, {code: 'ERR_QUEUE_TIMEOUT', message: /^the call has waited/});
		await turn();
		await clock.pass(101);
		await Promise.all([rejected, rejectedToo]);
		assert.deepEqual([limits('b').activeCount, limits.total.pendingCount], [0, 0]);
		end('a');
		await held;
	});

	test('what the total refuses is told with its name', async () => {
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

	test('a call inside one of the same key runs in its slot, if that is wanted', async () => {
		const limits = pLimit.keyed({concurrency: 1, nested: 'inherit', total: 1});
		assert.equal(await limits('a')(() => limits('a')(() => 'inner')), 'inner');
	});

	test('one inside that of another key waits for a slot of the total that its own task may hold', async () => {
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		const outer = limits('a')(() => limits('b').with({queueTimeout: 100})(() => assert.fail('it runs')));
		const rejected = assert.rejects(outer, {code: 'ERR_QUEUE_TIMEOUT'});
		await turn();
		assert.equal(limits.total.pendingCount, 1);
		await clock.pass(101);
		await rejected;
		assert.equal(await limits('b')(() => 'usable'), 'usable');
	});

	test('or runs in that one, with `nested: inherit` in the total', async () => {
		const limits = pLimit.keyed({concurrency: 2, total: {concurrency: 1, nested: 'inherit'}});
		const counts = () => [limits('a').activeCount, limits('b').activeCount, limits.total.activeCount];
		const inside = [
			lane => lane(counts),
			lane => lane.with({timeout: 100_000, weight: 2})(counts),
			async lane => (await lane.map([1], counts))[0],
			async lane => (await lane.with({retry: 1}).map([1], counts))[0],
			async lane => (await lane.stream([1], counts).next()).value,
			lane => lane.offline.once('key', counts),
		];
		for (const call of inside) {
			assert.deepEqual(await limits('a')(() => call(limits('b'))), [1, 1, 1]);
		}

		const deeper = () => limits('b')(() => limits('c')(() => limits('a')(counts)));
		assert.deepEqual(await limits('a')(deeper), [2, 1, 1]);
		await limits.total.onIdle();
		assert.deepEqual(counts(), [0, 0, 0]);
	});

	test('or is refused where it could never run, with `nested: detect` there', async () => {
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

	test('neither helps where the slots of the other key are held by what waits for the total', async () => {
		for (const nested of ['inherit', 'detect']) {
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

	test('and one of a weight that the total can never hold is refused, and holds no slot of its key', async () => {
		const limits = pLimit.keyed({concurrency: 5, total: {concurrency: 4, reserve: 2}});
		const never = () => assert.fail('it runs');
		for (const [lane, weight, most] of [
			['online', 5, 4],
			['offline', 3, 2],
		]) {
			const heavy = limits('a').with({lane, weight});
			const refused = {
				code: 'ERR_INVALID_ARG',
				message: `total: \`weight\` must be at most ${most}, the slots that the ${lane} lane may hold, got ${weight}`,
			};
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

	test('what waits for the total does in the order of its priority', async () => {
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

	test('what `once` lifts waits for the total in the online lane, whenever it is lifted', async () => {
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

	test('one that is idle is dropped after a while, and made again', async () => {
		const timers = clock.timers.size;
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: 1000});
		const {task, end} = board();
		const busy = limits('busy')(task('busy'));
		limits('idle').concurrency = 5;
		await turn();
		assert.equal(limits.size, 2);
		await clock.pass(1000);
		assert.equal(limits.size, 2, 'both were asked for meanwhile');
		await clock.pass(1000);
		assert.equal(limits.size, 1);
		end('busy');
		await busy;
		await clock.pass(2000);
		assert.equal(limits.size, 0);
		assert.equal(clock.timers.size, timers, 'nobody looks for nothing');
	});

	test('none is ever dropped where `idleTimeout` is Infinity', async () => {
		const timers = clock.timers.size;
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: Number.POSITIVE_INFINITY});
		await limits('a')(() => {});
		assert.equal(clock.timers.size, timers, 'nobody looks');
		await clock.pass(2 ** 33);
		assert.equal(limits.size, 1);
	});

	test('who still has a dropped one is not given another one beside it', async () => {
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: 1000});
		const kept = limits('a');
		await clock.pass(2000);
		assert.equal(limits.size, 0);
		assert.equal(limits('a'), kept);
		assert.equal(limits.size, 1);
	});

	test('one whose rate has not recovered, or that is paused, is not dropped', async () => {
		const limits = pLimit.keyed({concurrency: 1, rate: {limit: 1, interval: 10_000}, idleTimeout: 1000});
		await limits('used')(() => {});
		limits('unused');
		limits('paused').pause();
		await clock.pass(2000);
		assert.equal(limits.size, 2);
		limits('paused').resume();
		await clock.pass(10_000);
		assert.equal(limits.size, 0);
	});

	test('what can’t be used is refused at once', () => {
		assert.throws(() => pLimit.keyed(), /^TypeError: Expected `concurrency`/);
		for (const [options, message] of [
			[{concurrency: 1, name: 'a'}, /^`name` must be left out/],
			[{concurrency: 1, idleTimeout: 0}, /^`idleTimeout` must be a number of milliseconds from 1 /],
			[{concurrency: 1, rate: {limit: 0, interval: 1}}, /^`rate.limit` must be a whole number from 1/],
			[1, /^`options` must be an object/],
			[
				{concurrency: 1, total: {concurrency: 2, reserve: 2}},
				/^`total.reserve` .* below `total.concurrency` \(2\), got 2$/,
			],
			[{concurrency: 1, total: pLimit(2)}, /^`total` must be .* joined by its `name`, got /],
			[{concurrency: 1, total: {concurrency: 2, rate: 5}}, '`total.rate` must be an object, got 5'],
			[{concurrency: 1, total: {concurrency: 2, name: 1}}, '`total.name` must be a string, got 1'],
			[
				{concurrency: 1, total: {concurrency: 2, overflow: '`odd`, got `it`'}},
				"`total.overflow` must be 'reject' or 'wait', got '`odd`, got `it`'",
			],
			[
				{concurrency: 1, total: {concurrency: {min: 5, max: 3}}},
				'`total.concurrency.min` must be from 1 to `total.concurrency.max` (3), got 5',
			],
			[
				{concurrency: 1, total: {name: 'nobody has named it'}},
				"`total.concurrency` must be given by who names a limit first, got none for 'nobody has named it'",
			],
		]) {
			assert.throws(() => pLimit.keyed(options), {code: 'ERR_INVALID_ARG', message});
		}

		for (const [total, option] of [
			[0, 'total'],
			['2', 'total'],
			[null, 'total'],
			[{}, 'total.concurrency'],
			[{concurrency: 1.5}, 'total.concurrency'],
		]) {
			assert.throws(() => pLimit.keyed({concurrency: 1, total}), {
				name: 'TypeError',
				message: `Expected \`${option}\` to be a number from 1 and up`,
			});
		}

		const own = new TypeError('Its `own`');
		const total = {
			get concurrency() {
				throw own;
			},
		};
		assert.throws(
			() => pLimit.keyed({concurrency: 1, total}),
			error => error === own,
		);
	});
});
