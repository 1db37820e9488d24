'use strict';

// What is done with all limits of `pLimit.keyed` together, and how they are listed and dropped.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const path = require('node:path');
const {describe, test} = require('node:test');
const {board, turn} = require('./board.js');

/** Whether a promise has settled by now. */
const settled = promise => {
	const state = {isSettled: false};
	const mark = () => {
		state.isSettled = true;
	};
	promise.then(mark, mark);
	return state;
};

const never = () => assert.fail('it runs');

describe('keyed limits as a map', () => {
	test('keys, values, entries and iteration list what is kept', () => {
		const limits = pLimit.keyed({concurrency: 1});
		const [a, b] = [limits('a'), limits('b')];
		assert.deepEqual([...limits.keys()], ['a', 'b']);
		assert.deepEqual([...limits.values()], [a, b]);
		const entries = [
			['a', a],
			['b', b],
		];
		assert.deepEqual([...limits.entries()], entries);
		assert.deepEqual([...limits], entries);
		assert.deepEqual([limits.has('a'), limits.has('c'), limits.size], [true, false, 2]);
	});

	test('to list keys, or to ask whether one is there, is no use of them', async () => {
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: 1000});
		limits('a');
		await clock.pass(1000);
		assert.deepEqual([[...limits.keys()], limits.has('a')], [['a'], true]);
		await clock.pass(1000);
		assert.deepEqual([[...limits.keys()], limits.has('a')], [[], false]);
	});

	test('`delete` drops a limit now; its key gets the same one back while somebody holds it', async () => {
		const limits = pLimit.keyed({concurrency: 1});
		const kept = limits('a');
		assert.equal(limits.delete('a'), true);
		assert.deepEqual([limits.size, limits.has('a'), limits.delete('a'), limits.delete('b')], [0, false, false, false]);
		assert.equal(limits('a'), kept);
		assert.equal(limits.size, 1);
	});

	test('the calls of a limit that is deleted go on, and hold it', async () => {
		const {running, task, end} = board();
		const limits = pLimit.keyed({concurrency: 1});
		const all = [limits('a')(task('a1')), limits('a')(task('a2'))];
		await turn();
		assert.equal(limits.delete('a'), true);
		globalThis.gc?.();
		await turn();
		all.push(limits('a')(task('a3')));
		await turn();
		assert.deepEqual([...running.keys()], ['a1'], 'one at a time');
		for (const name of ['a1', 'a2', 'a3']) {
			end(name);
			await turn();
		}

		await Promise.all(all);
	});

	test('the sums have what a deleted limit had counted when it was looked at last', () => {
		const program = `
			const pLimit = require('p-lanes');
			const {setImmediate: turn} = require('node:timers/promises');
			const limits = pLimit.keyed({concurrency: 1});
			const run = async () => {
				const limit = limits('a');
				const call = limit(turn);
				limits.delete('a');
				await call;
				limits.stats();
				return new WeakRef(limit);
			};
			(async () => {
				const ref = await run();
				while (ref.deref() !== undefined) {
					await turn();
					gc();
				}
				console.log(limits.stats().online.settled);
			})();`;
		const told = execFileSync(process.execPath, ['--expose-gc', '-e', program], {
			cwd: path.dirname(path.dirname(__dirname)),
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
			timeout: 60_000,
		});
		assert.equal(told.trim(), '1');
	});

	test('`options` gives a key options on top of those of all', async () => {
		const asked = [];
		const limits = pLimit.keyed({
			concurrency: 1,
			maxQueue: 5,
			timeout: 1000,
			options(key) {
				asked.push(key);
				return key === 'large' ? {concurrency: 3, timeout: 2000} : undefined;
			},
		});
		assert.deepEqual(
			[limits('large').concurrency, limits('small').concurrency, limits('large').concurrency],
			[3, 1, 3],
		);
		assert.deepEqual(asked, ['large', 'small'], 'once for each key');
		const {task, end} = board();
		const late = ['small', 'large'].map(key => settled(limits(key)(task(key))));
		await turn();
		await clock.pass(1001);
		assert.deepEqual(
			late.map(({isSettled}) => isSettled),
			[true, false],
		);
		await clock.pass(1000);
		assert.equal(late[1].isSettled, true);
		end('small');
		end('large');
	});

	test('errors in the options of a key name them, and leave nothing behind', () => {
		const withOptions = (options, given) => pLimit.keyed({concurrency: 2, ...given, options: () => options});
		for (const [options, message] of [
			[1, '`options(key)` must be an object, got 1'],
			[{name: 'a'}, "`options(key).name` must be left out: every key has a limit of its own, got 'a'"],
			[{reserve: 2}, /^`options\(key\).reserve` must be .* got 2$/],
			[{concurrncy: 2}, '`options(key).concurrncy` is not an option; did you mean `concurrency`?'],
			[{total: 2}, /^`options\(key\).total` is not an option/],
			[{priority: 0.5}, /^`options\(key\).priority` must be/],
		]) {
			const limits = withOptions(options);
			assert.throws(() => limits('a'), {code: 'ERR_INVALID_ARG', message});
			assert.deepEqual([limits.size, limits.has('a')], [0, false]);
		}

		const badConcurrency = withOptions({concurrency: 0});
		assert.throws(() => badConcurrency('a'), {
			name: 'TypeError',
			message: 'Expected `options(key).concurrency` to be a number from 1 and up',
		});
		const heavy = withOptions({weight: 2}, {total: 1});
		assert.throws(() => heavy('a'), {code: 'ERR_INVALID_ARG', message: /^total: .*must be at most 1/});
		assert.throws(() => pLimit.keyed({concurrency: 1, options: {}}), {
			code: 'ERR_INVALID_ARG',
			message: '`options` must be a function, got {}',
		});
		const own = new Error('its own');
		const throwing = pLimit.keyed({
			concurrency: 1,
			options() {
				throw own;
			},
		});
		assert.throws(
			() => throwing('a'),
			error => error === own,
		);
	});

	test('code of `options` may ask for the same key', () => {
		const limits = pLimit.keyed({
			concurrency: 1,
			options(key) {
				if (key === 'a' && !limits.has('a')) {
					depth++;
					inner = depth < 2 ? limits('a') : inner;
				}

				return {};
			},
		});
		let depth = 0;
		let inner;
		const outer = limits('a');
		assert.equal(outer, inner);
		assert.equal(limits.size, 1);
	});
});

describe('all keys together', () => {
	test('`pause` holds the calls of all keys, also of new ones, and of the total', async () => {
		const {running, task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		const all = ['a', 'b'].map(key => limits(key)(task(key)));
		await turn();
		assert.deepEqual([...running.keys()], ['a']);
		limits.pause();
		all.push(limits('a')(task('a2')), limits('c')(task('c')));
		end('a');
		await turn();
		assert.deepEqual([[...running.keys()], limits.isPaused, limits.total.isPaused], [[], true, true]);
		assert.deepEqual([limits.activeCount, limits.pendingCount], [1, 2], '`b` has a slot of its key');
		limits.resume();
		assert.equal(limits.isPaused, false);
		for (const name of ['b', 'a2', 'c']) {
			await turn();
			end(name);
		}

		await Promise.all(all);
		assert.equal(limits('d').isPaused, false);
	});

	test('a total of others is not paused, cleared or closed', async () => {
		for (const total of [pLimit(1), {name: 'total of others', concurrency: 1}]) {
			if (typeof total === 'object' && process.env.P_LANES_BINDING === 'wasm') {
				continue; // no names
			}

			const limits = pLimit.keyed({concurrency: 1, total});
			limits.pause();
			assert.equal(limits.total.isPaused, false);
			limits.resume();
			const {task, end} = board();
			const others = [limits.total(task('first')), limits.total(() => 'not cleared')];
			await turn();
			limits.clearQueue();
			assert.equal(limits.total.pendingCount, 1);
			const drained = limits.drain();
			end('first');
			await drained;
			assert.equal((await Promise.all(others))[1], 'not cleared');
			assert.equal(await limits.total(() => 'open'), 'open');
			await limits.total.drain(); // frees the name
		}
	});

	test('`clearQueue` drops what waits for keys and for the total', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: 1, rejectOnClear: true});
		const held = limits('a')(task('a'));
		await turn();
		const waiting = ['a', 'b', 'b'].map(key => assert.rejects(limits(key)(never), {name: 'AbortError'}));
		await turn();
		assert.deepEqual([limits.activeCount, limits.pendingCount, limits.total.pendingCount], [2, 2, 1]);
		limits.clearQueue();
		await Promise.all(waiting);
		assert.deepEqual([limits.activeCount, limits.pendingCount, limits.total.pendingCount], [1, 0, 0]);
		assert.throws(() => limits.clearQueue({everywere: true}), {code: 'ERR_INVALID_ARG'});
		end('a');
		await held;
	});

	test('`onIdle`, `onEmpty` and `onSizeLessThan` are for the sums over all keys', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1});
		await Promise.all([limits.onIdle(), limits.onEmpty(), limits.onSizeLessThan(1)]);
		const calls = (key, number) => Array.from({length: number}, (_, index) => limits(key)(task(`${key}${index}`)));
		const all = [...calls('a', 3), ...calls('b', 2)];
		const [idle, empty, two, three, four] = [
			limits.onIdle(),
			limits.onEmpty(),
			limits.onSizeLessThan(2),
			limits.onSizeLessThan(3),
			limits.onSizeLessThan(4),
		].map(promise => settled(promise));
		const states = () => [idle, empty, two, three, four].map(({isSettled}) => isSettled);
		await turn();
		assert.deepEqual([limits.activeCount, limits.pendingCount], [2, 3]);
		assert.deepEqual(states(), [false, false, false, false, true]);
		all.push(...calls('c', 2)); // one more waits, at a key that is new
		end('a0');
		await turn();
		assert.deepEqual(states(), [false, false, false, false, true], 'three wait again');
		end('b0');
		await turn();
		assert.deepEqual(states(), [false, false, false, true, true]);
		end('a1');
		await turn();
		assert.deepEqual(states(), [false, false, true, true, true]);
		end('c0');
		await turn();
		assert.deepEqual(states(), [false, true, true, true, true]);
		for (const name of ['a2', 'b1', 'c1']) {
			assert.equal(idle.isSettled, false);
			end(name);
			await turn();
		}

		assert.equal(idle.isSettled, true);
		await Promise.all(all);
		await assert.rejects(limits.onSizeLessThan(0), {code: 'ERR_INVALID_ARG'});
		assert.ok([...limits.values()].every(limit => settled(limit.onIdle())));
	});

	test('a wait for all leaves nothing behind at a key where nothing happens any more', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1});
		const all = ['a', 'a', 'b', 'b'].map((key, index) => limits(key)(task(index)));
		await turn();
		const fewer = limits.onSizeLessThan(2);
		end(0);
		await fewer;
		const {Lane} = require('../../lib/limit/lane.js');
		const gates = ['a', 'b'].map(key => Lane.internalsOf(limits(key)).gate);
		assert.deepEqual(
			gates.map(({activeConditions}) => activeConditions),
			[undefined, undefined],
		);
		for (const index of [2, 1, 3]) {
			await turn();
			end(index);
		}

		await Promise.all(all);
	});

	test('`drain` refuses the calls of all keys, also of new ones, and tells what has not ended', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1, total: 2});
		const names = ['a', 'b', 'c'];
		const all = names.map(name => limits(name).with({label: `work of ${name}`})(task(name)));
		const queued = limits('a')(task('a2'));
		await turn();
		limits.pause();
		const drained = limits.drain();
		assert.equal(limits.isPaused, false);
		for (const key of ['a', 'new']) {
			await assert.rejects(limits(key)(never), {code: 'ERR_LIMIT_CLOSED'});
		}

		for (const name of ['a', 'b', 'c', 'a2']) {
			await turn();
			end(name);
		}

		const report = await drained;
		assert.deepEqual([report.isIdle, report.online.active, report.online.dropped], [true, 0, 0]);
		await Promise.all([...all, queued]);
		await assert.rejects(limits.total(never), {code: 'ERR_LIMIT_CLOSED'});
		assert.equal((await limits.drain()).isIdle, true, 'once more');
	});

	test('a drain that gives up sums up what runs and what it has dropped', async () => {
		const {task, end} = board();
		const limits = pLimit.keyed({concurrency: 1});
		const labelled = (key, label) => limits(key).with({label});
		const running = ['a', 'b'].map(key => labelled(key, 'both')(task(key)));
		running.push(labelled('c', 'one')(task('c')), labelled('d', 'batch').offline(task('d')));
		const dropped = ['a', 'b'].map(key => assert.rejects(limits(key)(never), {code: 'ERR_LIMIT_CLOSED'}));
		await turn();
		const drained = limits.drain({timeout: 1000});
		await clock.pass(1001);
		assert.deepEqual(await drained, {
			isIdle: false,
			online: {
				active: 3,
				dropped: 2,
				labels: [
					{label: 'both', count: 2},
					{label: 'one', count: 1},
				],
			},
			offline: {active: 1, dropped: 0, labels: [{label: 'batch', count: 1}]},
			abandoned: [],
		});
		await Promise.all(dropped);
		for (const name of ['a', 'b', 'c', 'd']) {
			end(name);
		}

		await Promise.all(running);
	});

	test('a drain that gives up lets no call start: all keys give up together', async () => {
		for (const options of [{total: 1}, {total: pLimit(1)}, {total: 1, fair: true}]) {
			const limits = pLimit.keyed({concurrency: 1, ...options});
			const begun = [];
			const calls = ['a', 'b', 'c'].map(key =>
				limits(key).run(({signal}) => {
					begun.push(key);
					return new Promise((_, reject) => {
						signal.addEventListener('abort', () => reject(signal.reason));
					});
				}),
			);
			const outcomes = Promise.allSettled(calls);
			await turn();
			const drained = limits.drain({timeout: 10});
			await clock.pass(11);
			const {isIdle, online} = await drained;
			assert.deepEqual([isIdle, online.active, online.dropped], [false, 1, 2]);
			const codes = (await outcomes).map(({reason}) => reason.code);
			assert.deepEqual(codes, ['ERR_LIMIT_CLOSED', 'ERR_LIMIT_CLOSED', 'ERR_LIMIT_CLOSED']);
			assert.deepEqual(begun, ['a']);
		}
	});

	test('bad options of a drain change nothing', async () => {
		const limits = pLimit.keyed({concurrency: 1});
		limits('a');
		await assert.rejects(limits.drain({timeout: -1}), {code: 'ERR_INVALID_ARG', message: /^`timeout`/});
		assert.equal(await limits('a')(() => 'open'), 'open');
		assert.equal(await limits('b')(() => 'open'), 'open');
	});

	test('`await using` drains', async () => {
		const limits = pLimit.keyed({concurrency: 1});
		const call = limits('a')(() => 'done');
		await limits[Symbol.asyncDispose]();
		assert.equal(await call, 'done');
		await assert.rejects(limits('a')(never), {code: 'ERR_LIMIT_CLOSED'});
	});

	test('`stats` adds up the counts of all keys, also of those that were dropped', async () => {
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: 1000, total: 5});
		const {task, end} = board();
		const held = limits('held')(task('held'));
		const waits = limits('held')(() => {});
		for (const key of ['a', 'b']) {
			await limits(key)(() => {});
			await limits(key).offline(() => {});
		}

		await assert.rejects(
			limits('b')(() => Promise.reject(new Error('no'))),
			{message: 'no'},
		);
		const counts = ({online, offline}) => [online.granted, online.settled, online.rejected, offline.granted];
		const before = limits.stats();
		assert.deepEqual(counts(before), [4, 3, 1, 2]);
		assert.deepEqual([before.keys, before.online.active, before.online.pending], [3, 1, 1]);
		assert.equal(before.total.online.granted, 4);
		assert.equal(before.abandoned, 0);
		assert.deepEqual(Object.keys(before).sort(), ['abandoned', 'keys', 'offline', 'online', 'total']);
		await clock.pass(2000);
		assert.equal(limits.size, 1);
		assert.deepEqual(counts(limits.stats()), [4, 3, 1, 2], 'counts never fall');
		limits('a'); // the same one, or a new one
		assert.deepEqual(counts(limits.stats()), [4, 3, 1, 2]);
		await limits('a')(() => {});
		limits.delete('a');
		assert.deepEqual(counts(limits.stats()), [5, 4, 1, 2]);
		end('held');
		await Promise.all([held, waits]);
		assert.deepEqual(counts(limits.stats()), [6, 6, 1, 2]);
		assert.equal('total' in pLimit.keyed({concurrency: 1}).stats(), false);
	});
});

describe('keyed, under a limit that exists already', () => {
	test('it is capped and counted with its other calls', async () => {
		const {running, task, end} = board();
		const total = pLimit(2);
		const limits = pLimit.keyed({concurrency: 9, total});
		assert.equal(limits.total, total);
		const all = [total(task('own')), limits('a')(task('a')), limits('b')(task('b'))];
		await turn();
		assert.deepEqual([...running.keys()], ['own', 'a']);
		assert.equal(total.pendingCount, 1);
		for (const name of ['own', 'a', 'b']) {
			end(name);
			await turn();
		}

		await Promise.all(all);
	});

	test('what is bound to it, and what is chained behind it, counts', async () => {
		const behind = pLimit(1);
		const total = pLimit(4).with({weight: 2}).chain(behind);
		const limits = pLimit.keyed({concurrency: 9, total});
		const {running, task, end} = board();
		const all = ['a', 'b', 'c'].map(key => limits(key)(task(key)));
		await turn();
		assert.deepEqual([...running.keys()], ['a']);
		const counts = [total.activeCount, total.pendingCount, behind.activeCount, behind.pendingCount];
		assert.deepEqual(counts, [2, 1, 1, 1], 'two of weight 2 fill the total');
		for (const name of ['a', 'b', 'c']) {
			end(name);
			await turn();
		}

		await Promise.all(all);
	});

	test('lanes and other functions are refused', () => {
		for (const total of [pLimit(1).offline, () => {}]) {
			assert.throws(() => pLimit.keyed({concurrency: 1, total}), {
				code: 'ERR_INVALID_ARG',
				message: /^`total` must be a concurrency, the options of a limit, or a limit of this package, got /,
			});
		}
	});
});
