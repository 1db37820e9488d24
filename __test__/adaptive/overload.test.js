'use strict';

// Which ends of calls say that there is too much to do, and what a limit makes of it, on a clock that stands still but for
// what is told to pass.

const {clock, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {turns} = require('../flow/helpers.js');

const adaptive = (options = {}) => pLimit({concurrency: {initial: 20, ...options}});

const failWith = error => async () => {
	throw error;
};

/** How many overloads a limit has heard of. */
const heard = limit => limit.stats().adaptive.overloads;

/** How many overloads a limit has heard of after a call that fails. */
const afterwards = async (error, options) => {
	const limit = adaptive(options);
	await assert.rejects(limit(failWith(error)), thrown => Object.is(thrown, error));
	assert.deepEqual([limit.concurrency, limit.stats().adaptive.reason], [20, 'initial'], 'one says nothing');
	return heard(limit);
};

/** Calls that fail by overload at once. */
const failing = (limit, length) => Promise.allSettled(Array.from({length}, () => limit(failWith({status: 503}))));

const timedOut = () => Object.assign(new Error('too long'), {name: 'TimeoutError'});

describe('by default it is', () => {
	for (const [what, error] of [
		['the status 429', {status: 429}],
		['the status 503', Object.assign(new Error('unavailable'), {status: 503})],
		['a statusCode', {statusCode: 429}],
		['the status of a response', {response: {status: 503}}],
		['the statusCode of a response', {response: {statusCode: 429}}],
		['a Response that is thrown', new Response(null, {status: 429})],
		['a connection refused', {code: 'ECONNREFUSED'}],
		['a connection reset', {code: 'ECONNRESET'}],
		['a timeout of the system', {code: 'ETIMEDOUT'}],
		['a timeout of a socket', {code: 'ESOCKETTIMEDOUT'}],
		['undici, connecting', {code: 'UND_ERR_CONNECT_TIMEOUT'}],
		['undici, waiting for headers', {code: 'UND_ERR_HEADERS_TIMEOUT'}],
		['undici, waiting for a body', {code: 'UND_ERR_BODY_TIMEOUT'}],
		['undici, whose socket has closed', {code: 'UND_ERR_SOCKET'}],
		['a timeout of this package', {code: 'ERR_TASK_TIMEOUT'}],
		['an error of that name', timedOut()],
		['the cause of an error, as with fetch', new TypeError('fetch failed', {cause: {code: 'ECONNRESET'}})],
	]) {
		test(what, async () => {
			assert.equal(await afterwards(error), 1);
		});
	}
});

describe('by default it is not', () => {
	for (const [what, error] of [
		['any error', new Error('no')],
		['another status', {status: 500}],
		['a status that is no number', {status: '429'}],
		['a status in a message', new Error('429')],
		['an abort', new DOMException('aborted', 'AbortError')],
		['a file that is missing', {code: 'ENOENT'}],
		['the cause of a cause', new Error('a', {cause: new Error('b', {cause: {status: 429}})})],
		['undefined', undefined],
		['null', null],
		['429', 429],
		['a response of null', {response: null, cause: null}],
	]) {
		test(what, async () => {
			assert.equal(await afterwards(error), 0);
		});
	}
});

describe('isOverload', () => {
	test('is asked once for each call that fails, for its error, in place of the default', async () => {
		const asked = [];
		const isOverload = error => {
			asked.push(error);
			return error === 'busy';
		};
		assert.equal(await afterwards({status: 429}, {isOverload}), 0);
		assert.equal(await afterwards('busy', {isOverload}), 1);
		const limit = adaptive({isOverload});
		await limit(() => 'well');
		await Promise.allSettled([limit.map([1, 2], failWith('map')), limit(() => Promise.reject('call'))]);
		assert.deepEqual(asked, [{status: 429}, 'busy', 'map', 'map', 'call']);
	});

	test('that throws has said no, and the call’s error is its own', async () => {
		const isOverload = () => {
			throw new Error('never seen');
		};
		assert.equal(await afterwards({status: 429}, {isOverload}), 0);
	});

	test('of a synchronous throw as well', async () => {
		const limit = adaptive();
		await assert.rejects(
			limit(() => {
				throw timedOut();
			}),
			{name: 'TimeoutError'},
		);
		assert.equal(heard(limit), 1);
	});

	test('a limit of a number asks nobody', async () => {
		const limit = pLimit(20);
		await assert.rejects(limit(failWith({status: 429})));
		assert.equal(limit.concurrency, 20);
	});
});

describe('stray errors', () => {
	test('at whatever load cost nothing: one in a hundred is none too many', async () => {
		const limit = adaptive();
		for (let i = 0; i < 2000; i++) {
			await Promise.allSettled([limit(i % 100 === 0 ? failWith({status: 503}) : async () => {})]);
			await clock.pass(1);
		}

		const {overloads, reductions, stray} = limit.stats().adaptive;
		assert.deepEqual([limit.concurrency, overloads, reductions], [20, 20, 0]);
		assert.ok(stray >= 0.01 && stray < 0.02, `${stray}`);
	});
});

describe('a burst of them', () => {
	test('is one: those that started before the reduction say nothing new', async () => {
		const limit = adaptive();
		await failing(limit, 20);
		const {reductions, inFlight, overloads, reason} = limit.stats().adaptive;
		assert.deepEqual([limit.concurrency, reductions, inFlight, overloads, reason], [18, 1, 0, 20, 'overload']);
	});

	test('and another one later, another; down to `min` and not below', async () => {
		const limit = adaptive({min: 15});
		const sizes = [];
		for (let i = 0; i < 5; i++) {
			await failing(limit, 20);
			sizes.push(limit.concurrency);
			await clock.pass(10_000);
		}

		assert.ok(
			sizes.every((size, index) => index === 0 || size < sizes[index - 1] || size === 15),
			`${sizes}`,
		);
		assert.equal(sizes[0], 18);
		assert.equal(sizes.at(-1), 15);
	});

	test('a reduction interrupts nothing, and lets nobody start until there is room', async () => {
		const limit = adaptive({initial: 2});
		await failing(limit, 7);
		assert.equal(limit.concurrency, 2, 'it takes eight');
		const ends = [];
		const task = () => new Promise((resolve, reject) => ends.push({resolve, reject}));
		const all = [limit(task), limit(task), limit(task)];
		await turns();
		ends[0].reject({status: 429});
		await assert.rejects(all[0]);
		await turns();
		assert.deepEqual([limit.concurrency, limit.activeCount, limit.pendingCount], [1, 1, 1]);
		ends[1].resolve('ended');
		assert.equal(await all[1], 'ended');
		await turns();
		ends[2].resolve('started');
		assert.equal(await all[2], 'started');
	});
});

describe('a timeout', () => {
	test('is one when the work has ended, as its slot is held until then', async () => {
		const limit = adaptive();
		let end;
		const call = limit.with({timeout: 100})(
			() =>
				new Promise(resolve => {
					end = resolve;
				}),
		);
		const rejected = assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		await turns();
		await clock.pass(100);
		await rejected;
		assert.deepEqual([heard(limit), limit.activeCount], [0, 1]);
		end('too late');
		await turns();
		assert.deepEqual([heard(limit), limit.activeCount], [1, 0]);
	});

	test('is one as well where the work fails then, of whatever', async () => {
		const limit = adaptive();
		const call = limit.with({timeout: 100})(
			() =>
				new Promise((_, reject) => {
					setTimeout(reject, 200, new Error('no'));
				}),
		);
		const rejected = assert.rejects(call, {code: 'ERR_TASK_TIMEOUT'});
		await turns();
		await clock.pass(200);
		await rejected;
		assert.equal(heard(limit), 1);
	});

	test('of the wait is none: nothing ran', async () => {
		const limit = adaptive({initial: 1});
		let end;
		limit(
			() =>
				new Promise(resolve => {
					end = resolve;
				}),
		);
		const rejected = assert.rejects(
			limit.with({queueTimeout: 10})(() => {}),
			{code: 'ERR_QUEUE_TIMEOUT'},
		);
		await clock.pass(10);
		await rejected;
		end();
		await limit.onIdle();
		assert.equal(heard(limit), 0);
	});
});

describe('all ways to call tell of it', () => {
	const fail = failWith({status: 429});
	for (const [what, use] of [
		['map', limit => limit.map([1], fail)],
		['map of the offline lane', limit => limit.offline.map([1], fail)],
		['settle', limit => limit.settle([1], fail)],
		['once', limit => limit.once('key', fail)],
		['with', limit => limit.with({priority: 1})(fail)],
		['retry, by its only attempt', limit => limit.with({retry: {retries: 0}})(fail)],
		[
			'stream',
			async limit => {
				for await (const _ of limit.stream([1], fail, {stopOnError: false})) {
					// none
				}
			},
		],
	]) {
		test(what, async () => {
			const limit = adaptive();
			await Promise.allSettled([use(limit)]);
			assert.equal(heard(limit), 1);
		});
	}

	test('nested calls, by each one that fails with it', async () => {
		const limit = pLimit({concurrency: {initial: 20}, nested: 'lend'});
		await assert.rejects(limit(() => limit(fail)));
		assert.equal(heard(limit), 2);
	});
});
