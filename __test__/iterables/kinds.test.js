'use strict';

// Every place that takes an iterable, with iterables that can't be used. All refuse them alike.

const assert = require('node:assert/strict');
const {after, before, describe, test} = require('node:test');
const {hash, compress} = require('p-lanes');
const {Stage, read} = require('../signals/ways.js');
const {hasThreads} = require('../threads.js');

const kernels = {
	'hash.map': (_, iterable) => hash.map('sha1', iterable),
	'hash.files': (_, iterable) => hash.files('sha1', iterable),
	'compress.map': (_, iterable) => compress.map('gzip', iterable),
};

const syncWays = {
	map: ({limit, work}, iterable) => limit.map(iterable, work),
	'map of tasks': ({limit, work}, iterable) => limit.with({retry: 1}).map(iterable, work),
	settle: ({limit, work}, iterable) => limit.settle(iterable, work),
	'pool.map': ({pool}, iterable) => pool.map(iterable),
	'pool.map with a limit': ({limited}, iterable) => limited.map(iterable),
	...kernels,
};

const streams = {
	stream: ({limit, work}, source) => read(limit.stream(source, work)),
	'stream in any order': ({limit, work}, source) => read(limit.stream(source, work, {ordered: false})),
	'stream of tasks': ({limit, work}, source) => read(limit.with({retry: 1}).stream(source, work)),
	'pool.stream': ({pool}, source) => read(pool.stream(source)),
	'pool.stream in any order': ({pool}, source) => read(pool.stream(source, {ordered: false})),
	'pool.stream with a limit': ({limited}, source) => read(limited.stream(source)),
};

const ofIterator = iterator => ({[Symbol.iterator]: () => iterator});
const ofAsyncIterator = iterator => ({[Symbol.asyncIterator]: () => iterator});

const primitives = [5, 0, '', 'x', true, null, undefined, Symbol('s'), 5n];

const bad = {
	...Object.fromEntries(
		primitives.flatMap(value => [
			[`\`next\` returns ${String(value)} (${typeof value})`, ofIterator({next: () => value})],
			[`\`[Symbol.iterator]\` returns ${String(value)} (${typeof value})`, ofIterator(value)],
		]),
	),
	'no `next`': ofIterator({}),
	'`next` is no function': ofIterator({next: 5}),
	'a callable iterator without `next`': ofIterator(() => {}),
	'`[Symbol.iterator]` is no function': {[Symbol.iterator]: 5},
	'`[Symbol.iterator]` is null': {[Symbol.iterator]: null},
	'no iterable': {},
	'no object': 5,
	'not given': undefined,
};

const badLists = Object.fromEntries(
	[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32, 2 ** 53, -0.5, '3', 'x', null, undefined, {}, 3n].map(
		length => [`of length ${String(length)} (${typeof length})`, {length, 0: 'x'}],
	),
);

const badSync = {
	...bad,
	'`next` returns a promise': ofIterator({next: async () => ({done: true})}),
};

const badAsync = {
	...bad,
	...Object.fromEntries(
		primitives.flatMap(value => [
			[`an async \`next\` returns ${String(value)} (${typeof value})`, ofAsyncIterator({next: () => value})],
			[
				`an async \`next\` resolves with ${String(value)} (${typeof value})`,
				ofAsyncIterator({next: async () => value}),
			],
			[`\`[Symbol.asyncIterator]\` returns ${String(value)} (${typeof value})`, ofAsyncIterator(value)],
		]),
	),
	'`[Symbol.asyncIterator]` is no function': {[Symbol.asyncIterator]: 5, *[Symbol.iterator]() {}},
	'`[Symbol.asyncIterator]` returns a promise': {
		async [Symbol.asyncIterator]() {
			return {next: () => ({done: true})};
		},
	},
	'an array-like': {length: 1, 0: 'x'},
};

const useStage = () => {
	const use = {};
	before(() => {
		use.stage = new Stage();
	});
	after(() => use.stage.close());
	return use;
};

/** Calls a way, which may throw at once. */
const call = async (way, stage, iterable) => way(stage, iterable);

const refuses = (ways, cases) => {
	const there = Object.entries(ways).filter(([name]) => hasThreads || !name.startsWith('pool.'));
	for (const [name, way] of there) {
		describe(`${name} refuses as a TypeError of its own`, () => {
			const use = useStage();
			for (const [kind, iterable] of Object.entries(cases)) {
				test(kind, async () => {
					await assert.rejects(call(way, use.stage, iterable), error => {
						assert.ok(error instanceof TypeError);
						assert.equal(error.code, 'ERR_INVALID_ARG');
						assert.match(error.message, /^`(iterable|source|list)` must be /);
						return true;
					});
					assert.equal(use.stage.ran, 0);
					await use.stage.assertIdle(assert);
				});
			}
		});
	}
};

refuses(syncWays, {...badSync, ...badLists});
refuses(kernels, {'an async iterable': ofAsyncIterator({next: async () => ({done: true})})});
refuses(streams, badAsync);

/** Maps of async iterables. An object that has neither method is refused as above. */
const asyncMaps = Object.fromEntries(Object.entries(syncWays).filter(([name]) => !(name in kernels)));
const badAsyncMaps = Object.entries(badAsync).filter(([name]) =>
	/async `next`|\[Symbol.asyncIterator]` returns/.test(name),
);
refuses(asyncMaps, Object.fromEntries(badAsyncMaps));

describe('what an iterator throws is what the call rejects with', () => {
	const fault = new RangeError('the fault of the iterator');
	const fail = () => {
		throw fault;
	};
	const cases = {
		next: ofIterator({next: fail}),
		'the getter of `next`': ofIterator({
			get next() {
				return fail();
			},
		}),
		'[Symbol.iterator]': {[Symbol.iterator]: fail},
		'the getter of [Symbol.iterator]': {
			get [Symbol.iterator]() {
				return fail();
			},
		},
		'the getter of `done`': ofIterator({
			next: () => ({
				get done() {
					return fail();
				},
			}),
		}),
		'the getter of `value`': ofIterator({
			next: () => ({
				done: false,
				get value() {
					return fail();
				},
			}),
		}),
	};
	const use = useStage();
	for (const [name, way] of [...Object.entries(syncWays), ...Object.entries(streams)]) {
		test(name, async () => {
			for (const iterable of Object.values(cases)) {
				await assert.rejects(call(way, use.stage, iterable), error => error === fault);
				await use.stage.assertIdle(assert);
			}
		});
	}
});

describe('is read as `for` reads it', () => {
	const use = useStage();
	for (const [name, way] of [...Object.entries(syncWays), ...Object.entries(streams)]) {
		test(name, async () => {
			let reads = '';
			const iterator = {
				index: 0,
				get next() {
					reads += 'n';
					return function () {
						const index = this.index++;
						return {
							get done() {
								reads += 'd';
								return index === 2;
							},
							get value() {
								reads += 'v';
								return __filename;
							},
						};
					};
				},
			};
			const iterable = {
				get [Symbol.iterator]() {
					reads += 'i';
					return () => iterator;
				},
			};
			assert.equal((await call(way, use.stage, iterable)).length, 2);
			assert.match(reads, /^i{1,2}ndvdvd$/); // a pool with a limit checks it before the limit does
		});
	}
});

test('array-likes of a length that can be are lists for map', async t => {
	const stage = new Stage();
	t.after(() => stage.close());
	assert.deepEqual(await stage.limit.map({length: 0}, x => x), []);
	assert.deepEqual(await stage.limit.map({length: 3, 0: 'a', 2: 'c'}, x => x), ['a', undefined, 'c']);
	assert.deepEqual(await stage.limit.map(Array(2), x => x), [undefined, undefined]);
});
