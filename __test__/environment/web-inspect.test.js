'use strict';

// What messages show of values where there is no Node (`lib/web/node/util.js`).

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {inspect} = require('node:util');
const web = require('../../lib/web/node/util.js');

describe('a value in a message', () => {
	test('is shown as in Node', () => {
		for (const value of [
			-0,
			1n,
			"it's",
			[1, {a: 1}, [2]],
			{a: 1},
			Object.create(null),
			new Date(0),
			/x/g,
			Symbol('a'),
		]) {
			assert.equal(web.inspect(value), inspect(value, {depth: 0, breakLength: Number.POSITIVE_INFINITY}));
		}
	});

	test('runs no getter', () => {
		const value = {
			get a() {
				throw new Error('of the user');
			},
			set b(_) {},
		};
		assert.equal(web.inspect(value), inspect(value));
	});

	test('is not shown to its end if it is long', () => {
		const numbers = Array.from({length: 1000}, (_, index) => index);
		assert.match(web.inspect(numbers), /^\[ 0, 1, .*, 99, \.\.\. 900 more items \]$/);
		assert.match(web.inspect({...numbers}), /, '99': 99, \.\.\. 900 more items }$/);
	});
});
