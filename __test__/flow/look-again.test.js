'use strict';

// User code that drains, clears or pauses the limit, or aborts the signal, while its own call or item is read.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {compress, hash} = require('p-lanes');
const {collect, counted, idle, listeners, outcomeOf} = require('./helpers.js');

/** What runs items. */
const ways = {
	map: (limit, items, work, signal) => limit.map(items, work, {signal}),
	'map of a lane': (limit, items, work, signal) => limit.offline.with({signal}).map(items, work),
	'map of tasks': (limit, items, work, signal) => limit.with({retry: 1, signal}).map(items, work),
	settle: (limit, items, work, signal) => limit.settle(items, work, {signal}),
	stream: (limit, items, work, signal) => collect(limit.stream(items, work, {signal})),
	'stream in any order': (limit, items, work, signal) => collect(limit.stream(items, work, {signal, ordered: false})),
	'stream of tasks': (limit, items, work, signal) => collect(limit.with({signal, timeout: 60_000}).stream(items, work)),
};

/** Where the user code runs. */
const places = {
	'[Symbol.iterator]': act => ({
		[Symbol.iterator]() {
			act();
			return [1, 2].values();
		},
	}),
	next: act => ({
		*[Symbol.iterator]() {
			act();
			yield 1;
			yield 2;
		},
	}),
	'the getter of `value`': act => {
		let left = 2;
		return {
			[Symbol.iterator]: () => ({
				next: () => ({
					done: left-- === 0,
					get value() {
						act();
						return 1;
					},
				}),
			}),
		};
	},
};

const limits = {
	plain: () => pLimit(1),
	'with a rate': () => pLimit({concurrency: 1, rate: {limit: 1000, interval: 1}}),
	nested: () => pLimit({concurrency: 1, nested: 'detect'}),
};

for (const [kind, create] of Object.entries(limits)) {
	for (const [name, way] of Object.entries(ways)) {
		describe(`${name}, limit ${kind}, as its items are read, and`, () => {
			for (const [place, itemsOf] of Object.entries(places)) {
				const play = act => {
					const limit = create();
					const controller = new AbortController();
					const stage = {limit, controller, ran: 0};
					let acted = false;
					const items = itemsOf(() => {
						if (!acted) {
							acted = true;
							act(stage);
						}
					});
					stage.outcome = way(limit, items, () => stage.ran++, controller.signal);
					stage.outcome.catch(() => {});
					return stage;
				};

				test(`${place} drains the limit: nothing runs`, async () => {
					const stage = play(({limit}) => {
						limit.drain();
					});
					await assert.rejects(stage.outcome, {code: 'ERR_LIMIT_CLOSED'});
					assert.equal(stage.ran, 0);
					idle(stage.limit);
					assert.equal(listeners(stage.controller), 0);
				});

				test(`${place} aborts the signal: nothing runs`, async () => {
					const stage = play(({controller}) => controller.abort('enough'));
					await assert.rejects(stage.outcome, error => error === 'enough');
					await tick();
					assert.equal(stage.ran, 0);
					idle(stage.limit);
					assert.equal(listeners(stage.controller), 0);
				});

				test(`${place} pauses the limit: nothing runs before it goes on`, async () => {
					const stage = play(({limit}) => limit.pause());
					assert.equal(await outcomeOf(stage.outcome), 'pending');
					assert.equal(stage.ran, 0);
					stage.limit.resume();
					assert.equal((await stage.outcome).length, 2);
					idle(stage.limit);
				});

				test(`${place} clears the queue: what is read after that runs`, async () => {
					const stage = play(({limit}) => limit.clearQueue());
					assert.equal((await stage.outcome).length, 2);
					idle(stage.limit);
					assert.equal(listeners(stage.controller), 0);
				});
			}
		});
	}

	describe(`a call of a limit ${kind}, as its signal is watched, which`, () => {
		const play = (act, call) => {
			const limit = create();
			const controller = new AbortController();
			const {signal} = controller;
			let isActing = false;
			signal.addEventListener = (...args) => {
				if (!isActing) {
					isActing = true;
					act({limit, controller});
				}

				EventTarget.prototype.addEventListener.apply(signal, args);
			};

			const stage = {limit, controller, ran: 0};
			stage.outcome = call(limit.with({signal}), () => stage.ran++);
			stage.outcome.catch(() => {});
			return stage;
		};

		const calls = {
			call: (lane, work) => lane(work),
			once: (lane, work) => lane.once('key', work),
			map: (lane, work) => lane.map([1], work),
			stream: (lane, work) => collect(lane.stream([1], work)),
		};
		for (const [name, call] of Object.entries(calls)) {
			test(`drains the limit: ${name} is refused`, async () => {
				const stage = play(({limit}) => {
					limit.drain();
				}, call);
				await assert.rejects(stage.outcome, {code: 'ERR_LIMIT_CLOSED'});
				assert.equal(stage.ran, 0);
				idle(stage.limit);
				assert.equal(listeners(stage.controller), 0);
			});

			test(`aborts it: ${name} rejects`, async () => {
				const stage = play(({controller}) => controller.abort('enough'), call);
				await assert.rejects(stage.outcome, error => error === 'enough');
				assert.equal(stage.ran, 0);
				idle(stage.limit);
				assert.equal(listeners(stage.controller), 0);
			});

			test(`pauses the limit and clears its queue: ${name} waits`, async () => {
				const stage = play(({limit}) => {
					limit.clearQueue();
					limit.pause();
				}, call);
				assert.equal(await outcomeOf(stage.outcome), 'pending');
				assert.equal(stage.ran, 0);
				stage.limit.resume();
				await stage.outcome;
				assert.equal(stage.ran, 1);
			});
		}

		test('makes the same `once`: both are one flight', async () => {
			let inner;
			const stage = play(
				({limit}) => {
					inner = limit.once('key', () => 'inner');
				},
				(lane, work) => lane.once('key', work),
			);
			assert.deepEqual(await Promise.all([inner, stage.outcome]), ['inner', 'inner']);
			assert.equal(stage.ran, 0);
		});
	});
}

test('a stream closes its source if its signal fails', async () => {
	const {signal} = new AbortController();
	signal.addEventListener = () => {
		throw new Error('no');
	};

	const source = counted();
	await assert.rejects(collect(pLimit(1).stream(source, () => assert.fail('ran'), {signal})), {message: 'no'});
	assert.deepEqual([source.pulled, source.returned], [0, 1]);
});

test('a task that `isOverload` aborts between two attempts waits for no next one', async () => {
	const controller = new AbortController();
	const limit = pLimit({
		concurrency: {initial: 1, max: 1, isOverload: () => controller.abort('enough')},
	});
	let attempts = 0;
	const outcome = limit.with({signal: controller.signal, retry: {retries: 3, minTimeout: 600_000}})(async () => {
		attempts++;
		throw new Error('failed');
	});
	await assert.rejects(outcome, error => error === 'enough');
	assert.equal(await outcomeOf(limit.onIdle()), undefined);
	assert.equal(attempts, 1);
	idle(limit);
});

test('a task that `retryAfter` aborts asks nothing more; the answer is heard', async () => {
	const controller = new AbortController();
	const limit = pLimit(1);
	const retry = {
		retryAfter() {
			controller.abort('enough');
			return 600_000_000;
		},
		maxRetryAfter: Number.POSITIVE_INFINITY,
		onFailedAttempt: () => assert.fail('told'),
		shouldRetry: () => assert.fail('asked'),
	};
	const outcome = limit.with({signal: controller.signal, retry})(async () => {
		throw Object.assign(new Error('failed'), {response: {headers: {'retry-after': '600'}}});
	});
	await assert.rejects(outcome, error => error === 'enough');
	await limit.onIdle();
	assert.equal(limit.isPaused, true);
	limit.resume();
	idle(limit);
});

for (const name of ['onFailedAttempt', 'shouldRetry']) {
	test(`a task that \`${name}\` aborts is not run again`, async () => {
		const controller = new AbortController();
		const limit = pLimit(1);
		const retry = {
			[name]() {
				controller.abort('enough');
				return true;
			},
		};
		let attempts = 0;
		const outcome = limit.with({signal: controller.signal, retry})(async () => {
			attempts++;
			throw new Error('failed');
		});
		await assert.rejects(outcome, error => error === 'enough');
		await limit.onIdle();
		assert.equal(attempts, 1);
		idle(limit);
	});
}

describe('a list of a kernel', () => {
	const kernels = {
		'hash.map': (list, options) => hash.map('sha1', list, options),
		'compress.map': (list, options) => compress.map('gzip', list, options),
	};
	for (const [name, kernel] of Object.entries(kernels)) {
		test(`${name} that aborts the signal while it is read`, async () => {
			const controller = new AbortController();
			const list = function* () {
				yield 'a';
				controller.abort('enough');
				yield 'b';
			};
			await assert.rejects(kernel(list(), controller), error => error === 'enough');
			await assert.rejects(kernel(list(), {signal: controller.signal, limit: pLimit(1)}), error => error === 'enough');
			assert.equal(listeners(controller), 0);
		});

		test(`${name} that drains its limit`, async () => {
			const limit = pLimit(1);
			const list = function* () {
				yield 'a';
				limit.drain();
				yield 'b';
			};
			await assert.rejects(kernel(list(), {limit}), {code: 'ERR_LIMIT_CLOSED'});
			idle(limit);
		});

		test(`${name} that transfers an item away that was read`, async () => {
			const bytes = new Uint8Array(8);
			const list = function* () {
				yield bytes;
				structuredClone(bytes.buffer, {transfer: [bytes.buffer]});
				yield 'b';
			};
			await assert.rejects(kernel(list()), {
				code: 'ERR_INVALID_ARG',
				message: /^`list\[0\]` must be memory that was not transferred/,
			});
		});

		test(`${name} closes a list with a bad item, and not one that ended or threw`, async () => {
			let returned = 0;
			const listOf = values => ({
				[Symbol.iterator]: () => ({
					next() {
						if (values.length === 0) {
							throw new Error('no more');
						}

						return {done: values[0] === undefined, value: values.shift()};
					},
					return() {
						returned++;
						throw new Error('not told');
					},
				}),
			});
			await assert.rejects(kernel(listOf(['a', 5, 'b'])), {code: 'ERR_INVALID_ARG', message: /^`list\[1\]` must/});
			assert.equal(returned, 1);
			await assert.rejects(kernel(listOf(['a'])), {message: 'no more'});
			await kernel(listOf(['a', undefined]));
			assert.equal(returned, 1);
		});
	}

	test('memory that the signal transfers away as it is watched', async () => {
		const {signal} = new AbortController();
		const bytes = new Uint8Array(8);
		signal.addEventListener = () => {
			structuredClone(bytes.buffer, {transfer: [bytes.buffer]});
		};

		await assert.rejects(hash('sha1', bytes, {signal}), {code: 'ERR_INVALID_ARG'});
		await assert.rejects(compress('gzip', bytes, {signal}), {code: 'ERR_INVALID_ARG'});
	});
});
