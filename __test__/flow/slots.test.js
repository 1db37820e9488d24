'use strict';

// `acquire` and `tryAcquire`: slots by hand, and their races with aborts, timeouts, drains and clears.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {busy, deferred, idle, later, listeners, outcomeOf, turns} = require('./helpers.js');

const {LimitClosedError, TaskTimeoutError} = pLimit;

/** By name: a limit whose calls take slots of one limit or of several. */
const limits = {
	'a limit': options => pLimit(options),
	'a limit with a name': options => pLimit({name: `slots: ${Math.random()}`, ...options}),
	'a nested limit': options => pLimit({nested: 'lend', ...options}),
	'a chain': options => pLimit(options).chain(pLimit({...options, name: `slots: ${Math.random()}`})),
	'a chain of three': options =>
		pLimit(options)
			.chain(pLimit(options))
			.chain(pLimit({...options, nested: 'lend'})),
	'a key with a total': options => pLimit.keyed({...options, total: options})('key'),
	'an adaptive limit': ({concurrency, ...options}) =>
		pLimit({...options, concurrency: {min: concurrency, max: concurrency}}),
	'a limit with a rate': options => pLimit({...options, rate: {limit: 1000, interval: 1, burst: 1000}}),
};

for (const [title, create] of Object.entries(limits)) {
	describe(`slots of ${title}`, () => {
		test('are held until they are released', async () => {
			const limit = create({concurrency: 2});
			const first = await limit.acquire();
			const second = await limit.offline.acquire();
			assert.deepEqual([first.lane, second.lane, limit.activeCount], ['online', 'offline', 2]);
			const third = limit(() => 'third');
			await turns();
			assert.equal(limit.pendingCount, 1);
			first.release();
			assert.equal(limit.pendingCount, 0, 'at once');
			assert.equal(await third, 'third');
			first.release();
			assert.equal(limit.activeCount, 1, 'once');
			second.release();
			idle(limit);
		});

		test('are taken if they are free, and given back by the call', async () => {
			const limit = create({concurrency: 1});
			const slot = limit.tryAcquire();
			assert.equal(limit.activeCount, 1);
			assert.equal(limit.tryAcquire(), undefined);
			assert.equal(limit.offline.tryAcquire(), undefined);
			assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 0]);
			slot.release();
			idle(limit);
			const next = limit.offline.tryAcquire();
			assert.equal(next.lane, 'offline');
			next.release();
			await turns();
			idle(limit);
			assert.equal(await limit(() => 'all are free'), 'all are free');
		});

		test('are not taken before those who wait', async () => {
			const limit = create({concurrency: 1});
			const slot = limit.tryAcquire();
			const waits = limit(() => 'first');
			slot.release();
			assert.equal(limit.tryAcquire(), undefined);
			assert.equal(await waits, 'first');
			await turns();
			limit.tryAcquire().release();
		});

		test('are waited for in the order and by the lane of calls', async () => {
			const limit = create({concurrency: 1, offlineShare: 0});
			const slot = await limit.acquire();
			const order = [];
			const acquire = async (lane, name, options) => {
				const own = await lane.acquire(options);
				order.push(name);
				own.release();
			};
			const all = [
				acquire(limit.offline, 'offline'),
				acquire(limit, 'online'),
				limit(() => order.push('call')),
				acquire(limit, 'urgent', {priority: 1}),
			];
			await turns();
			slot.release();
			await Promise.all(all);
			assert.deepEqual(order, ['urgent', 'online', 'call', 'offline']);
		});

		test('weigh as calls do', async () => {
			const limit = create({concurrency: 4, reserve: 0});
			const heavy = await limit.acquire({weight: 3});
			assert.equal(limit.tryAcquire({weight: 2}), undefined);
			const light = limit.with({weight: 1}).tryAcquire();
			assert.equal(limit.tryAcquire(), undefined);
			heavy.release();
			const other = limit.tryAcquire({weight: 3});
			light.release();
			other.release();
			idle(limit);
			await assert.rejects(limit.acquire({weight: 5}), {
				code: 'ERR_INVALID_ARG',
				message: /`weight` must be at most 4/,
			});
			assert.throws(() => limit.tryAcquire({weight: 5}), {code: 'ERR_INVALID_ARG'});
		});

		test('a wait ends when its signal aborts', async () => {
			const limit = create({concurrency: 1});
			const slot = await limit.acquire();
			const controller = new AbortController();
			const waits = later(limit.acquire({signal: controller.signal}));
			await turns();
			controller.abort('gone');
			await assert.rejects(waits, reason => reason === 'gone');
			assert.equal(limit.pendingCount, 0);
			assert.equal(listeners(controller), 0);
			await assert.rejects(limit.acquire({signal: controller.signal}), reason => reason === 'gone');
			slot.release();
			assert.throws(
				() => limit.tryAcquire({signal: controller.signal}),
				reason => reason === 'gone',
			);
			idle(limit);
		});

		test('a wait ends at the queueTimeout', async () => {
			const limit = create({concurrency: 1});
			const slot = await limit.acquire();
			await assert.rejects(limit.acquire({queueTimeout: 1}), {
				code: 'ERR_QUEUE_TIMEOUT',
				message: /the call 'slot' timed out after 1 ms in the queue/,
			});
			slot.release();
			idle(limit);
		});

		test('an abort between the grant and the begin gives the slot back', async () => {
			const limit = create({concurrency: 1});
			const controller = new AbortController();
			const waits = later(limit.acquire({signal: controller.signal}));
			assert.equal(limit.activeCount, 1);
			controller.abort('late');
			await assert.rejects(waits, reason => reason === 'late');
			await turns();
			idle(limit);
		});

		test('an abort tells who holds them, and they stay held', async () => {
			const limit = create({concurrency: 1});
			const controller = new AbortController();
			for (const slot of [await limit.acquire({signal: controller.signal}), undefined]) {
				const held = slot ?? limit.tryAcquire({signal: new AbortController().signal});
				assert.equal(held.signal.aborted, false);
				assert.equal(held.signal, held.signal);
				controller.abort('gone');
				assert.equal(held.signal.aborted, slot !== undefined);
				assert.equal(held.signal.reason, slot === undefined ? undefined : 'gone');
				assert.equal(limit.activeCount, 1);
				held.release();
				idle(limit);
			}

			assert.equal(listeners(controller), 0);
		});

		test('a timeout tells who holds them, and they stay held', async () => {
			const limit = create({concurrency: 1});
			const slot = await limit.acquire({timeout: 1, label: 'mine'});
			await new Promise(resolve => {
				slot.signal.addEventListener('abort', resolve);
			});
			assert.ok(slot.signal.reason instanceof TaskTimeoutError);
			assert.match(slot.signal.reason.message, /the task 'mine' timed out after 1 ms/);
			assert.deepEqual([limit.activeCount, limit.stats().online.timeouts], [1, 1]);
			slot.release();
			idle(limit);
			assert.equal(limit.stats().online.rejected, 1);
		});

		test('a timeout with `releaseSlot` takes them away', async () => {
			const limit = create({concurrency: 1});
			const slot = await limit.acquire({timeout: 1, releaseSlot: true});
			assert.equal(await limit(() => 'next'), 'next');
			assert.equal(limit.stats().abandoned, 1);
			slot.release();
			await turns();
			assert.equal(limit.stats().abandoned, 0);
			idle(limit);
		});

		test('a clear drops who waits, and not who holds', async () => {
			const limit = create({concurrency: 1, rejectOnClear: true});
			const slot = await limit.acquire();
			const waits = later(limit.acquire());
			const map = later(limit.map([1], assert.fail));
			await turns();
			limit.clearQueue();
			await assert.rejects(waits, {name: 'AbortError'});
			await assert.rejects(map, {name: 'AbortError'});
			assert.equal(limit.activeCount, 1);
			slot.release();
			idle(limit);
		});

		test('a drain refuses, waits for those that are held, and then tells them', async () => {
			const limit = create({concurrency: 1});
			const slot = await limit.acquire({label: 'held'});
			const drained = limit.drain({timeout: 1});
			await assert.rejects(limit.acquire(), LimitClosedError);
			assert.throws(() => limit.tryAcquire(), LimitClosedError);
			const {isIdle, online} = await drained;
			assert.deepEqual([isIdle, online.active, online.labels], [false, 1, [{label: 'held', count: 1}]]);
			assert.ok(slot.signal.reason instanceof LimitClosedError);
			const again = limit.drain();
			await turns();
			slot.release();
			assert.equal((await again).isIdle, true);
		});

		test('a drain drops who waits', async () => {
			const limit = create({concurrency: 1});
			const slot = await limit.acquire();
			const waits = later(limit.acquire());
			await turns();
			const drained = limit.drain({queued: false});
			await assert.rejects(waits, LimitClosedError);
			slot.release();
			assert.equal((await drained).online.dropped, 1);
		});

		test('a pause keeps them from being taken, and `resume` grants them', async () => {
			const limit = create({concurrency: 1});
			limit.pause();
			assert.equal(limit.tryAcquire(), undefined);
			const waits = limit.acquire();
			await turns();
			assert.equal(limit.pendingCount, 1);
			limit.resume();
			(await waits).release();
			limit.tryAcquire().release();
			idle(limit);
		});

		test('`onIdle` waits for them', async () => {
			const limit = create({concurrency: 1});
			const slot = await limit.acquire();
			const isIdle = later(limit.onIdle());
			assert.equal(await outcomeOf(isIdle), 'pending');
			slot.release();
			await isIdle;
		});

		test('are counted as calls', async () => {
			const limit = create({concurrency: 1});
			(await limit.acquire()).release();
			limit.tryAcquire().release(new Error('no'));
			const held = limit.tryAcquire();
			limit.tryAcquire();
			held.release(null);
			const {granted, settled, rejected, refused, cleared} = limit.stats().online;
			assert.deepEqual([granted, settled, rejected, refused, cleared], [3, 3, 1, 0, 0]);
		});

		test('many in a row, by all ways at once, keep the cap', async () => {
			const limit = create({concurrency: 3});
			let active = 0;
			let most = 0;
			const work = async () => {
				active++;
				most = Math.max(most, active);
				await turns(1);
				active--;
			};
			const held = async () => {
				const slot = limit.tryAcquire() ?? (await limit.acquire());
				await work();
				slot.release();
			};
			await Promise.all(Array.from({length: 60}, (_, index) => (index % 2 === 0 ? held() : limit(work))));
			assert.equal(most, 3);
			idle(limit);
		});
	});
}

describe('a slot', () => {
	test('ends with its scope', async () => {
		const limit = pLimit(2);
		const slot = await limit.acquire();
		slot[Symbol.dispose]();
		const other = await limit.acquire();
		await other[Symbol.asyncDispose]();
		idle(limit);
	});

	test('may be released by a callback', async () => {
		const limit = pLimit(1);
		const {release} = await limit.acquire();
		const next = limit.acquire();
		release();
		(await next).release();
		idle(limit);
	});

	test('takes its options from the limit, but for those of attempts', async () => {
		const limit = pLimit({concurrency: 1, lane: 'offline', retry: 3, attemptTimeout: 1, label: 'mine', context: true});
		const slot = await limit.acquire();
		await new Promise(resolve => setTimeout(resolve, 20));
		assert.equal(slot.signal.aborted, false);
		assert.equal(slot.lane, 'offline');
		assert.equal(limit.stats().offline.oldest.label, 'mine');
		slot.release(new Error('no'));
		await turns();
		idle(limit);
	});

	test('has no attempts, and says so', async () => {
		const limit = pLimit(1);
		await assert.rejects(limit.acquire({retry: 1}), {
			code: 'ERR_INVALID_ARG',
			message: '`retry` is not an option; an acquired slot has no attempts; do the work again while you hold it',
		});
		assert.throws(() => limit.tryAcquire({attemptTimeout: 1}), {message: /^`attemptTimeout` is not an option; an/});
		assert.throws(() => limit.tryAcquire({context: true}), {message: /^`context` is not an option; an acquired slot/});
		assert.throws(() => limit.tryAcquire({lanes: 1}), {message: /^`lanes` is not an option; did you mean `lane`\?/});
		assert.throws(() => limit.tryAcquire(1), {message: /^`options` must be an object/});
		idle(limit);
	});

	test('released with an error tells an adaptive limit', async () => {
		const limit = pLimit({concurrency: {min: 1, max: 4}});
		(await limit.acquire()).release(Object.assign(new Error('busy'), {status: 503}));
		limit.tryAcquire().release(Object.assign(new Error('busy'), {status: 503}));
		assert.equal(limit.stats().adaptive.overloads, 2);
	});

	test('is traced as a call', async () => {
		const {channel} = require('node:diagnostics_channel');
		const messages = [];
		const names = ['queued', 'started', 'settled'].map(name => `p-lanes:${name}`);
		const listen = ({call}, name) => messages.push([name, call.label]);
		for (const name of names) {
			channel(name).subscribe(listen);
		}

		const limit = pLimit(1);
		(await limit.acquire({label: 'by hand'})).release();
		limit.tryAcquire({label: 'by try'}).release();
		for (const name of names) {
			channel(name).unsubscribe(listen);
		}

		assert.deepEqual(
			messages,
			['by hand', 'by try'].flatMap(label => names.map(name => [name, label])),
		);
	});
});

describe('a chain', () => {
	test('takes slots of all limits, or of none', async () => {
		for (const full of [0, 1, 2]) {
			const all = [pLimit(1), pLimit({concurrency: 1, name: `slots: ${Math.random()}`}), pLimit(1)];
			const chain = all[0].chain(all[1]).chain(all[2]);
			const held = await all[full].acquire();
			assert.equal(chain.tryAcquire(), undefined);
			for (const [index, limit] of all.entries()) {
				assert.equal(limit.activeCount, index === full ? 1 : 0);
				const {granted, settled} = limit.stats().online;
				assert.deepEqual([granted, settled], index === full ? [1, 0] : [0, 0], 'what is given back never was');
			}

			held.release();
			const slot = chain.tryAcquire();
			assert.deepEqual(
				all.map(({activeCount}) => activeCount),
				[1, 1, 1],
			);
			slot.release();
			assert.deepEqual(
				all.map(({activeCount}) => activeCount),
				[0, 0, 0],
			);
		}
	});

	test('gives back what it took if a later limit is closed or too small', async () => {
		const first = pLimit(4);
		const second = pLimit(4);
		const chain = first.chain(second);
		assert.throws(() => first.chain(second, {weight: 4}).tryAcquire({weight: 5}), {code: 'ERR_INVALID_ARG'});
		await second.drain();
		assert.throws(() => chain.tryAcquire(), {code: 'ERR_LIMIT_CLOSED', message: /^chain: /});
		idle(first);
		assert.equal(first.stats().online.granted, 0);
	});

	test('who waits in the second limit and aborts gives the first slot back', async () => {
		const first = pLimit(1);
		const second = pLimit(1);
		const held = await second.acquire();
		const controller = new AbortController();
		const waits = later(first.chain(second).acquire({signal: controller.signal}));
		await turns();
		assert.deepEqual([first.activeCount, second.pendingCount], [1, 1]);
		controller.abort('gone');
		await assert.rejects(waits, reason => reason === 'gone');
		await turns();
		assert.deepEqual([first.activeCount, second.pendingCount], [0, 0]);
		held.release();
	});

	test('who waits in the second limit is dropped by a clear of it', async () => {
		const first = pLimit(1);
		const second = pLimit(1);
		const held = await second.acquire();
		const waits = later(first.chain(second).acquire());
		await turns();
		second.clearQueue();
		await assert.rejects(waits, {name: 'AbortError'});
		await turns();
		assert.equal(first.activeCount, 0);
		held.release();
	});

	test('asks each limit for its own weight', async () => {
		const second = pLimit(4);
		const slot = pLimit(1).chain(second, {weight: 3}).tryAcquire();
		assert.equal(second.tryAcquire({weight: 2}), undefined);
		slot.release();
		second.tryAcquire({weight: 2}).release();
	});
});

describe('inside a task of the same limit', () => {
	test('a slot is not lent: it would be worked in twice', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend'});
		await assert.rejects(
			limit(() => limit.acquire()),
			{code: 'ERR_DEADLOCK'},
		);
		const two = pLimit({concurrency: 2, nested: 'lend'});
		await two(async () => {
			const slot = await two.acquire();
			assert.equal(two.activeCount, 2);
			assert.equal(two.tryAcquire(), undefined);
			slot.release();
			assert.equal(await two(() => 'lent'), 'lent');
		});
		idle(two);
	});

	test('`detect` refuses a wait without end', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect'});
		await assert.rejects(
			limit(() => limit.acquire()),
			{code: 'ERR_DEADLOCK'},
		);
		idle(limit);
	});

	test('calls that are made while a slot is held are not inside of it', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		const slot = await limit.acquire();
		assert.equal(await limit(() => 'ran'), 'ran');
		slot.release();
	});
});

describe('a rate', () => {
	test('counts for slots, too', async () => {
		const limit = pLimit({concurrency: 9, rate: {limit: 1, interval: 1_000_000, burst: 3}});
		limit.tryAcquire().release();
		limit.tryAcquire({cost: 2}).release();
		assert.equal(limit.tryAcquire(), undefined);
		limit.tryAcquire({cost: 0}).release();
	});

	test('of a chain is given back if the next limit has no slot', async () => {
		const limit = pLimit({concurrency: 9, rate: {limit: 1, interval: 1_000_000, burst: 3}});
		const next = pLimit(1);
		const held = next.tryAcquire();
		assert.equal(limit.chain(next).tryAcquire({cost: 2}), undefined);
		limit.tryAcquire({cost: 3}).release();
		held.release();
	});
});

describe('a slot that nobody holds any more', () => {
	test('that was given away at its timeout counts as abandoned no longer', () => {
		const program = `
			const pLimit = require('p-lanes');
			const {setImmediate: turn} = require('node:timers/promises');
			const limit = pLimit(1);
			process.on('warning', ({code}) => console.log(code));
			const forget = async () => {
				await limit.acquire({timeout: 0, releaseSlot: true});
			};
			(async () => {
				await forget();
				await limit(() => {});
				console.log(limit.stats().abandoned);
				while (limit.stats().abandoned > 0) {
					await turn();
					gc();
				}
				console.log('forgotten');
			})();`;
		const told = execFileSync(process.execPath, ['--expose-gc', '-e', program], {
			cwd: require('node:path').dirname(require('node:path').dirname(__dirname)),
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
			timeout: 60_000,
		});
		assert.deepEqual(told.trim().split('\n'), ['1', 'forgotten']);
	});

	const warnsOfCollected = (name, of) => {
		const options = JSON.stringify({concurrency: 2, name});
		const program = `
			const pLimit = require('p-lanes');
			const {setImmediate: turn} = require('node:timers/promises');
			const limit = pLimit(${options});
			const warnings = [];
			process.on('warning', ({name, code, message}) => warnings.push([name, code, message]));
			const forget = async label => {
				await limit.acquire({label});
			};
			const forgetTry = label => {
				limit.tryAcquire({label});
			};
			(async () => {
				const kept = await limit.acquire({label: 'kept'});
				for (const forgetOne of [forget, forget, forgetTry]) {
					await forgetOne(forgetOne.name);
					for (let turns = 0; limit.activeCount > 1 && turns < 1000; turns++) {
						await turn();
						gc();
					}
				}
				kept.release();
				await turn();
				console.log(JSON.stringify([limit.activeCount, warnings]));
			})();`;
		const told = execFileSync(process.execPath, ['--expose-gc', '-e', program], {
			cwd: require('node:path').dirname(require('node:path').dirname(__dirname)),
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
			timeout: 60_000,
		});
		const message = label => `a slot${of} was collected that nobody had released: '${label}'. It is free again`;
		assert.deepEqual(JSON.parse(told), [
			0,
			['forget', 'forgetTry'].map(label => ['PLanesWarning', 'P_LANES_SLOT_COLLECTED', message(label)]),
		]);
	};

	test('is given back when it is collected, with a warning for each label', () => {
		warnsOfCollected(undefined, '');
	});

	test('is named by its limit', () => {
		pLimit({concurrency: 1, name: 'rooms'}); // not on WebAssembly
		warnsOfCollected('rooms', " of the limit 'rooms'");
	});
});

test('slots that are asked for with a signal that has aborted count as aborted', async () => {
	const limit = pLimit(1);
	const reason = new Error('no');
	const signal = AbortSignal.abort(reason);
	await assert.rejects(limit.acquire({signal}), reason);
	assert.throws(() => limit.offline.tryAcquire({signal}), reason);
	const {online, offline} = limit.stats();
	assert.deepEqual([online.aborted, offline.aborted], [1, 1]);
	idle(limit);
});

test('who waits for slots keeps its place while others are busy', async () => {
	const {limit, free} = busy();
	const {promise, resolve} = deferred();
	const waits = limit.acquire().then(async slot => {
		await promise;
		slot.release();
	});
	const behind = limit(() => 'behind');
	free();
	await turns();
	assert.equal(await outcomeOf(behind), 'pending');
	resolve();
	await waits;
	assert.equal(await behind, 'behind');
});
