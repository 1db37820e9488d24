'use strict';

// Which options are refused, and with which error.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {forEachPackage} = require('./packages.js');

forEachPackage(({pLimit}) => {
	describe('options', () => {
		const allowed = [1, 2, 1000, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY];
		const refused = ['2', Number.NaN, 1.5, 0, -1, new Number(2), undefined, Number.NEGATIVE_INFINITY, true, [2]];
		const refusal = {name: 'TypeError', message: 'Expected `concurrency` to be a number from 1 and up'};

		test('`concurrency` may be a whole number from 1, or Infinity', () => {
			for (const concurrency of allowed) {
				assert.equal(pLimit(concurrency).concurrency, concurrency);
				assert.equal(pLimit({concurrency}).concurrency, concurrency);
				const limit = pLimit(1);
				limit.concurrency = concurrency;
				assert.equal(limit.concurrency, concurrency);
			}
		});

		test('`concurrency` may be nothing else', () => {
			for (const concurrency of refused) {
				if (typeof concurrency !== 'object') {
					assert.throws(() => pLimit(concurrency), refusal);
				}

				assert.throws(() => pLimit({concurrency}), refusal);
				const limit = pLimit(5);
				assert.throws(() => {
					limit.concurrency = concurrency;
				}, refusal);
				assert.equal(limit.concurrency, 5);
			}

			assert.throws(() => pLimit({}), refusal);
			assert.throws(() => pLimit(null), TypeError);
			assert.throws(() => pLimit(new Number(2)), TypeError);
		});

		test('`rejectOnClear` must be a boolean', () => {
			for (const rejectOnClear of ['true', 1, null]) {
				assert.throws(() => pLimit({concurrency: 1, rejectOnClear}), {
					name: 'TypeError',
					message: 'Expected `rejectOnClear` to be a boolean',
				});
			}

			pLimit({concurrency: 1, rejectOnClear: undefined});
		});
	});
});
