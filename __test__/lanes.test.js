'use strict';

// The two lanes of a limit: who is granted first, what stays in reserve, what each counts and clears.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const pLimit = require('p-lanes');

/** Fills a limit's slots; gives functions that free one slot each. */
const fill = (lane, slots) => {
	const release = [];
	for (let slot = 0; slot < slots; slot++) {
		lane(
			() =>
				new Promise(resolve => {
					release.push(resolve);
				}),
		);
	}

	return release;
};

describe('lanes', () => {
	test('`limit(...)` is the online lane', async () => {
		const limit = pLimit(2);
		const running = [limit(() => turn()), limit.online(() => turn()), limit.offline(() => turn())];
		assert.deepEqual([limit.online.activeCount, limit.offline.activeCount, limit.offline.pendingCount], [2, 0, 1]);
		await Promise.all(running);
	});

	test('are other lanes than that of the limit, whatever it was used for before', async () => {
		const limit = pLimit(2);
		const uses = [
			lane => lane.settle([1], async () => {}),
			lane => lane.once('key', async () => {}),
			lane => lane.map([1], async () => {}),
			async lane => (await lane.acquire()).release(),
			async lane => lane.tryAcquire().release(),
		];
		for (const use of uses) {
			await use(limit);
		}

		for (const use of uses) {
			await use(limit.offline);
		}

		assert.deepEqual([limit.stats().online.granted, limit.stats().offline.granted], [uses.length, uses.length]);
	});

	test('are the same objects each time, and stay', () => {
		const limit = pLimit(2);
		assert.equal(limit.offline, limit.offline);
		assert.equal(limit.online, limit.online);
		assert.notEqual(limit.online, limit.offline);
		assert.throws(() => {
			limit.offline = limit.online;
		}, TypeError);
		assert.deepEqual(Object.keys(limit), []);
	});

	test('online is granted before offline, in the order of the calls inside each', async () => {
		const limit = pLimit({concurrency: 1, offlineShare: 0});
		const order = [];
		const [release] = await started(fill(limit, 1));
		const done = [
			limit.offline(() => order.push('offline 0')),
			limit.offline(() => order.push('offline 1')),
			limit(() => order.push('online 0')),
			limit.online(() => order.push('online 1')),
		];
		release();
		await Promise.all(done);
		assert.deepEqual(order, ['online 0', 'online 1', 'offline 0', 'offline 1']);
	});

	test('an offline map lets online calls through between its items', async () => {
		const limit = pLimit(1);
		const order = [];
		const mapped = limit.offline.map([0, 1, 2], async item => {
			order.push(item);
			if (item === 0) {
				limit(() => order.push('online'));
			}
		});
		await mapped;
		assert.deepEqual(order, [0, 'online', 1, 2]);
	});

	test('offline never takes the reserve: none before online calls come, unless told otherwise', async () => {
		for (const [options, expected] of [
			[4, 4],
			[1, 1],
			[{concurrency: 4, reserve: 3}, 1],
			[{concurrency: 4, reserve: 0}, 4],
			[{concurrency: 4, reserve: undefined}, 4],
			[{concurrency: 4, reserve: 'auto'}, 4],
			[{concurrency: 4, reserve: {wait: 1}}, 4],
			[Number.POSITIVE_INFINITY, 10],
		]) {
			const limit = pLimit(options);
			fill(limit.offline, 10);
			assert.equal(limit.offline.activeCount, expected);
		}
	});

	test('an online call starts at once beside a full offline lane, if one has come before', async () => {
		for (const options of [{concurrency: 4}, {concurrency: 4, reserve: {wait: 5}}, {concurrency: 4, reserve: 1}]) {
			const limit = pLimit(options);
			await limit(() => {});
			fill(limit.offline, 100);
			assert.equal(await limit(() => 'at once'), 'at once');
			assert.equal(limit.offline.pendingCount, 97);
		}
	});

	test('the first online call waits for a slot, and the next ones do not', async () => {
		const limit = pLimit(2);
		const [release] = await started(fill(limit.offline, 100));
		const first = limit(() => 'first');
		await turn();
		assert.equal(limit.online.pendingCount, 1);
		release();
		assert.equal(await first, 'first');
		assert.deepEqual([limit.offline.activeCount, limit.stats().reserve.slots], [1, 1]);
		assert.equal(await limit(() => 'second'), 'second');
	});

	test('an offline map never takes the reserve either', async () => {
		const limit = pLimit({concurrency: 3, reserve: 1});
		let running = 0;
		let most = 0;
		await limit.offline.map(Array.from({length: 30}), async () => {
			running++;
			most = Math.max(most, running);
			await turn();
			running--;
		});
		assert.equal(most, 2);
	});

	test('online may take every slot', () => {
		const limit = pLimit({concurrency: 4, reserve: 2});
		fill(limit, 10);
		assert.equal(limit.online.activeCount, 4);
	});

	test('waiting offline calls get their share of the starts', async () => {
		for (const [offlineShare, every] of [
			[undefined, 16],
			[0.25, 4],
			[0.5, 2],
		]) {
			const limit = pLimit({concurrency: 1, offlineShare});
			const order = [];
			const [release] = await started(fill(limit, 1));
			const done = [
				...Array.from({length: 3}, () => limit.offline(() => order.push('offline'))),
				...Array.from({length: 64}, () => limit(() => order.push('online'))),
			];
			release();
			await Promise.all(done);
			const places = order.flatMap((lane, place) => (lane === 'offline' ? [place + 1] : []));
			assert.deepEqual(places, [every, 2 * every, 3 * every]);
		}
	});

	test('a share of 0 is strict priority', async () => {
		const limit = pLimit({concurrency: 1, offlineShare: 0});
		const order = [];
		const [release] = await started(fill(limit, 1));
		const done = [
			limit.offline(() => order.push('offline')),
			...Array.from({length: 100}, () => limit(() => order.push('online'))),
		];
		release();
		await Promise.all(done);
		assert.equal(order.indexOf('offline'), 100);
	});

	test('counts are of the lane, on the limit of both', () => {
		const limit = pLimit({concurrency: 3, reserve: 1});
		fill(limit.offline, 4);
		fill(limit, 2);
		assert.deepEqual([limit.offline.activeCount, limit.offline.pendingCount], [2, 2]);
		assert.deepEqual([limit.online.activeCount, limit.online.pendingCount], [1, 1]);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [3, 3]);
	});

	test('clearQueue clears its lane, on the limit both, with one error', async () => {
		const make = () => {
			const limit = pLimit({concurrency: 1, rejectOnClear: true});
			fill(limit, 1);
			return {limit, online: limit(() => 'online'), offline: limit.offline.map([1, 2], () => 'offline')};
		};

		const one = make();
		one.limit.offline.clearQueue();
		await assert.rejects(one.offline, {name: 'AbortError'});
		assert.deepEqual([one.limit.online.pendingCount, one.limit.offline.pendingCount], [1, 0]);
		one.limit.online.clearQueue();
		await assert.rejects(one.online, {name: 'AbortError'});

		const both = make();
		both.limit.clearQueue();
		const [online, offline] = await Promise.allSettled([both.online, both.offline]);
		assert.equal(online.reason.name, 'AbortError');
		assert.equal(online.reason, offline.reason);
		assert.equal(both.limit.pendingCount, 0);
	});

	test('concurrency is that of the whole limit, from wherever it is set', async () => {
		const limit = pLimit(1);
		const release = fill(limit.offline, 4);
		limit.offline.concurrency = 3;
		assert.deepEqual([limit.concurrency, limit.online.concurrency], [3, 3]);
		await turn();
		assert.equal(limit.offline.activeCount, 3);
		limit.concurrency = 1;
		assert.equal(limit.offline.concurrency, 1);
		for (const one of release) {
			one();
		}

		await turn();
		assert.equal(limit.offline.activeCount, 1);
	});

	test('a lane works detached and where a p-limit is expected', async () => {
		const {offline} = pLimit(2);
		const useLimit = async limit => [await limit(x => x, 1), await limit.map([1, 2], x => x), limit.concurrency];
		assert.deepEqual(await useLimit(offline), [1, [1, 2], 2]);
	});

	test('who never names the offline lane gets every slot', () => {
		const limit = pLimit({concurrency: 5, reserve: 4});
		fill(limit, 5);
		assert.equal(limit.activeCount, 5);
	});
});

const started = async release => {
	await turn();
	return release;
};
