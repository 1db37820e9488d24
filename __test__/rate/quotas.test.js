'use strict';

// Several quotas in one rate: taken together or not at all, by name, and what calls have really cost. On a clock that is
// set by hand.

const {pass, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {deferred, turns} = require('../flow/helpers.js');

const rate = {
	requests: {limit: 10, interval: 1000, window: 'sliding'},
	tokens: {limit: 100, interval: 1000, window: 'sliding'},
};

const make = options => pLimit({concurrency: Number.POSITIVE_INFINITY, rate, ...options});

/** What is left of each quota. */
const left = limit => Object.values(limit.stats().rates).map(({available}) => available);

const nothing = async () => {};

const failure = (code, details) => Object.assign(new Error(code), {code, ...details});

describe('quotas', () => {
	test('are taken together, and none while another is missing', async () => {
		const limit = make();
		const starts = [];
		const call = (cost, name) => limit.with({cost})(async () => starts.push(name));
		const all = [call({tokens: 60}, 'a'), call({tokens: 60}, 'b'), call(0, 'c')];
		await turns();
		assert.deepEqual(starts, ['a']);
		assert.deepEqual(left(limit), [9, 40], 'the second call holds no request meanwhile');
		await pass(limit, 999);
		assert.deepEqual(starts, ['a']);
		await pass(limit, 1);
		await Promise.all(all);
		assert.deepEqual(starts, ['a', 'b', 'c']);
		assert.deepEqual(left(limit), [9, 40]);
	});

	test('give their tokens to online calls first', async () => {
		const limit = make({offlineShare: 0, rate: {...rate, requests: {...rate.requests, limit: 2}}});
		const order = [];
		const note = async name => order.push(name);
		const batch = limit.offline.map(['b1', 'b2', 'b3'], note);
		await turns();
		const call = limit(note, 'online');
		await pass(limit, 1000);
		await Promise.all([batch, call]);
		assert.deepEqual(order, ['b1', 'b2', 'online', 'b3']);
	});

	test('that a cost does not name take the weight; a number is of each', async () => {
		const limit = make();
		await limit.with({weight: 3, cost: {tokens: 20}})(nothing);
		assert.deepEqual(left(limit), [7, 80]);
		await limit.with({cost: 2})(nothing);
		assert.deepEqual(left(limit), [5, 78]);
		await limit.with({cost: {requests: 0, tokens: undefined}})(nothing);
		assert.deepEqual(left(limit), [5, 77]);
	});

	test('have costs for each item of a map and a stream', async () => {
		const limit = make();
		await limit.map([1, 2, 3], nothing, {cost: item => ({tokens: 10 * item})});
		assert.deepEqual(left(limit), [7, 40]);
		for await (const _ of limit.stream([1, 2], nothing, {cost: item => ({tokens: item})})) {
			// It runs.
		}

		assert.deepEqual(left(limit), [5, 37]);
		await assert.rejects(limit.map([1], nothing, {cost: () => ({token: 1})}), {code: 'ERR_INVALID_ARG'});
	});

	test('are taken as a cost was given, whatever becomes of the object', async () => {
		const behind = make();
		const cost = {tokens: 20};
		const chain = pLimit(1).chain(behind);
		const lane = chain.with({cost});
		const each = {tokens: 0};
		const items = chain.map([1, 2], nothing, {cost: item => Object.assign(each, {tokens: item})});
		Object.assign(cost, {tokens: 'none', requests: 5});
		await Promise.all([lane(nothing), items]);
		assert.deepEqual(left(behind), [7, 77]);
	});

	test('may have the names of what objects inherit', async () => {
		const {requests, tokens} = rate;
		const named = JSON.parse('{"__proto__": 0, "toString": 0, "tokens": 0}');
		const limit = make({rate: Object.fromEntries(Object.keys(named).map(name => [name, tokens]))});
		await limit.with({cost: {tokens: 3}})(nothing);
		await limit.with({cost: JSON.parse('{"__proto__": 4}')})(nothing);
		assert.deepEqual(left(limit), [95, 98, 96]);
		await limit.run(async ({settle}) => settle({tokens: 10}));
		assert.deepEqual(left(limit), [94, 97, 86]);
		const behind = pLimit(1).chain(limit);
		const other = make({rate: {requests, tokens}});
		await behind.chain(other).with({cost: {requests: 2}})(nothing);
		assert.deepEqual(left(limit), [93, 96, 85]);
		assert.deepEqual(left(other), [8, 99]);
	});

	test('are read, changed and charged by name; what is wrong changes nothing', async () => {
		const limit = make();
		assert.deepEqual(limit.rate, rate);
		await limit.with({cost: {tokens: 50}})(nothing);
		limit.rate = {tokens: {limit: 80, interval: 500}};
		assert.deepEqual(limit.rate, {requests: rate.requests, tokens: {limit: 80, interval: 500, burst: 1}});
		limit.rate = rate;
		limit.charge({tokens: 7});
		limit.charge(1);
		const before = [limit.rate, left(limit)];
		for (const [wrong, message] of [
			[
				() => limit.charge({tokens: 1, token: 1}),
				/`cost` must be an object by quota, of 'requests', 'tokens' \(not 'token'\)/,
			],
			[
				() => limit.charge({tokens: 0.5}),
				/`cost.tokens` must be a whole number from -2147483647 to 2147483647, got 0.5/,
			],
			[() => limit.with({cost: {token: 1}}), /`cost` must be an object by quota, of 'requests', 'tokens'/],
			[() => limit.with({cost: {tokens: -1}}), /`cost.tokens` must be a whole number from 0 to 2147483647, got -1/],
			[
				() => {
					limit.rate = {tokens: {limit: 1, interval: 1}, token: {limit: 1, interval: 1}};
				},
				/`rate` must be an object by quota, of 'requests', 'tokens'/,
			],
			[
				() => {
					limit.rate = {requests: {limit: 1, interval: 1}, tokens: {limit: 0, interval: 1}};
				},
				/`rate.tokens.limit` must be a whole number from 1 or more, got 0/,
			],
			[
				() => {
					limit.rate = {limit: 1, interval: 1};
				},
				/`rate` must be an object by quota, of 'requests', 'tokens', got \{ limit: 1/,
			],
		]) {
			assert.throws(wrong, {code: 'ERR_INVALID_ARG', message});
			assert.deepEqual([limit.rate, left(limit)], before);
		}
	});

	test('are refused where they can not be', () => {
		const many = Object.fromEntries(Array.from({length: 9}, (_, index) => [index, {limit: 1, interval: 1}]));
		assert.throws(() => make({rate: many}), /`rate` must be one rate, or up to 8 quotas by name/);
		assert.throws(() => make({rate: {a: {limit: 1, interval: 1, bursts: 2}}}), /`rate.a.bursts`/);
		const one = pLimit({concurrency: 1, rate: {limit: 1, interval: 1}});
		const none = pLimit({concurrency: 1});
		for (const limit of [one, none]) {
			assert.throws(() => limit.with({cost: {tokens: 1}}), /`cost` must be a number: the limit has no quotas by name/);
			assert.throws(() => limit.with({cost: {}}), /`cost` must be a number/);
		}

		assert.throws(() => {
			one.rate = {a: {limit: 1, interval: 1}};
		}, /`rate` must be one rate: the limit has no quotas by name/);
		assert.throws(() => {
			none.rate = {a: {limit: 1, interval: 1}};
		}, /`rate` can be changed only where the limit was made with one/);
	});

	test('of a name are one for all who name it, in any order', {
		skip: process.env.P_LANES_BINDING === 'wasm',
	}, async () => {
		const options = {name: 'quotas of all', concurrency: 4};
		const limit = pLimit({...options, rate});
		const joined = pLimit({...options, rate: {tokens: rate.tokens, requests: rate.requests}});
		const plain = pLimit(options);
		await joined.with({cost: {tokens: 30}})(nothing);
		await plain.with({cost: {tokens: 3}})(nothing);
		assert.deepEqual(left(limit), [8, 67]);
		assert.throws(() => pLimit({...options, rate: {...rate, tokens: {limit: 5, interval: 1}}}), {
			code: 'ERR_INVALID_ARG',
			message: /`rate` of the limit 'quotas of all' is 'requests' 10 in any 1s, 'tokens' 100 in any 1s, got/,
		});
	});

	test('count in a chain where they are known', async () => {
		const tokens = pLimit({concurrency: Number.POSITIVE_INFINITY, rate: {tokens: rate.tokens}});
		const requests = pLimit({concurrency: 5, rate: {limit: 10, interval: 1000, window: 'sliding'}});
		const both = make();
		const api = tokens.chain(requests).chain(both);
		await api.run(async () => {}, {cost: {tokens: 30}});
		await api.run(async ({settle}) => settle({tokens: 10}), {cost: {tokens: 30}});
		assert.deepEqual(left(tokens), [60]);
		assert.equal(requests.stats().rate.available, 8);
		assert.deepEqual(left(both), [8, 60]);
		assert.throws(() => tokens.chain(both, {cost: {token: 1}}), /`cost` must be an object by quota/);
	});
});

describe('what a call has really cost', () => {
	test('is taken or given back, and said again it corrects itself', async () => {
		const limit = make();
		await limit.run(
			async context => {
				for (const [cost, expected] of [
					[{tokens: 10}, [9, 90]],
					[{tokens: 70}, [9, 30]],
					[{tokens: 20}, [9, 80]],
					[5, [5, 95]],
				]) {
					context.settle(cost);
					assert.deepEqual(left(limit), expected);
				}

				assert.throws(() => context.settle({token: 1}), {code: 'ERR_INVALID_ARG'});
				assert.throws(() => context.settle(-1), {code: 'ERR_INVALID_ARG'});
				assert.deepEqual(left(limit), [5, 95]);
			},
			{cost: {tokens: 40}},
		);
	});

	test('lets calls start that waited for it', async () => {
		const limit = make();
		const {promise, resolve} = deferred();
		let context;
		const first = limit.run(
			given => {
				context = given;
				return promise;
			},
			{cost: {tokens: 100}},
		);
		let started = false;
		const second = limit.with({cost: {tokens: 50}})(async () => {
			started = true;
		});
		await turns();
		assert.equal(started, false);
		context.settle({tokens: 50});
		await turns();
		assert.equal(started, true);
		resolve();
		await Promise.all([first, second]);
		context.settle({tokens: 0});
		assert.deepEqual(left(limit), [8, 0], 'it has ended');
	});

	test('is of its own attempt', async () => {
		const limit = make({context: true, retry: {retries: 1, minTimeout: 0, randomize: false}});
		const contexts = [];
		const call = limit.with({cost: {tokens: 30}})(async context => {
			contexts.push(context);
			if (context.attempt === 1) {
				context.settle({tokens: 10});
				throw new Error('again');
			}

			contexts[0].settle({tokens: 0}); // too late
			assert.deepEqual(left(limit), [8, 60]);
		});
		await pass(limit, 10);
		await call;
		assert.deepEqual(left(limit), [8, 60]);
	});

	for (const [title, error, isUnsent] of [
		['a refused connection', failure('ECONNREFUSED'), true],
		['a cause', new TypeError('fetch failed', {cause: failure('ENOTFOUND')}), true],
		[
			'the first of several errors',
			new TypeError('', {cause: failure('X', {errors: [failure('ECONNREFUSED')]})}),
			true,
		],
		['a connection that was not made in time', failure('UND_ERR_CONNECT_TIMEOUT'), true],
		['a connection that was lost', failure('ECONNRESET'), false],
		['no error at all', undefined, false],
		[
			'an error whose cause is itself',
			(() => {
				const own = new Error('own');
				own.cause = own;
				return own;
			})(),
			false,
		],
	]) {
		const after = isUnsent ? [10, 100] : [9, 60];
		for (const [way, options] of Object.entries({run: {}, timeout: {timeout: 1e6}})) {
			test(`${isUnsent ? 'is nothing' : 'is its cost'} after ${title} (${way})`, async () => {
				const limit = make();
				const thrown = limit.run(
					async () => {
						await turns();
						throw error;
					},
					{cost: {tokens: 40}, ...options},
				);
				assert.deepEqual(await thrown.catch(reason => [reason]), [error]);
				assert.deepEqual(left(limit), after);
				const call = limit.with({context: true, cost: {tokens: 40}});
				await call(() => {
					throw error;
				}).catch(() => {});
				assert.deepEqual(left(limit), isUnsent ? after : [8, 20]);
			});
		}
	}

	test('is that of the attempts that sent something', async () => {
		const limit = make({context: true, retry: {retries: 2, minTimeout: 0, randomize: false}});
		const call = limit.with({cost: {tokens: 30}})(async ({attempt}) => {
			if (attempt < 3) {
				throw failure('ECONNREFUSED');
			}
		});
		await pass(limit, 10);
		await pass(limit, 10);
		await call;
		assert.deepEqual(left(limit), [9, 70]);
	});

	test('is what the attempt has said, also if an error says that nothing was sent', async () => {
		for (const end of [async () => {}, () => {}]) {
			for (const retry of [undefined, {retries: 1, minTimeout: 0}]) {
				const limit = make();
				const call = limit.run(
					async ({settle, attempt}) => {
						if (attempt === 1) {
							settle({tokens: 30, requests: 1});
						}

						await end();
						throw failure('ECONNREFUSED');
					},
					{cost: {tokens: 50}, retry},
				);
				const failed = assert.rejects(call, {code: 'ECONNREFUSED'});
				await pass(limit, 1);
				await pass(limit, 1);
				await failed;
				assert.deepEqual(left(limit), [9, 70]); // the second attempt has sent nothing
			}
		}
	});

	test('goes to a call that waits, while the one that sent nothing waits for its next attempt', async () => {
		const limit = make({rate: {limit: 1, interval: Number.POSITIVE_INFINITY}});
		const starts = [];
		const refused = limit.run(
			({attempt}) => {
				starts.push(attempt);
				throw failure('ECONNREFUSED');
			},
			{retry: {retries: 1, minTimeout: 1000, randomize: false}},
		);
		const isRefused = assert.rejects(refused, {code: 'ECONNREFUSED'});
		const waits = limit(() => starts.push('other'));
		await turns();
		assert.deepEqual(starts, [1, 'other']);
		await waits;
		limit.charge(-1);
		await pass(limit, 1000);
		await isRefused;
		assert.deepEqual(starts, [1, 'other', 2]);
	});

	test('is nothing for an attempt that was given up while it waited in a limit behind', async () => {
		const first = make();
		const second = pLimit({concurrency: 1});
		const call = first.chain(second).run(
			() => {
				second.pauseFor(1000);
				throw new Error('on purpose');
			},
			{cost: {tokens: 40}, retry: {retries: 1, minTimeout: 0, randomize: false}},
		);
		const cancelled = assert.rejects(call, {name: 'AbortError'});
		await pass(first, 10);
		assert.deepEqual(left(first), [8, 20]);
		call.cancel();
		await cancelled;
		await turns();
		assert.deepEqual(left(first), [9, 60], 'what the first attempt has cost');
		second.resume();
		assert.equal(first.activeCount + second.activeCount, 0);
	});

	test('is its cost after a timeout whose cause is that an earlier attempt sent nothing', async () => {
		const limit = make();
		const call = limit.run(
			({attempt}) => {
				if (attempt === 1) {
					throw failure('ECONNREFUSED');
				}

				return new Promise(() => {});
			},
			{cost: {tokens: 40}, timeout: 50, releaseSlot: true, retry: {retries: 1, minTimeout: 0, randomize: false}},
		);
		const refused = assert.rejects(
			call,
			({code, cause}) => code === 'ERR_TASK_TIMEOUT' && cause.code === 'ECONNREFUSED',
		);
		await pass(limit, 10);
		await pass(limit, 50);
		await refused;
		assert.deepEqual(left(limit), [9, 60]);
	});

	test('is nothing for a call that was given up before it began', async () => {
		const first = make();
		const second = pLimit({concurrency: 1});
		const {promise, resolve} = deferred();
		const holder = second(() => promise);
		const api = first.chain(second);
		const controller = new AbortController();
		const call = api.with({cost: {tokens: 40}, signal: controller.signal})(nothing);
		const cleared = api.with({cost: {tokens: 20}})(nothing);
		await turns();
		assert.deepEqual(left(first), [8, 40]);
		controller.abort();
		await assert.rejects(call, {name: 'AbortError'});
		await turns();
		assert.deepEqual(left(first), [9, 80]);
		second.clearQueue();
		await assert.rejects(cleared, {name: 'AbortError'});
		await turns();
		assert.deepEqual(left(first), [10, 100]);
		resolve();
		await holder;
	});
});
