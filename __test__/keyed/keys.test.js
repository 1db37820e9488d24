'use strict';

// `pLimit.keyed`: a limit for each key, how long it stays, and which options are refused.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {board, turn} = require('./board.js');

describe('keyed', () => {
	test('each key has one limit; keys are equal as in a Map', () => {
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

	test('an idle limit is dropped after a while, and made again when its key is used', async () => {
		const before = clock.timers; // of limits that may be collected meanwhile
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: 1000});
		const {task, end} = board();
		const busy = limits('busy')(task('busy'));
		limits('idle').concurrency = 5;
		await turn();
		assert.equal(limits.size, 2);
		await clock.pass(1000);
		assert.equal(limits.size, 2, 'both were asked for meanwhile');
		assert.deepEqual(
			[...limits.entries()].map(([key, {concurrency}]) => [key, concurrency]),
			[
				['busy', 1],
				['idle', 5],
			],
		);
		await clock.pass(1000);
		assert.equal(limits.size, 1, 'to be listed is no use');
		assert.deepEqual([...limits.entries()], [['busy', limits('busy')]]);
		end('busy');
		await busy;
		await clock.pass(2000);
		assert.equal(limits.size, 0);
		assert.deepEqual(
			[...clock.timers].filter(timer => !before.has(timer)),
			[],
			'nobody looks for nothing',
		);
	});

	test('no limit is dropped if `idleTimeout` is Infinity', async () => {
		const before = clock.timers; // of limits that may be collected meanwhile
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: Number.POSITIVE_INFINITY});
		await limits('a')(() => {});
		assert.deepEqual(
			[...clock.timers].filter(timer => !before.has(timer)),
			[],
			'nobody looks',
		);
		await clock.pass(2 ** 33);
		assert.equal(limits.size, 1);
	});

	test('a caller that still has a dropped limit gets the same limit again', async () => {
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: 1000});
		const kept = limits('a');
		await clock.pass(2000);
		assert.equal(limits.size, 0);
		assert.equal(limits('a'), kept);
		assert.equal(limits.size, 1);
	});

	test('a limit whose rate has not recovered, or that is paused, is not dropped', async () => {
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

	test('unusable options are refused at once', () => {
		assert.throws(() => pLimit.keyed(), /^TypeError: Expected `concurrency`/);
		for (const [options, message] of [
			[{concurrency: 1, name: 'a'}, /^`name` must be left out/],
			[{concurrency: 1, idleTimeout: 0}, /^`idleTimeout` must be a number of milliseconds from 1 /],
			[{concurrency: 1, rate: {limit: 0, interval: 1}}, /^`rate.limit` must be a whole number from 1/],
			[1, /^`options` must be an object/],
			[
				{concurrency: 1, total: {concurrency: 2, reserve: 2}},
				/^`total.reserve` .* below `total.concurrency` \(2\), 'auto' or \{wait\}, got 2$/,
			],
			[{concurrency: 1, total: () => {}}, /^`total` must be .* or a limit of this package, got /],
			[{concurrency: 1, total: {concurrency: 2, rate: 5}}, '`total.rate` must be an object, got 5'],
			[{concurrency: 1, total: {concurrency: 2, name: 1}}, '`total.name` must be a string, got 1'],
			[
				{concurrency: 1, total: {concurrency: 2, overflow: '`odd`, got `it`'}},
				"`total.overflow` must be 'reject' or 'wait' or 'drop-oldest' or 'drop-lowest', got '`odd`, got `it`'",
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
