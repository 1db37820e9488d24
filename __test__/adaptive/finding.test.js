'use strict';

// How the number is found, on a clock that is set by hand. That it is a good one is measured in Rust (`docs/how/adaptive.md`); here,
// that what calls come to arrives there, and what comes of it here.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {turns} = require('../flow/helpers.js');

const SERVICE = 10;

const sleep = duration =>
	new Promise(resolve => {
		setTimeout(resolve, duration);
	});

/** Serves so many at a time, each for so long; the others queue. */
const createServer = (places = Number.POSITIVE_INFINITY) => {
	const queue = [];
	let free = places;
	const server = async () => {
		server.most = Math.max(server.most, ++server.inside);
		if (free > 0) {
			free--;
		} else {
			await new Promise(resolve => queue.push(resolve));
		}

		await sleep(SERVICE);
		const next = queue.shift();
		if (next === undefined) {
			free++;
		} else {
			next();
		}

		server.inside--;
	};
	return Object.assign(server, {inside: 0, most: 0});
};

/** Lets time pass until a promise has settled. */
const passUntil = async promise => {
	let isSettled = false;
	const settled = () => {
		isSettled = true;
	};
	promise.then(settled, settled);
	while (!isSettled) {
		await turns(1);
		await clock.pass(SERVICE);
	}

	return promise;
};

const items = number => Array.from({length: number});

/** Calls that fail by overload at one moment: enough for one reduction. */
const overload = limit => limit.settle(items(20), () => Promise.reject({status: 429}));

describe('under a load that fills it', () => {
	for (const algorithm of ['latency', 'gradient', 'aimd']) {
		test(`it is raised where nothing queues, up to \`max\` (${algorithm})`, async () => {
			const limit = pLimit({concurrency: {initial: 4, max: 12, algorithm}});
			const server = createServer();
			await passUntil(limit.map(items(1500), server));
			const {adaptive, concurrency} = limit.stats();
			assert.ok(adaptive.raises > 0, adaptive.reason);
			assert.ok(adaptive.samples > 0);
			assert.ok(server.most > 4 && server.most <= 12, `${server.most}`);
			assert.equal(concurrency, limit.concurrency);
			assert.equal(Math.round(adaptive.recent), SERVICE);
			assert.equal(adaptive.baseline === 0, algorithm === 'aimd');
			assert.equal(adaptive.inFlight, 0);
		});
	}

	test('it comes down to what a server has places for, by latency alone', async () => {
		const limit = pLimit({concurrency: {initial: 48, max: 100}});
		await passUntil(limit.map(items(6000), createServer(8)));
		const {adaptive} = limit.stats();
		assert.ok(adaptive.reductions > 0);
		assert.ok(limit.concurrency < 48, `${limit.concurrency}`);
		assert.ok(adaptive.baseline < adaptive.recent * 1.01, `${adaptive.baseline} of ${adaptive.recent}`);
	});

	test('those that wait start as it is raised', async () => {
		const limit = pLimit({concurrency: {initial: 2, max: 40, algorithm: 'aimd'}});
		const server = createServer();
		const all = Promise.all(items(800).map(() => limit(server)));
		await passUntil(all);
		assert.ok(server.most > 2);
	});

	test('a stream feeds it as well', async () => {
		const limit = pLimit({concurrency: {initial: 2, max: 40, algorithm: 'aimd'}});
		const server = createServer();
		let results = 0;
		const read = (async () => {
			for await (const _ of limit.stream(items(800), server, {highWaterMark: 100})) {
				results++;
			}
		})();
		await passUntil(read);
		assert.equal(results, 800);
		assert.ok(limit.stats().adaptive.raises > 0);
		assert.ok(server.most > 2);
	});

	test('a batch in the offline lane alone fills it, too', async () => {
		const limit = pLimit({concurrency: {initial: 4, max: 12}});
		await passUntil(limit.offline.map(items(1500), createServer()));
		assert.ok(limit.stats().adaptive.raises > 0);
	});
});

describe('where it is not in use', () => {
	test('nothing changes, and nothing counts', async () => {
		const limit = pLimit({concurrency: {initial: 8}});
		for (let call = 0; call < 100; call++) {
			await passUntil(limit(sleep, SERVICE));
		}

		const {samples, raises, reductions} = limit.stats().adaptive;
		assert.deepEqual([samples, raises, reductions, limit.concurrency], [0, 0, 0, 8]);
	});

	test('nor by what takes no time that the clock can tell', async () => {
		const limit = pLimit({concurrency: {initial: 8}});
		await limit.map(items(2000), () => {});
		assert.deepEqual([limit.stats().adaptive.samples, limit.concurrency], [0, 8]);
	});

	test('nor by what fails for another reason', async () => {
		const limit = pLimit({concurrency: {initial: 8}});
		const failing = limit.settle(items(500), async () => {
			await sleep(SERVICE);
			throw new Error('no');
		});
		await passUntil(failing);
		assert.deepEqual([limit.stats().adaptive.samples, limit.concurrency], [0, 8]);
	});
});

describe('assigning `concurrency`', () => {
	test('fixes it, beyond the bounds as well', async () => {
		const limit = pLimit({concurrency: {initial: 4, max: 10}});
		limit.concurrency = 30;
		assert.equal(limit.concurrency, 30);
		assert.equal(limit.stats().adaptive.reason, 'fixed by hand');
		await overload(limit);
		await passUntil(limit.map(items(500), createServer(2)));
		assert.equal(limit.concurrency, 30);
		const {raises, reductions} = limit.stats().adaptive;
		assert.deepEqual([raises, reductions], [0, 0]);
	});

	test('starts what waits', async () => {
		const limit = pLimit({concurrency: {initial: 1}});
		const server = createServer();
		const all = limit.map(items(5), server);
		limit.concurrency = 5;
		await turns();
		assert.deepEqual([limit.activeCount, limit.pendingCount], [5, 0]);
		await passUntil(all);
	});

	test('does not where the number is refused', async () => {
		const limit = pLimit({concurrency: {initial: 4, min: 3}, reserve: 2});
		assert.throws(
			() => {
				limit.concurrency = 0;
			},
			{message: 'Expected `concurrency` to be a number from 1 and up'},
		);
		assert.throws(
			() => {
				limit.concurrency = {max: 3};
			},
			{message: 'Expected `concurrency` to be a number from 1 and up'},
		);
		assert.throws(
			() => {
				limit.concurrency = 2;
			},
			{code: 'ERR_INVALID_ARG', message: /`reserve` \(2\), got 2$/},
		);
		assert.equal(limit.concurrency, 4);
		assert.equal(limit.stats().adaptive.reason, 'initial');
		await overload(limit);
		assert.equal(limit.concurrency, 3);
	});
});

describe('the reserve of the offline lane', () => {
	/** How many of the offline lane may run at the present concurrency. */
	const offlineSlots = async limit => {
		const ends = [];
		const all = limit.offline.map(items(10), () => new Promise(resolve => ends.push(resolve)));
		await turns();
		const most = limit.offline.activeCount;
		for (let index = 0; index < 10; index++) {
			ends[index]();
			await turns();
		}

		await all;
		return most;
	};

	test('follows, as after a change by hand: one slot once online calls come, and none where there is only one', async () => {
		const limit = pLimit({concurrency: {initial: 2, max: 4}});
		assert.equal(await offlineSlots(limit), 2);
		await limit(() => {});
		assert.equal(await offlineSlots(limit), 1);
		await overload(limit);
		assert.equal(limit.concurrency, 1);
		assert.equal(await offlineSlots(limit), 1);
		limit.concurrency = 4;
		assert.equal(await offlineSlots(limit), 3);
	});

	test('stays where it is given', async () => {
		const limit = pLimit({concurrency: {min: 3, initial: 4, max: 4}, reserve: 2});
		assert.equal(await offlineSlots(limit), 2);
		await overload(limit);
		assert.equal(limit.concurrency, 3);
		assert.equal(await offlineSlots(limit), 1);
	});
});

describe('a heavy call', () => {
	test('is let in up to `max`, whatever the limit is at present, and runs alone where that is less', async () => {
		const limit = pLimit({concurrency: {initial: 2, max: 8}});
		const counts = () => [limit.activeCount, limit.stats().adaptive.inFlight];
		assert.deepEqual(await limit.with({weight: 8})(counts), [1, 2]);
		const all = [limit(() => sleep(SERVICE)), limit.with({weight: 8})(counts), limit(counts)];
		await passUntil(Promise.all(all));
		assert.deepEqual(await all[1], [1, 2]);
		assert.deepEqual(await limit.offline.with({weight: 7}).map([1], counts), [[1, 1]]);
		await overload(limit);
		assert.equal(limit.concurrency, 1);
		assert.deepEqual(await limit.with({weight: 8})(counts), [1, 1]);
	});

	test('above that is refused', () => {
		const limit = pLimit({concurrency: {initial: 2, max: 8}});
		for (const [lane, weight, most] of [
			['online', 9, 8],
			['offline', 9, 8],
		]) {
			assert.throws(() => limit.with({lane, weight}), {
				code: 'ERR_INVALID_ARG',
				message: `\`weight\` must be at most ${most}, the slots that the ${lane} lane may hold, got ${weight}`,
			});
		}
	});

	test('is measured by the number that was assigned, once one was', async () => {
		const limit = pLimit({concurrency: {initial: 2, max: 8}});
		limit.concurrency = 4;
		assert.throws(() => limit.with({weight: 5}), {message: /^`weight` must be at most 4,/});
		assert.equal(await limit.with({weight: 4})(() => limit.activeCount), 1);
	});
});

test('a rate beside it is no reason to change it', async () => {
	const limit = pLimit({concurrency: {initial: 4, max: 8}, rate: {limit: 100, interval: 1000}});
	const all = limit.map(items(20), createServer());
	let passes = 0;
	while (limit.pendingCount + limit.activeCount > 0) {
		await turns(1);
		await clock.pass(SERVICE);
		limit.resume();
		passes++;
	}

	await all;
	assert.ok(passes >= 20, 'as the rate is one for every pass');
	const {raises, reductions} = limit.stats().adaptive;
	assert.deepEqual([limit.concurrency, raises, reductions], [4, 0, 0]);
	assert.equal(limit.stats().rate.limit, 100);
});
