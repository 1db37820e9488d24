'use strict';

// The properties of a limit: which can be written, listed, extended.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {forEachPackage, noop} = require('./packages.js');

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
