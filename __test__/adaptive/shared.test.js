'use strict';

// An adaptive limit that threads share by its name.

const assert = require('node:assert/strict');
const {once} = require('node:events');
const path = require('node:path');
const {describe, test} = require('node:test');
const {Worker} = require('node:worker_threads');
const pLimit = require('p-lanes');

const index = JSON.stringify(path.join(__dirname, '..', '..'));

/** How many overloads a limit has heard of. */
const heard = limit => limit.stats().adaptive.overloads;

/** How many overloads a limit has heard of when a call has failed with an error in a worker. */
const failInWorker = async (options, error) => {
	const worker = new Worker(
		`const limit = require(${index})(${options});
		limit(() => Promise.reject(${error})).catch(() => {
			require('node:worker_threads').parentPort.postMessage(limit.stats().adaptive.overloads);
		});`,
		{eval: true},
	);
	const [overloads] = await once(worker, 'message');
	return overloads;
};

describe('by name', () => {
	test('it goes by the errors of all threads, also of those that only joined', async () => {
		const limit = pLimit({name: 'adaptive: all threads', concurrency: {initial: 20}});
		assert.equal(await failInWorker("{name: 'adaptive: all threads'}", '{status: 500}'), 0);
		assert.equal(await failInWorker("{name: 'adaptive: all threads'}", '{status: 429}'), 1);
		assert.equal(heard(limit), 1);
	});

	test('each thread asks its own `isOverload`, the last that was given', async () => {
		const name = 'adaptive: isOverload';
		const limit = pLimit({name, concurrency: {initial: 20, isOverload: () => false}});
		pLimit({name});
		await assert.rejects(limit(() => Promise.reject({status: 429})));
		assert.equal(heard(limit), 0);
		pLimit({name, concurrency: {initial: 20, isOverload: error => error === 'busy'}});
		await assert.rejects(limit(() => Promise.reject('busy')));
		assert.equal(heard(limit), 1);
	});

	const busy = error => error === 'busy';
	const never = () => false;
	for (const [what, joins] of [
		['with the limit', [{initial: 20, isOverload: busy}, undefined]],
		['by who joins', [{initial: 20}, {initial: 20, isOverload: busy}]],
		['behind one who gave none', [{initial: 20}, undefined, {isOverload: busy}]],
		['in place of another one', [{min: 2, isOverload: never}, {min: 2}, {isOverload: busy}]],
		['before one who gives other options alone', [{isOverload: busy}, {max: 200}, 20, undefined]],
		['with other options that are so', [{isOverload: never}, {algorithm: 'latency', isOverload: busy}]],
	]) {
		test(`\`isOverload\` may be given ${what}, and is that of all limits of the thread`, async () => {
			const name = `adaptive: isOverload ${what}`;
			const limits = joins.map(concurrency => pLimit({name, concurrency}));
			for (const limit of limits) {
				await assert.rejects(limit(() => Promise.reject('another')));
			}

			assert.equal(heard(limits[0]), 0);
			await assert.rejects(limits[0](() => Promise.reject('busy')));
			assert.equal(heard(limits[0]), 1);
		});
	}

	test('a thread that joins what another one made with bounds may give `isOverload` alone', async () => {
		const limit = pLimit({name: 'adaptive: bounds', concurrency: {min: 2, max: 50, initial: 20}});
		const joined = "{name: 'adaptive: bounds', concurrency: {isOverload: error => error === 'busy'}}";
		assert.equal(await failInWorker(joined, '{status: 429}'), 0);
		assert.equal(await failInWorker(joined, "'busy'"), 1);
		await assert.rejects(limit(() => Promise.reject('busy')));
		assert.equal(heard(limit), 1, 'this thread has the default');
	});

	test('nobody may give it to a limit of a number, which would never ask', () => {
		const limit = pLimit({name: 'adaptive: none', concurrency: 20});
		assert.throws(() => pLimit({name: 'adaptive: none', concurrency: {isOverload: busy}}), {
			code: 'ERR_INVALID_ARG',
			message: /^`concurrency` of the limit 'adaptive: none' is 20, got adaptive /,
		});
		assert.equal(limit.concurrency, 20);
	});

	test('a number set in one thread fixes it in all', async () => {
		const limit = pLimit({name: 'adaptive: fixed', concurrency: {initial: 20}});
		limit.concurrency = 7;
		assert.equal(await failInWorker("{name: 'adaptive: fixed'}", '{status: 429}'), 0);
		assert.equal(limit.concurrency, 7);
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
