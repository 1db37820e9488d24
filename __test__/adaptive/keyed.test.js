'use strict';

// An adaptive limit over those of all keys: what it hears of their calls.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {deferred, turns} = require('../flow/helpers.js');

const keyed = (options = {}) => pLimit.keyed({concurrency: 5, ...options, total: {concurrency: {initial: 20}}});

const fail = async () => {
	throw {status: 429};
};

/** How many overloads a limit has heard of. */
const heard = limit => limit.stats().adaptive.overloads;

/** A call that runs into its timeout, and what ends its work. */
const timedOut = async lane => {
	const {promise, resolve, reject} = deferred();
	const call = lane.with({timeout: 100})(() => promise);
	const rejected = assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
	await turns();
	await clock.pass(100);
	await rejected;
	return {resolve, reject};
};

describe('an adaptive `total`', () => {
	test('hears of errors', async () => {
		const limits = keyed();
		await assert.rejects(limits('a')(fail));
		assert.equal(heard(limits.total), 1);
	});

	for (const [what, end] of [
		['and the work ends well then', ({resolve}) => resolve()],
		['and the work fails then, of whatever', ({reject}) => reject(new Error('no'))],
	]) {
		test(`hears of a timeout, ${what}`, async () => {
			const limits = keyed();
			const work = await timedOut(limits('a'));
			assert.deepEqual([heard(limits.total), limits.total.activeCount, limits('a').activeCount], [0, 1, 1]);
			end(work);
			await turns();
			assert.deepEqual([heard(limits.total), limits.total.activeCount, limits('a').activeCount], [1, 0, 0]);
			assert.equal(limits.total.stats().online.rejected, 1);
		});
	}

	test('and so does a limit of a key that is adaptive, too', async () => {
		const limits = keyed({concurrency: {initial: 10}});
		const work = await timedOut(limits('a'));
		work.resolve();
		await turns();
		assert.deepEqual([heard(limits.total), heard(limits('a'))], [1, 1]);
	});

	test('hears of no overload by a call that was aborted, or waited for too long', async () => {
		const limits = keyed();
		const {promise, resolve} = deferred();
		const controller = new AbortController();
		const call = limits('a').with({signal: controller.signal})(() => promise);
		await turns();
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		resolve();
		await turns();
		limits.total.pause();
		const late = assert.rejects(limits('a').with({queueTimeout: 10})(assert.fail), {code: 'ERR_QUEUE_TIMEOUT'});
		await turns();
		await clock.pass(10);
		await late;
		assert.equal(heard(limits.total), 0);
	});

	test('hears of each attempt that fails, as the limit of its key does', async () => {
		const limits = keyed({concurrency: {initial: 10}});
		let attempts = 0;
		const call = limits('a').with({retry: {minTimeout: 1000}})(() => (++attempts === 1 ? fail() : 'well'));
		await turns();
		assert.deepEqual([heard(limits.total), heard(limits('a'))], [1, 1]);
		await clock.pass(1000);
		assert.equal(await call, 'well');
	});

	test('hears of attempts that are made in the slot of another call', async () => {
		const limits = pLimit.keyed({concurrency: 5, total: {concurrency: {initial: 20}, nested: 'lend'}});
		let attempts = 0;
		const flaky = () => (++attempts === 1 ? fail() : 'well');
		const call = limits('a')(() => limits('b').with({retry: {minTimeout: 1000}})(flaky));
		await turns();
		assert.equal(heard(limits.total), 1);
		await clock.pass(1000);
		assert.equal(await call, 'well');
	});
});
