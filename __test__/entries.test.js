'use strict';

// What `require` and `import` give.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');

describe('entries', () => {
	test('require gives the function itself, with the rest as its properties', () => {
		const pLimit = require('p-lanes');
		assert.equal(typeof pLimit, 'function');
		assert.equal(pLimit.default, pLimit);
		assert.equal(pLimit.pLimit, pLimit);
		assert.equal(typeof pLimit.limitFunction, 'function');
		assert.equal(pLimit.__esModule, true);
		assert.equal(Object.keys(pLimit).includes('__esModule'), false);
	});

	test('import gives the same as default and by name', async () => {
		const cjs = require('p-lanes');
		const esm = await import('p-lanes');
		assert.equal(esm.default, cjs);
		const names = [
			'DeadlockError',
			'InvalidArgError',
			'ItemsFailedError',
			'LimitClosedError',
			'NoBinaryError',
			'NotCloneableError',
			'Pool',
			'PoolClosedError',
			'DroppedError',
			'QueueFullError',
			'QueueTimeoutError',
			'RetryAfterError',
			'TaskTimeoutError',
			'WorkerCrashedError',
			'bucketBounds',
			'compress',
			'configure',
			'decompress',
			'hash',
			'intervalBetween',
			'isFulfilled',
			'isRejected',
			'isWorkerThread',
			'limitFunction',
			'move',
			'pLimit',
			'retryAfter',
			'skip',
			'workerData',
		];
		assert.deepEqual(Object.keys(esm).sort(), [...names, 'default'].sort());
		for (const name of names) {
			assert.equal(esm[name], cjs[name], name);
		}
	});
});
