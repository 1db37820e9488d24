'use strict';

// What a limit learns from the responses of servers. The clock is set by hand.

const {clock, pLimit, pass} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {now} = require('../../lib/common/time.js');
const {turns} = require('../flow/helpers.js');

const MINUTE = 60_000;
const HOUR = 3_600_000;

const windowOf = (limit, interval = MINUTE) => ({limit, interval, window: 'sliding'});

/** A response that says how many requests are left, in how many seconds there are more, and of how many. */
const left = (remaining, seconds, limit, more = {}) => ({
	status: 200,
	headers: {
		'x-ratelimit-remaining': String(remaining),
		'x-ratelimit-reset': String(seconds),
		...(limit !== undefined && {'x-ratelimit-limit': String(limit)}),
	},
	...more,
});

/** Calls whose functions end when the test says so. `begun` are their contexts, in the order in which they began. */
const callsOf = limit => {
	const begun = [];
	const ends = [];
	let isOver = false;
	const call = () =>
		limit.run(
			context =>
				new Promise(resolve => {
					begun.push(context);
					ends.push(resolve);
					if (isOver) {
						resolve();
					}
				}),
		);
	const settled = [];
	return {
		begun,
		start: async (count = 1) => {
			for (let index = 0; index < count; index++) {
				settled.push(call());
			}

			await turns();
		},
		end: async () => {
			isOver = true;
			for (const end of ends) {
				end();
			}

			await turns();
		},
	};
};

const available = limit => limit.stats().rate.available;

describe('a limit with a rate', () => {
	test('starts no more than the server says is left', async () => {
		const limit = pLimit({concurrency: 100, rate: windowOf(100)});
		const calls = callsOf(limit);
		await calls.start(3);
		const [reading] = calls.begun[0].observe(left(5, 7));
		assert.deepEqual(reading, {
			name: undefined,
			unit: 'requests',
			window: undefined,
			limit: undefined,
			remaining: 5,
			resetsIn: 7000,
			quota: undefined,
			learned: true,
		});
		assert.equal(available(limit), 3, 'two calls have begun since');
		await calls.start(20);
		assert.equal(calls.begun.length, 6);
		await pass(limit, 6999);
		assert.equal(calls.begun.length, 6);
		await pass(limit, 1);
		assert.equal(calls.begun.length, 23);
		assert.equal(limit.rate.limit, 100, 'the rate is as before');
		await calls.end();
	});

	test('starts no more than the limit of the server when its window has ended', async () => {
		const limit = pLimit({concurrency: 100, rate: windowOf(100)});
		const calls = callsOf(limit);
		await calls.start();
		calls.begun[0].observe(left(0, 10, 4));
		await calls.start(20);
		assert.equal(calls.begun.length, 1);
		await pass(limit, 10_000);
		assert.equal(calls.begun.length, 5);
		calls.begun[4].observe(left(2, 10, 4));
		await turns();
		assert.equal(calls.begun.length, 7);
		await calls.end();
	});

	test('hears more at once if there is more: calls that wait begin', async () => {
		const limit = pLimit({concurrency: 100, rate: windowOf(100)});
		const calls = callsOf(limit);
		await calls.start(2);
		calls.begun[0].observe(left(1, 10));
		await calls.start(5);
		assert.equal(calls.begun.length, 2);
		calls.begun[1].observe(left(3, 10));
		await turns();
		assert.equal(calls.begun.length, 5);
		await calls.end();
	});

	test('takes no notice of a response to an earlier request', async () => {
		const limit = pLimit({concurrency: 100, rate: windowOf(100)});
		const calls = callsOf(limit);
		await calls.start(3);
		assert.equal(calls.begun[2].observe(left(50, 10))[0].learned, true);
		assert.equal(calls.begun[1].observe(left(0, 20))[0].learned, false);
		assert.equal(available(limit), 50);
		await calls.end();
	});

	test('`observe` of the limit counts from the call that has run for the longest time', async () => {
		const limit = pLimit({concurrency: 100, rate: windowOf(100)});
		const calls = callsOf(limit);
		await calls.start(3);
		assert.equal(limit.observe(left(10, 10))[0].learned, true);
		assert.equal(available(limit), 8);
		assert.equal(limit.offline.observe(left(9, 10))[0].learned, true);
		assert.equal(available(limit), 7);
		await calls.end();
	});

	test('`observe` of the limit may be told when the request was sent', async () => {
		const limit = pLimit({concurrency: 100, rate: windowOf(100)});
		const calls = callsOf(limit);
		await calls.start();
		calls.begun[0].observe(left(50, 10));
		await pass(limit, 100);
		await calls.start();
		await pass(limit, 1);
		const sentAt = now(); // `performance.now()`, without a clock of a test
		await pass(limit, 100);
		await calls.start();
		assert.equal(limit.observe(left(10, 10), {sentAt})[0].learned, true);
		assert.equal(available(limit), 9);
		assert.equal(limit.observe(left(1, 10), {sentAt: sentAt - 50})[0].learned, false);
		await calls.end();
	});

	test('an attempt is a request of its own, and one that has failed only reads', async () => {
		const limit = pLimit({concurrency: 4, rate: windowOf(100)});
		const contexts = [];
		const learned = [];
		const call = limit.run(
			async context => {
				contexts.push(context);
				if (context.attempt === 1) {
					throw new Error('again');
				}

				learned.push(contexts[0].observe(left(0, 10))[0].learned, context.observe(left(70, 10))[0].learned);
			},
			{retry: {retries: 1, minTimeout: 0}},
		);
		await turns();
		await clock.pass(1);
		await call;
		assert.deepEqual(learned, [false, true]);
		assert.equal(available(limit), 70);
		assert.equal(contexts[1].observe(left(60, 10))[0].learned, true, 'after the end of the call');
		assert.equal(available(limit), 60);
	});

	test('a new rate forgets what was said', async () => {
		const limit = pLimit({concurrency: 4, rate: windowOf(100)});
		await limit.run(context => context.observe(left(0, 3000)));
		assert.equal(available(limit), 0);
		limit.rate = windowOf(50);
		assert.equal(available(limit), 49);
	});

	for (const [name, seconds] of [
		['a year', 31_536_000],
		['milliseconds in place of seconds', 9e8],
		['a moment in 1000 years', 33_300_000_000],
	]) {
		test(`a reset in ${name} makes calls wait for an hour at most`, async () => {
			const limit = pLimit({concurrency: 4, rate: windowOf(100)});
			const calls = callsOf(limit);
			await calls.start();
			calls.begun[0].observe(left(0, seconds, 0));
			await calls.start();
			await pass(limit, HOUR - 1);
			assert.equal(calls.begun.length, 1);
			await pass(limit, 1);
			assert.equal(calls.begun.length, 2);
			await calls.end();
		});
	}

	test('what can not be read changes nothing', async () => {
		const limit = pLimit({concurrency: 4, rate: windowOf(100)});
		const readings = await limit.run(({observe}) => [
			observe({headers: {}}),
			observe({headers: {'x-ratelimit-remaining': 'none', 'x-ratelimit-reset': 'never', 'retry-after': 'later'}}),
			observe({headers: {ratelimit: '"";;;"'}}),
		]);
		assert.deepEqual(readings, [[], [], []]);
		assert.equal(available(limit), 99);
		assert.equal(limit.isPaused, false);
	});
});

describe('quotas with names', () => {
	const rate = {requests: windowOf(100), tokens: windowOf(10_000)};
	const openai = {
		headers: {
			'x-ratelimit-limit-requests': '60',
			'x-ratelimit-limit-tokens': '5000',
			'x-ratelimit-remaining-requests': '30',
			'x-ratelimit-remaining-tokens': '1200',
			'x-ratelimit-reset-requests': '120ms',
			'x-ratelimit-reset-tokens': '6s',
		},
	};
	const availableOf = limit =>
		Object.fromEntries(Object.entries(limit.stats().rates).map(([name, stats]) => [name, stats.available]));

	test('each learns its own', async () => {
		const limit = pLimit({concurrency: 100, rate});
		await limit.run(
			context => {
				const readings = context.observe(openai);
				assert.deepEqual(
					readings.map(({quota, learned}) => [quota, learned]),
					[
						['requests', true],
						['tokens', true],
					],
				);
			},
			{cost: {tokens: 500}},
		);
		assert.deepEqual(availableOf(limit), {requests: 30, tokens: 1200});
		await pass(limit, 120);
		assert.deepEqual(availableOf(limit), {requests: 60, tokens: 1200});
		await pass(limit, 5880);
		assert.deepEqual(availableOf(limit), {requests: 60, tokens: 5000});
	});

	test('the caller may say what is meant', async () => {
		const limit = pLimit({concurrency: 100, rate});
		const headers = {
			ratelimit: '"a";r=5;t=10, "b";r=7;t=10',
			'ratelimit-policy': '"a";q=10;w=1, "b";q=10;qu="content-bytes"',
		};
		await limit.run(context => {
			const readings = context.observe({headers}, {quotas: {a: null, b: 'tokens'}});
			assert.deepEqual(
				readings.map(({name, quota, learned}) => [name, quota, learned]),
				[
					['a', undefined, false],
					['b', 'tokens', true],
				],
			);
		});
		assert.deepEqual(availableOf(limit), {requests: 99, tokens: 7});
	});

	test('of the same quota that counts which leaves the least', async () => {
		const limit = pLimit({concurrency: 100, rate});
		const headers = {ratelimit: '"a";r=5;t=10, "b";r=3;t=10'};
		await limit.run(context => {
			assert.deepEqual(
				context.observe({headers}).map(({name, learned}) => [name, learned]),
				[
					['a', false],
					['b', true],
				],
			);
		});
		assert.deepEqual(availableOf(limit), {requests: 3, tokens: 9999});
	});
});

describe('a limit without a rate', () => {
	test('is paused while nothing is left', async () => {
		const limit = pLimit(4);
		await limit.run(context => context.observe(left(1, 30)));
		assert.equal(limit.isPaused, false);
		const [reading] = await limit.run(context => context.observe(left(0, 30)));
		assert.equal(reading.learned, true);
		assert.equal(limit.isPaused, true);
		assert.equal(limit.stats().online.pauseEndsIn, 30_000);
		await clock.pass(30_000);
		assert.equal(limit.isPaused, false);
	});

	test('but not by a response to an earlier request', async () => {
		const limit = pLimit(4);
		const calls = callsOf(limit);
		await calls.start(2);
		calls.begun[1].observe(left(3, 30));
		assert.equal(calls.begun[0].observe(left(0, 30))[0].learned, false);
		assert.equal(limit.isPaused, false);
		limit.observe(left(0, 30));
		assert.equal(limit.isPaused, true);
		limit.resume();
		await calls.end();
	});

	test('also after an answer to a request that nobody has named', async () => {
		const limit = pLimit(2);
		limit.observe(left(5, 30));
		assert.equal(limit.isPaused, false);
		await limit.run(({observe}) => observe(left(0, 30)));
		assert.equal(limit.isPaused, true);
		limit.resume();
	});

	test('for an hour at most', async () => {
		const limit = pLimit(4);
		limit.observe(left(0, 1e8));
		assert.equal(limit.stats().online.pauseEndsIn, HOUR);
		limit.resume();
	});

	test('and not after its drain', async () => {
		const limit = pLimit(4);
		await limit.drain();
		limit.observe(left(0, 30, undefined, {status: 429, headers: {'retry-after': '5'}}));
		assert.equal(limit.isPaused, false);
	});
});

describe('Retry-After', () => {
	const refused = (status, headers = {'retry-after': '3'}) => ({status, headers});
	const pauses = limit => [limit.stats().online.pauseEndsIn, limit.stats().offline.pauseEndsIn];

	for (const [name, response, expected] of [
		['429', refused(429), [3000, 3000]],
		['503', refused(503), [3000, 3000]],
		['403, as at GitHub', refused(403), [3000, 3000]],
		['an unknown status', refused(undefined), [3000, 3000]],
		['milliseconds', refused(429, {'retry-after': '3', 'retry-after-ms': '1200'}), [1200, 1200]],
		['301, which is no refusal', refused(301), [0, 0]],
		['200, which is none either', refused(200), [0, 0]],
		['nonsense', refused(429, {'retry-after': '99999999999'}), [HOUR, HOUR]],
	]) {
		test(name, async () => {
			for (const rate of [undefined, windowOf(100)]) {
				const limit = pLimit({concurrency: 4, rate});
				await limit.run(({observe}) => observe(response));
				assert.deepEqual(pauses(limit), expected);
				limit.resume();
				limit.observe(response);
				assert.deepEqual(pauses(limit), expected);
				limit.resume();
			}
		});
	}

	test('of an offline call pauses the offline lane', async () => {
		const limit = pLimit(4);
		await limit.offline.run(({observe}) => observe(refused(429)));
		assert.deepEqual(pauses(limit), [0, 3000]);
		limit.resume();
	});
});

describe('where limits meet', () => {
	test('in a chain the first one learns', async () => {
		const first = pLimit({concurrency: 4, rate: windowOf(100)});
		const second = pLimit({concurrency: 4, rate: windowOf(100)});
		const chain = first.chain(second);
		await chain.run(({observe}) => observe(left(5, 10)));
		assert.equal(available(first), 5);
		assert.equal(available(second), 99);
	});

	test('a key learns, and not the total', async () => {
		const limits = pLimit.keyed({concurrency: 4, rate: windowOf(100), total: {concurrency: 9, rate: windowOf(1000)}});
		await limits('a').run(({observe}) => observe(left(5, 10)));
		assert.equal(available(limits('a')), 5);
		assert.equal(available(limits('b')), 100);
		assert.equal(available(limits.total), 999);
		limits.total.observe(left(50, 10));
		assert.equal(available(limits.total), 50);
	});

	test('all of one name learn together', {skip: process.env.P_LANES_BINDING === 'wasm'}, async () => {
		const options = {name: 'observe', concurrency: 4, rate: windowOf(100)};
		const one = pLimit(options);
		const other = pLimit(options);
		await one.run(({observe}) => observe(left(5, 10)));
		assert.equal(available(other), 5);
	});

	test('with a context that is bound', async () => {
		const limit = pLimit({concurrency: 4, rate: windowOf(100), context: true});
		const readings = await limit.map([1, 2], (item, _, {observe}) => observe(left(50 - item, 10)));
		assert.deepEqual(
			readings.map(([{learned}]) => learned),
			[true, true],
		);
		assert.equal(available(limit), 48);
	});
});

describe('what is refused', () => {
	for (const [args, message] of [
		[[], '`response` must be a response, an object with `headers`, or a `Headers`, got undefined'],
		[[{}], '`response` must be a response, an object with `headers`, or a `Headers`, got {}'],
		[[left(0, 5), null], '`options` must be an object, got null'],
		[[left(0, 5), {sent: 5}], '`sent` is not an option; did you mean `sentAt`?'],
		[[left(0, 5), {quotas: 'requests'}], "`quotas` must be an object, got 'requests'"],
		[[left(0, 5), {quotas: {a: 'token'}}], "`quotas.a` must be null or one of 'requests', 'tokens', got 'token'"],
	]) {
		test(message, () => {
			const limit = pLimit({concurrency: 4, rate: {requests: windowOf(100), tokens: windowOf(100)}});
			assert.throws(() => limit.observe(...args), {code: 'ERR_INVALID_ARG', message});
			assert.deepEqual(limit.stats().rates.requests.available, 100);
			assert.equal(limit.isPaused, false);
		});
	}

	for (const sentAt of [-1, Number.NaN, Date.now(), '5']) {
		test(`a time of ${sentAt}`, () => {
			assert.throws(() => pLimit(1).observe(left(0, 5), {sentAt}), {
				code: 'ERR_INVALID_ARG',
				message: /^`sentAt` must be what `performance.now\(\)` returned when the request was sent, got /,
			});
		});
	}

	test('a name where quotas have none', () => {
		const limit = pLimit({concurrency: 4, rate: windowOf(100)});
		assert.throws(() => limit.observe(left(0, 5), {quotas: {a: 'requests'}}), {
			code: 'ERR_INVALID_ARG',
			message: "`quotas.a` must be null, as the limit has no quota with a name, got 'requests'",
		});
	});

	test('a time for a call, which knows it', async () => {
		await assert.rejects(
			pLimit(1).run(({observe}) => observe(left(0, 5), {sentAt: 1})),
			{code: 'ERR_INVALID_ARG', message: '`sentAt` is not an option; the context knows when its attempt began'},
		);
	});
});
