'use strict';

// `fair` and `share` of `pLimit.keyed`: the keys whose calls wait for the total take turns.

const {pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {flowNumberOf} = require('../../lib/limit/flows.js');
const {turn} = require('./board.js');

/** Runs calls that end in the next turn, one after the other, and returns their names in the order that they began. */
const orderOf = async (limits, calls) => {
	const began = [];
	const {total} = limits;
	total.pause();
	const all = calls.map(([key, name, call = limits(key)]) =>
		call(async () => {
			began.push(name ?? key);
			await turn();
		}),
	);
	await turn();
	total.resume();
	await Promise.all(all);
	return began;
};

const many = (number, key) => Array.from({length: number}, () => [key]);

const INFINITY = Number.POSITIVE_INFINITY;

describe('keyed, fair', () => {
	test('a key with three calls does not wait for one with a thousand', async () => {
		const limits = pLimit.keyed({concurrency: INFINITY, total: 1, fair: true});
		const began = await orderOf(limits, [...many(1000, 'large'), ...many(3, 'small')]);
		assert.equal(began.length, 1003);
		assert.deepEqual(began.slice(0, 7), ['large', 'small', 'large', 'small', 'large', 'small', 'large']);
	});

	test('without `fair` it does', async () => {
		const limits = pLimit.keyed({concurrency: INFINITY, total: 1});
		const began = await orderOf(limits, [...many(9, 'large'), ...many(3, 'small')]);
		assert.deepEqual(began, [...many(9, 'large'), ...many(3, 'small')].flat());
	});

	test('keys get parts by their share', async () => {
		const shares = {gold: 3, plain: 1};
		const asked = [];
		const share = key => {
			asked.push(key);
			return shares[key];
		};
		const limits = pLimit.keyed({concurrency: INFINITY, total: 1, fair: true, share});
		const began = await orderOf(limits, [...many(100, 'plain'), ...many(100, 'gold')]);
		const gold = began.slice(0, 80).filter(key => key === 'gold').length;
		assert.ok(gold >= 58 && gold <= 62, `${gold} of 80`);
		assert.deepEqual(asked, ['plain', 'gold'], 'once for each key');
	});

	test('a call counts by its weight, and with a rate by its cost', async () => {
		const rate = {limit: 1e9, interval: 1, burst: 1e9};
		for (const [total, options] of [
			[{concurrency: 4}, {weight: 4}],
			[{concurrency: 1, rate}, {cost: 4}],
		]) {
			const limits = pLimit.keyed({concurrency: INFINITY, total, fair: true});
			const heavy = limits('heavy').with(options);
			const calls = [...Array.from({length: 50}, () => ['heavy', 'heavy', heavy]), ...many(50, 'light')];
			const began = await orderOf(limits, calls);
			const light = began.slice(0, 25).filter(key => key === 'light').length;
			assert.ok(light >= 19 && light <= 21, `${light} of 25 with ${JSON.stringify(options)}`);
		}
	});

	test('of several quotas the one counts of which a call takes most', async () => {
		const quota = limit => ({limit, interval: 60_000, window: 'sliding'});
		// A request is worth 200 tokens.
		const rate = {requests: quota(600_000), tokens: quota(120_000_000)};
		const limits = pLimit.keyed({concurrency: INFINITY, total: {concurrency: 1, rate}, fair: true});
		const [long, short] = [
			limits('long').with({cost: {requests: 1, tokens: 1200}}),
			limits('short').with({cost: {requests: 2, tokens: 50}}),
		];
		const times = (number, key, lane) => Array.from({length: number}, () => [key, key, lane]);
		const began = await orderOf(limits, [...times(60, 'long', long), ...times(60, 'short', short)]);
		const first = began.slice(0, 60).filter(key => key === 'short').length;
		assert.ok(first >= 43 && first <= 47, `${first} of 60`);
	});

	test('a priority orders the calls of one key', async () => {
		const limits = pLimit.keyed({concurrency: INFINITY, total: 1, fair: true});
		const high = limits('a').with({priority: 9});
		const began = await orderOf(limits, [
			['a', 'a1'],
			['b', 'b1'],
			['a', 'a9', high],
			['b', 'b2'],
			['a', 'a2'],
		]);
		assert.deepEqual(began, ['a9', 'b1', 'a1', 'b2', 'a2']);
	});

	test('online calls of all keys come before offline ones, which take turns as well', async () => {
		const limits = pLimit.keyed({
			concurrency: INFINITY,
			total: {concurrency: 1, reserve: 0, offlineShare: 0},
			fair: true,
		});
		const offline = (key, name) => [key, name, limits(key).offline];
		const began = await orderOf(limits, [
			offline('a', 'a off 1'),
			offline('a', 'a off 2'),
			offline('b', 'b off'),
			['a', 'a1'],
			['a', 'a2'],
			['b', 'b1'],
		]);
		assert.deepEqual(began, ['a1', 'b1', 'a2', 'a off 1', 'b off', 'a off 2']);
	});

	test('maps, streams, calls with options and those of `run` take turns', async () => {
		const limits = pLimit.keyed({concurrency: INFINITY, total: 1, fair: true});
		const began = [];
		const work = key => async () => {
			began.push(key);
			await turn();
		};
		limits.total.pause();
		const all = [
			...Array.from({length: 9}, () => limits('large')(work('large'))),
			limits('map').map([1, 2], work('map')),
			limits('stream').stream([1], work('stream')).next(),
			limits('options').with({timeout: 1e6, retry: 1})(work('options')),
			limits('run').run(work('run')),
			limits('once').once('key', work('once')),
		];
		await turn();
		limits.total.resume();
		await Promise.all(all);
		const first = began.slice(0, 7);
		assert.deepEqual(first.sort(), ['large', 'large', 'map', 'once', 'options', 'run', 'stream'].sort());
	});

	test('calls that are cancelled or cleared leave the turns as they are', async () => {
		const limits = pLimit.keyed({concurrency: INFINITY, total: 1, fair: true});
		const controller = new AbortController();
		limits.total.pause();
		const gone = Array.from({length: 5}, () =>
			assert.rejects(
				limits('gone').with({signal: controller.signal})(() => assert.fail('it runs')),
				{name: 'AbortError'},
			),
		);
		await turn();
		controller.abort();
		await Promise.all(gone);
		const cleared = assert.rejects(
			limits('a')(() => assert.fail('it runs')),
			{name: 'AbortError'},
		);
		await turn();
		limits.total.clearQueue();
		await cleared;
		const began = await orderOf(limits, [...many(3, 'a'), ...many(3, 'b'), ...many(1, 'gone')]);
		assert.deepEqual(began, ['a', 'b', 'gone', 'a', 'b', 'a', 'b']);
	});

	test('with `nested: lend`, inner calls run in the slots of the total that are lent to them', async () => {
		const limits = pLimit.keyed({concurrency: 2, nested: 'lend', total: 1, fair: true});
		const inner = () => limits('b').map([1, 2, 3], x => x);
		const all = [limits('a')(inner), limits('a')(inner), limits('b')(() => 'b')];
		assert.deepEqual(await Promise.all(all), [[1, 2, 3], [1, 2, 3], 'b']);
	});

	test('an existing total is made fair for these keys; its own calls are one more key', async () => {
		const total = pLimit(1);
		const before = total(turn);
		const waits = total(turn);
		const limits = pLimit.keyed({concurrency: INFINITY, total, fair: true});
		assert.equal(limits.total, total);
		await Promise.all([before, waits]);
		const own = name => [name, name, total];
		const began = await orderOf(limits, [own('own'), own('own'), own('own'), ...many(2, 'a'), ...many(1, 'b')]);
		assert.deepEqual(began, ['own', 'a', 'b', 'own', 'a', 'own']);
	});

	test('keys are the same in two keyed limits of one total', async () => {
		const total = pLimit(1);
		const [one, other] = [1, 2].map(() => pLimit.keyed({concurrency: INFINITY, total, fair: true}));
		const began = await orderOf(one, [
			['a', 'a'],
			['a', 'a'],
			['a', 'a of the other', other('a')],
			['b', 'b'],
		]);
		assert.deepEqual(began, ['a', 'b', 'a', 'a of the other']);
	});

	test('equal keys have the same number in each thread, and other keys do not', () => {
		const keys = ['a', 'b', '', 'ab', 'ba', 1, '1', 1n, true, 'true', null, undefined, Number.NaN, -1, 0.5];
		const numbers = keys.map(key => flowNumberOf(key));
		assert.equal(new Set(numbers).size, keys.length);
		assert.deepEqual(
			keys.map(key => flowNumberOf(key)),
			numbers,
		);
		assert.equal(flowNumberOf(-0), flowNumberOf(0), 'as in a Map');
		assert.equal(flowNumberOf(Symbol.for('a')), flowNumberOf(Symbol.for('a')));
		const own = [{}, {}, Symbol('a'), Symbol('a'), () => {}].map(key => flowNumberOf(key));
		assert.equal(new Set(own).size, own.length);
		for (const number of [...numbers, ...own]) {
			assert.ok(Number.isSafeInteger(number) && number > 0, String(number));
		}

		const names = Array.from({length: 20_000}, (_, index) => flowNumberOf(`tenant-${index}`));
		assert.equal(new Set(names).size, names.length);
	});

	test('unusable options are refused', () => {
		for (const [options, message] of [
			[{fair: true}, '`fair` must be false or left out without a `total`, for which the keys take turns, got true'],
			[{fair: 1, total: 1}, '`fair` must be a boolean, got 1'],
			[{share: () => 1, total: 1}, /^`share` must be left out without `fair: true`, got /],
			[{share: 2, total: 1, fair: true}, '`share` must be a function, got 2'],
		]) {
			assert.throws(() => pLimit.keyed({concurrency: 1, ...options}), {code: 'ERR_INVALID_ARG', message});
		}

		for (const share of [0, -1, Number.NaN, INFINITY, 1e-7, '1']) {
			const limits = pLimit.keyed({concurrency: 1, total: 1, fair: true, share: () => share});
			const message = /^`share\(key\)` must be a number from 0.000001 to 1000000, got /;
			assert.throws(() => limits('a'), {code: 'ERR_INVALID_ARG', message});
			assert.equal(limits.size, 0);
		}

		const limits = pLimit.keyed({concurrency: 1, total: 1, fair: true, share: () => undefined});
		assert.equal(limits('a').concurrency, 1, 'not given is 1');
	});
});
