'use strict';

// `with` refuses a weight that no call of that lane could ever get: by what the lane may hold now, or at the `max` of
// an adaptive concurrency. A call that runs inside another one gets its slot, whatever its weight.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');

const HEAVIEST = 2 ** 31 - 1;
const rate = {limit: 1, interval: 1, burst: 100};

const refused = (with_, lane, most, given, prefix = '') => {
	assert.throws(with_, {
		name: 'InvalidArgError',
		code: 'ERR_INVALID_ARG',
		message: `${prefix}\`weight\` must be at most ${most}, the slots that the ${lane} lane may hold, got ${given}`,
	});
};

describe('the heaviest calls that `with` takes', () => {
	for (const [title, options, online, offline, prefix] of [
		['of a limit of one', 1, 1, 1],
		['of a number', 4, 4, 4],
		['with a reserve', {concurrency: 9, reserve: 5}, 9, 4],
		['without a reserve', {concurrency: 4, reserve: 0}, 4, 4],
		['with a reserve that is found', {concurrency: 4, reserve: {wait: 5}}, 4, 4],
		['of an adaptive limit', {concurrency: {initial: 2, max: 8}}, 8, 8],
		['of an adaptive limit with a reserve', {concurrency: {min: 3, initial: 3, max: 8}, reserve: 2}, 8, 6],
		['of an adaptive limit without a max', {concurrency: {initial: 2}}, 200, 200],
		['with a rate', {concurrency: 4, rate}, 4, 4],
		['with a name', {concurrency: 4, name: 'weights'}, 4, 4, "limit 'weights': "],
		['with `nested: detect`', {concurrency: 4, nested: 'detect'}, 4, 4],
		['with a full queue', {concurrency: 4, maxQueue: 0}, 4, 4],
	]) {
		test(title, async () => {
			const limit = pLimit(options);
			for (const [lane, most] of [
				['online', online],
				['offline', offline],
			]) {
				assert.equal(await limit.with({lane, weight: most})(() => 'ran'), 'ran');
				assert.equal(await limit[lane].with({weight: most})(() => 'ran'), 'ran');
				for (const weight of [most + 1, HEAVIEST]) {
					refused(() => limit.with({lane, weight}), lane, most, weight, prefix);
					refused(() => limit[lane].with({weight}), lane, most, weight, prefix);
				}
			}

			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		});
	}

	test('of an infinite concurrency: any', async () => {
		const limit = pLimit(Number.POSITIVE_INFINITY);
		assert.equal(await limit.with({weight: HEAVIEST})(() => 'ran'), 'ran');
		assert.equal(await limit.offline.with({weight: HEAVIEST})(() => 'ran'), 'ran');
	});

	test('of a limit that is joined, with the options of the first', () => {
		const first = pLimit({concurrency: 6, reserve: 4, name: 'joined weights'});
		const joined = pLimit({name: 'joined weights'});
		joined.with({weight: 6});
		refused(() => joined.offline.with({weight: 3}), 'offline', 2, 3, "limit 'joined weights': ");
		first.concurrency = 5;
		refused(() => joined.with({weight: 6}), 'online', 5, 6, "limit 'joined weights': ");
	});

	test('of an adaptive limit whose concurrency was fixed by hand', () => {
		const limit = pLimit({concurrency: {max: 8}});
		limit.concurrency = 4;
		refused(() => limit.with({weight: 5}), 'online', 4, 5);
	});

	test('by the key and by the total', async () => {
		const limits = pLimit.keyed({concurrency: 5, total: 3});
		const lane = limits('a');
		refused(() => lane.with({weight: 6}), 'online', 5, 6);
		refused(() => lane.with({weight: 4}), 'online', 3, 4, 'total: ');
		refused(() => lane.offline.with({weight: 4}), 'offline', 3, 4, 'total: ');
		assert.equal(await lane.with({weight: 3})(() => 'ran'), 'ran');
	});
});

describe('the weight is looked at', () => {
	test('when the lane is changed, too', () => {
		const heavy = pLimit({concurrency: 4, reserve: 1}).with({weight: 4});
		refused(() => heavy.with({lane: 'offline'}), 'offline', 3, 4);
		heavy.with({lane: 'offline', weight: 3});
	});

	test('as the concurrency is then', async () => {
		const limit = pLimit(2);
		refused(() => limit.with({weight: 4}), 'online', 2, 4);
		limit.concurrency = 4;
		const heavy = limit.with({weight: 4});
		assert.equal(await heavy(() => 'ran'), 'ran');
		limit.concurrency = 2;
		await assert.rejects(heavy(assert.fail), {code: 'ERR_INVALID_ARG'});
		heavy.with({priority: 1}); // no weight is given here, and the concurrency may be raised again
		limit.concurrency = 4;
		assert.equal(await heavy(() => 'ran'), 'ran');
	});

	test('after all else, and nothing has changed then', () => {
		const limit = pLimit(1);
		assert.throws(() => limit.with({weight: 9, lane: 'fast'}), {message: /^`lane`/});
		assert.throws(() => limit.with({weight: 9, wieght: 9}), {message: /did you mean `weight`/});
		assert.throws(() => limit.with({weight: 9, signal: 1}), {message: /^`signal`/});
	});

	test('of a drained limit, too', async () => {
		const limit = pLimit(1);
		await limit.drain();
		refused(() => limit.with({weight: 2}), 'online', 1, 2);
	});
});

describe("with `nested: 'lend'`", () => {
	test('a call inside of another one may weigh more than it, but not more than the limit holds', async () => {
		const limit = pLimit({concurrency: 2, nested: 'lend'});
		const heavy = limit.with({weight: 2});
		const ran = await Promise.all([1, 2].map(() => limit(() => heavy(() => 'ran'))));
		assert.deepEqual(ran, ['ran', 'ran']);
		refused(() => limit.with({weight: 3}), 'online', 2, 3);
	});
});
