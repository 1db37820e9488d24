'use strict';

// The package in environments that lack globals, or have other ones, as jsdom has.

const assert = require('node:assert/strict');
const {describe, it} = require('node:test');
const vm = require('node:vm');
const pLimit = require('p-lanes');
const {createContext, loadIn} = require('./context.js');
const {ways} = require('./ways.js');

/** What a way needs of its environment and a bare context lacks. */
const complete = context => ({
	...Object.fromEntries(
		['AbortController', 'URL', 'DOMException'].map(name => [name, context[name] ?? globalThis[name]]),
	),
	...Object.fromEntries(
		['ArrayBuffer', 'Date', 'Error', 'Map', 'RangeError', 'Symbol', 'Uint8Array'].map(name => [
			name,
			vm.runInContext(name, context),
		]),
	),
});

const environments = {
	'a context with foreign classes, as of jsdom': {},
	'a context without classes of the web': {web: false},
	'a context without timers': {web: false, setTimeout: undefined, clearTimeout: undefined},
};

for (const [name, globals] of Object.entries(environments)) {
	describe(name, () => {
		const context = createContext(globals);
		const exported = loadIn(context);
		for (const [title, way] of ways) {
			it(title, () => way(exported, complete(context)));
		}
	});
}

describe('values of another realm', () => {
	const context = createContext({});
	for (const [title, way] of ways) {
		it(title, () => way(pLimit, {...complete(context), DOMException}));
	}

	// Functions, promises, iterables, options and errors of the other realm.
	const foreign = vm.runInContext(
		`({
			task: async number => number * 2,
			fail: async () => { throw new RangeError('wrong'); },
			items: [1, 2],
			set: new Set([1, 2]),
			generator: function* () { yield 1; yield 2; },
			asyncGenerator: async function* () { yield 1; yield Promise.resolve(2); },
			arrayLike: {length: 2, 0: 1, 1: 2},
			options: {concurrency: 2, reserve: 0, maxQueue: {online: 10}, rate: {limit: 100, interval: 1}},
			retry: {retry: {retries: 1, minTimeout: 0}},
			keys: [{}, Object.create(null), /pattern/],
		})`,
		context,
	);

	it('functions, iterables and options', async () => {
		const limit = pLimit(foreign.options);
		const {items, set, generator, asyncGenerator, arrayLike, task} = foreign;
		assert.equal(await limit(task, 1), 2);
		for (const iterable of [items, set, generator(), arrayLike]) {
			assert.deepEqual(await limit.map(iterable, task), [2, 4]);
		}

		for (const source of [items, set, generator(), asyncGenerator()]) {
			const results = [];
			for await (const result of limit.stream(source, task)) {
				results.push(result);
			}

			assert.deepEqual(results, [2, 4]);
		}

		const error = await limit
			.with(foreign.retry)(foreign.fail)
			.catch(thrown => thrown);
		assert.equal(Object.getPrototypeOf(error), vm.runInContext('RangeError.prototype', context));
	});

	it('tasks of a pool and lists of kernels', async t => {
		const pool = new pLimit.Pool({filename: require.resolve('../pool/fixtures/work.js'), maxThreads: 1});
		t.after(() => pool.destroy());
		for (const iterable of [foreign.items, foreign.set, foreign.generator()]) {
			assert.deepEqual(await pool.map(iterable, {name: 'double'}), [2, 4]);
		}

		for (const key of foreign.keys) {
			assert.deepEqual(await pool.run(key), structuredClone(key));
		}

		const digests = await pLimit.hash.map('crc32', vm.runInContext("new Set(['a', 'b'])", context));
		assert.equal(digests.length, 2);
	});
});

describe('this environment', () => {
	for (const [title, way] of ways) {
		it(title, () => way(pLimit, globalThis));
	}
});
