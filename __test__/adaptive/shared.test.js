'use strict';

// An adaptive limit that threads share by its name.

const assert = require('node:assert/strict');
const {once} = require('node:events');
const path = require('node:path');
const {describe, test} = require('node:test');
const {Worker} = require('node:worker_threads');
const pLimit = require('p-lanes');

const index = JSON.stringify(path.join(__dirname, '..', '..'));

/** What a limit is in a worker after a call there has failed with an error. */
const failInWorker = async (options, error) => {
	const worker = new Worker(
		`const limit = require(${index})(${options});
		limit(() => Promise.reject(${error})).catch(() => {
			require('node:worker_threads').parentPort.postMessage(limit.concurrency);
		});`,
		{eval: true},
	);
	const [concurrency] = await once(worker, 'message');
	return concurrency;
};

describe('by name', () => {
	test('it goes by the errors of all threads, also of those that only joined', async () => {
		const limit = pLimit({name: 'adaptive: all threads', concurrency: {initial: 20}});
		assert.equal(await failInWorker("{name: 'adaptive: all threads'}", '{status: 500}'), 20);
		assert.equal(await failInWorker("{name: 'adaptive: all threads'}", '{status: 429}'), 18);
		assert.deepEqual([limit.concurrency, limit.stats().adaptive.reason], [18, 'overload']);
	});

	test('each thread asks its own `isOverload`, the last that was given', async () => {
		const name = 'adaptive: isOverload';
		const limit = pLimit({name, concurrency: {initial: 20, isOverload: () => false}});
		pLimit({name});
		await assert.rejects(limit(() => Promise.reject({status: 429})));
		assert.equal(limit.concurrency, 20);
		pLimit({name, concurrency: {initial: 20, isOverload: error => error === 'busy'}});
		await assert.rejects(limit(() => Promise.reject('busy')));
		assert.equal(limit.concurrency, 18);
	});

	test('a number set in one thread fixes it in all', async () => {
		const limit = pLimit({name: 'adaptive: fixed', concurrency: {initial: 20}});
		limit.concurrency = 7;
		assert.equal(await failInWorker("{name: 'adaptive: fixed'}", '{status: 429}'), 7);
		assert.equal(limit.stats().adaptive.reason, 'fixed by hand');
	});

	for (const [what, concurrency, message] of [
		[
			'other bounds',
			{initial: 20, max: 30},
			/^`concurrency` of the limit 'adaptive: joined' is adaptive .*, got adaptive/,
		],
		['a fixed number', 7, /^`concurrency` of the limit 'adaptive: joined' is 20, got 7$/],
	]) {
		test(`is not joined with ${what}`, () => {
			const limit = pLimit({name: 'adaptive: joined', concurrency: {initial: 20}});
			assert.throws(() => pLimit({name: 'adaptive: joined', concurrency}), {code: 'ERR_INVALID_ARG', message});
			assert.equal(pLimit({name: 'adaptive: joined', concurrency: 20}).concurrency, limit.concurrency);
		});
	}
});
