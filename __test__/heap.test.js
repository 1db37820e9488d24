'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Heap} = require('../lib/common/heap.js');

/** Numbers without an order, the same in each run. */
const scattered = length => Array.from({length}, (_, index) => (index * 7919) % 1009);

const drain = heap => {
	const items = [];
	for (let item = heap.shift(); item !== undefined; item = heap.shift()) {
		items.push(item);
	}

	return items;
};

describe('a heap', () => {
	test('gives its items in order, also while others are added', () => {
		const heap = new Heap((a, b) => a < b);
		assert.equal(heap.first, undefined);
		assert.equal(heap.shift(), undefined);
		for (const length of [1, 2, 3, 10, 1000]) {
			const numbers = scattered(length);
			for (const number of numbers) {
				heap.push(number);
			}

			assert.equal(heap.first, Math.min(...numbers));
			assert.deepEqual(
				drain(heap),
				numbers.sort((a, b) => a - b),
			);
		}

		for (const number of [5, 3, 8]) {
			heap.push(number);
		}

		assert.equal(heap.shift(), 3);
		heap.push(1);
		heap.push(6);
		assert.deepEqual(drain(heap), [1, 5, 6, 8]);
	});

	test('compares an item with few others', () => {
		let compared = 0;
		const heap = new Heap((a, b) => {
			compared++;
			return a < b;
		});
		for (const number of scattered(1024)) {
			heap.push(number);
		}

		drain(heap);
		assert.ok(compared < 1024 * 3 * 10, `${compared} comparisons`);
	});
});
