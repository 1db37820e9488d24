'use strict';

// User code that closes or destroys the pool, or aborts the signal, while its own task or item is read.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const {Pool, move} = require('p-lanes');
const pLimit = require('p-lanes');
const {addonEnv, fixture} = require('./helpers.js');

/** Tasks that run a function when they are read, by how they are encoded. */
const tasks = {
	'a getter of plain data': act => ({
		get a() {
			act();
			return 1;
		},
	}),
	'a getter deep in plain data': act => [
		{
			b: [
				{
					get a() {
						act();
						return 1;
					},
				},
			],
		},
	],
	'a getter in a Map': act =>
		new Map([
			[
				'key',
				{
					get a() {
						act();
						return 1;
					},
				},
			],
		]),
	'a getter of an error': act =>
		Object.defineProperty(new Error('task'), 'a', {
			enumerable: true,
			get() {
				act();
				return 1;
			},
		}),
	'a getter beside shared memory': act => ({
		shared: new SharedArrayBuffer(8),
		get a() {
			act();
			return 1;
		},
	}),
	'a getter beside moved memory': act => ({
		get a() {
			act();
			return 1;
		},
	}),
};

/** What the user code does, and what the call then rejects with. */
const acts = {
	'closes the pool': [({pool}) => pool.close(), {code: 'ERR_POOL_CLOSED'}],
	'closes it by force': [({pool}) => pool.close({force: true}), {code: 'ERR_POOL_CLOSED'}],
	'destroys it': [({pool}) => pool.destroy(), {code: 'ERR_POOL_CLOSED'}],
	'aborts the signal': [({controller}) => controller.abort(new Error('enough')), {message: 'enough'}],
};

/** A pool, and a function that acts at its first call. */
const stageOf = (act, options) => {
	const controller = new AbortController();
	const stage = {
		controller,
		acted: 0,
		pool: new Pool({filename: fixture('work.js'), maxThreads: 1, ...options}),
		act() {
			if (stage.acted++ === 0) {
				act(stage);
			}
		},
	};
	return stage;
};

/** The pool has run nothing and holds nothing. */
const assertUntouched = async ({acted, pool, controller}, completed = 0) => {
	await tick();
	assert.ok(acted > 0, 'the user code has run');
	assert.equal(pool.queueSize, 0);
	assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
	await pool.close();
	assert.equal(pool.completed, completed);
	assert.deepEqual(pool.threads, []);
};

for (const [effect, [act, expected]] of Object.entries(acts)) {
	describe(`what ${effect} while the task of run is read: the job is not let in`, () => {
		for (const [kind, taskOf] of Object.entries(tasks)) {
			test(kind, async () => {
				const stage = stageOf(act);
				const transferList = kind.includes('moved') ? [new ArrayBuffer(8)] : undefined;
				await assert.rejects(
					stage.pool.run(taskOf(stage.act), {signal: stage.controller.signal, transferList}),
					expected,
				);
				await assertUntouched(stage);
			});
		}

		test('an option', async () => {
			const stage = stageOf(act);
			const options = {
				signal: stage.controller.signal,
				get timeout() {
					stage.act();
					return undefined;
				},
			};
			await assert.rejects(stage.pool.run(1, options), expected);
			await assertUntouched(stage);
		});

		test('addEventListener of the signal', async () => {
			const stage = stageOf(act);
			const {signal} = stage.controller;
			signal.addEventListener = (...args) => {
				stage.act();
				EventTarget.prototype.addEventListener.apply(signal, args);
			};
			await assert.rejects(stage.pool.run(1, {signal}), expected);
			await assertUntouched(stage);
		});

		for (const read of [1, 2, 3]) {
			test(`read ${read} of \`aborted\``, async () => {
				const stage = stageOf(act);
				const {signal} = stage.controller;
				let reads = 0;
				Object.defineProperty(signal, 'aborted', {
					get() {
						if (++reads === read) {
							stage.act();
						}

						return Reflect.get(AbortSignal.prototype, 'aborted', signal);
					},
				});
				await assert.rejects(stage.pool.run(1, {signal}), expected);
				await assertUntouched(stage);
			});
		}

		test('with a limit, the same', async () => {
			const limit = pLimit(1);
			const stage = stageOf(act, {limit});
			await assert.rejects(
				stage.pool.run(tasks['a getter of plain data'](stage.act), {signal: stage.controller.signal}),
				expected,
			);
			assert.equal(limit.activeCount + limit.pendingCount, 0);
			await assertUntouched(stage);
		});
	});

	/** The places of a map or stream in which user code runs, each as an iterable of one item or more. */
	const places = {
		'[Symbol.iterator]': run => ({
			[Symbol.iterator]() {
				run();
				return [1, 2, 3].values();
			},
		}),
		next: run => ({
			*[Symbol.iterator]() {
				run();
				yield 1;
				yield 2;
			},
		}),
		'the getter of `value`': run => ({
			[Symbol.iterator]: () => ({
				next: () => ({
					done: false,
					get value() {
						run();
						return 1;
					},
				}),
			}),
		}),
		'a getter of the first item': run => [tasks['a getter of plain data'](run), 2, 3],
		'a getter of a clone': run => [tasks['a getter in a Map'](run), 2, 3],
	};

	const isGraceful = effect === 'closes the pool';
	describe(`what ${effect} in a map: no job is let in`, () => {
		for (const [place, iterableOf] of Object.entries(places)) {
			// A map that has begun goes on while the pool closes in an orderly way.
			if (isGraceful && place !== '[Symbol.iterator]') {
				continue;
			}

			test(place, async () => {
				const stage = stageOf(act);
				await assert.rejects(stage.pool.map(iterableOf(stage.act), {signal: stage.controller.signal}), expected);
				await assertUntouched(stage);
			});
		}
	});

	describe(`what ${effect} in a stream: no job is let in`, () => {
		for (const ordered of [true, false]) {
			for (const [place, iterableOf] of Object.entries(places)) {
				test(`${place}, ${ordered ? 'ordered' : 'in any order'}`, async () => {
					const stage = stageOf(act);
					const stream = stage.pool.stream(iterableOf(stage.act), {
						ordered,
						highWaterMark: 1,
						signal: stage.controller.signal,
					});
					await assert.rejects(stream.next(), expected);
					assert.deepEqual(await stream.next(), {done: true, value: undefined});
					await assertUntouched(stage);
				});
			}
		}
	});
}

describe('a map that has begun', () => {
	test('goes on while an item of its own closes the pool', async () => {
		const stage = stageOf(({pool}) => {
			pool.close();
		});
		assert.deepEqual(await stage.pool.map([tasks['a getter of plain data'](stage.act), 2]), [{a: 1}, 2]);
		await assertUntouched(stage, 2);
	});

	test('that its item ends: a bundle is not let in, nor are jobs that were let in before', async () => {
		for (const kind of ['a getter of plain data', 'a getter in a Map']) {
			const stage = stageOf(() => {});
			const {pool, controller} = stage;
			let number = 0;
			const source = {
				*[Symbol.iterator]() {
					for (; number < 3000; number++) {
						yield number === 2900 ? tasks[kind](() => controller.abort(new Error('enough'))) : number;
					}
				},
			};
			await assert.rejects(pool.map(source, {signal: controller.signal}), {message: 'enough'});
			assert.ok(number >= 2900 && number < 2940, `${number}`);
			await tick();
			assert.equal(pool.queueSize, 0);
			await pool.close();
			assert.ok(pool.completed <= 2900);
		}
	});

	test('closes its iterator after the answer, if the iterator ended the map', async () => {
		for (const [, [act, expected]] of Object.entries(acts).slice(1)) {
			const stage = stageOf(act);
			let cleaned = 0;
			const source = function* () {
				try {
					stage.act();
					yield 1;
				} finally {
					cleaned++;
				}
			};
			await assert.rejects(stage.pool.map(source(), {signal: stage.controller.signal}), expected);
			assert.equal(cleaned, 1);
			await assertUntouched(stage);
			const other = stageOf(act);
			const again = function* () {
				try {
					other.act();
					yield 1;
				} finally {
					cleaned++;
				}
			};
			await assert.rejects(other.pool.stream(again(), {signal: other.controller.signal}).next(), expected);
			assert.equal(cleaned, 2);
			await assertUntouched(other);
			cleaned = 0;
		}
	});

	test('closes its iterator if the signal fails', async () => {
		const {signal} = new AbortController();
		signal.addEventListener = () => {
			throw new Error('no');
		};

		const stage = stageOf(() => {});
		for (const way of ['map', 'stream']) {
			let returned = 0;
			const source = {
				[Symbol.iterator]: () => ({
					next: () => assert.fail('pulled'),
					return() {
						returned++;
						return {};
					},
				}),
			};
			const outcome = stage.pool[way](source, {signal});
			await assert.rejects(way === 'map' ? outcome : outcome.next(), {message: 'no'});
			assert.equal(returned, 1);
		}

		await stage.pool.close();
	});
});

test('what threads get is read when the pool is made, and not when they start', async () => {
	let reads = 0;
	const read = () => {
		reads++;
		return 'x';
	};
	const options = {
		env: {
			...addonEnv,
			get VALUE() {
				return read();
			},
		},
		argv: [{toString: read}],
		resourceLimits: {
			get maxOldGenerationSizeMb() {
				read();
				return 64;
			},
		},
	};
	const pool = new Pool({filename: fixture('work.js'), maxThreads: 1, ...options});
	const before = reads;
	assert.equal(await pool.run('x'), 'x');
	assert.equal(reads, before);
	await pool.close();
});

describe('a task that fills the queue while it is read', () => {
	test('is refused, as the queue is full when it is let in', async () => {
		let inner;
		const stage = stageOf(
			({pool}) => {
				inner = pool.run('inner', {name: 'later'});
			},
			{maxQueue: 0},
		);
		await assert.rejects(stage.pool.run(tasks['a getter of plain data'](stage.act)), {code: 'ERR_QUEUE_FULL'});
		assert.equal(await inner, 'inner');
		await assertUntouched(stage, 1);
	});

	test('calls the same pool in other kinds: each job keeps its own', async () => {
		const pool = new Pool({filename: fixture('work.js'), maxThreads: 1});
		const inner = [];
		const task = {
			get a() {
				inner.push(pool.run(new Uint8Array([1])), pool.run(move(new ArrayBuffer(4))));
				return 1;
			},
		};
		const {signal} = new AbortController();
		signal.addEventListener = () => {
			inner.push(pool.run(new Map([[1, 2]])));
		};

		assert.deepEqual(await pool.run('text', {signal}), 'text');
		assert.equal(inner.length, 1);
		await pool.run(task).catch(() => {}); // only that the pool goes on
		await Promise.allSettled(inner);
		assert.equal(await pool.run('next'), 'next');
		await pool.close();
	});
});
