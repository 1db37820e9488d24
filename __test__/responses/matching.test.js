'use strict';

// Which quota of a limit a server speaks of.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {tightestOf} = require('../../lib/responses/matching.js');

const MINUTE = 60_000;
const DAY = 86_400_000;

/** The remaining by quota. */
const learned = (readings, intervals, names = {}) => {
	const quotas = Object.entries(intervals).map(([name, interval]) => ({
		name: name === '' ? undefined : name,
		interval,
	}));
	return Object.fromEntries(
		tightestOf(readings, quotas, names).map(([quota, {remaining}]) => [quota.name ?? '', remaining]),
	);
};

const requests = {name: 'requests', unit: 'requests', remaining: 1};
const tokens = {name: 'tokens', unit: 'tokens', remaining: 2};
const input = {name: 'input-tokens', unit: 'input-tokens', remaining: 3};
const anonymous = {unit: 'requests', remaining: 4};
const perMinute = {name: 'permin', unit: 'requests', window: MINUTE, remaining: 5};
const perDay = {name: 'perday', unit: 'requests', window: DAY, remaining: 6};
const bytes = {name: 'peruser', unit: 'content-bytes', remaining: 7};

describe('the quota that a reading is about', () => {
	for (const [name, readings, intervals, expected, names] of [
		['by the name', [requests, tokens], {requests: MINUTE, tokens: MINUTE}, {requests: 1, tokens: 2}],
		['by the name in another style', [input], {inputTokens: MINUTE}, {inputTokens: 3}],
		['by the name with underscores', [input], {input_tokens: MINUTE}, {input_tokens: 3}],
		['by the name of a policy', [perDay], {requests: MINUTE, perday: DAY}, {perday: 6}],
		['by the unit', [anonymous, bytes], {requests: MINUTE, 'content-bytes': MINUTE}, {requests: 4, 'content-bytes': 7}],
		['by the window', [perMinute, perDay], {short: MINUTE, long: DAY}, {short: 5, long: 6}],
		['by the window before the unit', [perDay], {requests: MINUTE, long: DAY}, {long: 6}],
		[
			"by the unit if the window is not only one quota's",
			[perMinute],
			{requests: MINUTE, tokens: MINUTE, other: MINUTE},
			{requests: 5},
		],
		['not by the window if the quota is of another unit', [perMinute], {tokens: MINUTE}, {}],
		['by the unit if no window is the same', [perDay], {requests: MINUTE}, {requests: 6}],
		['a rate without a name is one of requests', [requests, tokens, bytes], {'': MINUTE}, {'': 1}],
		['a rate without a name, and a policy of any window', [perDay], {'': MINUTE}, {'': 6}],
		['none', [tokens, anonymous], {'input-tokens': MINUTE}, {}],
		['as the caller says', [tokens, bytes], {'': MINUTE, x: MINUTE}, {x: 7}, {peruser: 'x'}],
		['as the caller says, by unit', [bytes], {x: MINUTE}, {x: 7}, {'content-bytes': 'x'}],
		['none, as the caller says', [requests], {requests: MINUTE}, {}, {requests: null}],
		['the least of several', [perMinute, perDay, {...anonymous, remaining: 9}], {requests: 1}, {requests: 5}],
		['a number before none', [{...requests, remaining: undefined}, anonymous], {requests: 1}, {requests: 4}],
	]) {
		test(name, () => {
			assert.deepEqual(learned(readings, intervals, names), expected);
		});
	}

	test('of two that leave the same, that which lasts longer counts', () => {
		const both = [
			{...anonymous, resetsIn: 5},
			{...requests, remaining: 4, resetsIn: 9},
		];
		for (const readings of [both, both.toReversed?.() ?? [...both].reverse()]) {
			const [[, {resetsIn}]] = tightestOf(readings, [{interval: 1}], {});
			assert.equal(resetsIn, 9);
		}
	});
});
