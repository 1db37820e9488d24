'use strict';

// The properties of a limit: which can be written, listed, extended.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {forEachPackage, noop} = require('./packages.js');
const {pLimit} = require('p-lanes');

forEachPackage(({pLimit}) => {
	describe('descriptors', () => {
		test('`length` is 1', () => {
			assert.equal(pLimit(1).length, 1);
		});

		test('counts and concurrency are accessors; clearQueue and map cannot be replaced', () => {
			const limit = pLimit(1);
			for (const name of ['activeCount', 'pendingCount', 'concurrency', 'clearQueue', 'map']) {
				const {enumerable, configurable, writable, get} = Object.getOwnPropertyDescriptor(limit, name);
				assert.deepEqual([enumerable, configurable], [false, false], name);
				if (name === 'clearQueue' || name === 'map') {
					assert.equal(writable, false, name);
				} else {
					assert.equal(typeof get, 'function', name);
				}
			}

			assert.deepEqual(Object.keys(limit), []);
			assert.throws(() => {
				limit.activeCount = 1;
			}, TypeError);
		});

		test('the function can be extended, but not constructed', () => {
			const limit = pLimit(1);
			assert.ok(Object.isExtensible(limit));
			limit.own = 1;
			assert.equal(limit.own, 1);
			assert.equal('prototype' in limit, false);
			assert.throws(() => new limit(noop), TypeError);
		});
	});
});

describe('behind a proxy, or what inherits from a limit', () => {
	for (const [name, wrap] of [
		['a proxy', limit => new Proxy(limit, {})],
		['an object', limit => Object.create(limit)],
	]) {
		test(`all methods work: ${name}`, async () => {
			const limit = wrap(pLimit(2));
			limit.concurrency = 3;
			assert.deepEqual([limit.activeCount, limit.pendingCount, limit.concurrency], [0, 0, 3]);
			assert.equal(await limit.with({priority: 1})(() => 'called'), 'called');
			assert.equal(await limit.offline(() => 'called'), 'called');
			assert.equal(await limit.run(() => 'called', {priority: 1}), 'called');
			assert.equal(await limit.once('key', () => 'called'), 'called');
			assert.deepEqual(await limit.map([1, 2], async number => -number), [-1, -2]);
			assert.equal((await limit.settle([1, 2], noop)).length, 2);
			assert.deepEqual(await limit.stream([1, 2], number => -number).next(), {done: false, value: -1});
			await limit.ready();
			await limit.onSizeLessThan(1);
			await limit.onEmpty();
			await limit.onIdle();
			limit.pause();
			assert.equal(limit.isPaused, true);
			limit.resume();
			assert.equal(limit.stats().concurrency, 3);
			await limit.drain();
		});
	}
});
