'use strict';

// `null` stands for an option that is not given, in all options but those that p-limit itself has.

const assert = require('node:assert/strict');
const path = require('node:path');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const callOptions = require('../../lib/options/call-options.js');
const limitOptions = require('../../lib/options/limit-options.js');
const {retryNames} = require('../../lib/options/retry-options.js');
const {compressNames, decompressNames} = require('../../lib/kernels/compress.js');
const {configureNames} = require('../../lib/kernels/configure.js');
const {hashNames} = require('../../lib/kernels/hash.js');
const {keyedNames} = require('../../lib/limit/keyed.js');
const {drainNames} = require('../../lib/limit/drain.js');

const {compress, configure, decompress, hash} = pLimit;

const rate = {limit: 1, interval: 1000};

const add = number => number + 1;

const first = async iterable => {
	for await (const value of iterable) {
		return value;
	}
};

/** Every function that takes options: its names, and a call that gives a value which the options may change. */
const calls = {
	'limit.with': [callOptions.taskNames, options => pLimit(1).with(options)(add, 1)],
	'limit.run': [callOptions.taskNames, options => pLimit(1).run(() => 1, options)],
	'limit.acquire': [callOptions.holdNames, async options => (await pLimit(1).acquire(options)).lane],
	'limit.tryAcquire': [callOptions.holdNames, options => pLimit(1).tryAcquire(options).lane],
	retry: [retryNames, retry => pLimit(1).with({retry})(add, 1)],
	'limit.map': [callOptions.mapNames, options => pLimit(1).map([1], add, options)],
	'limit.settle': [callOptions.settleNames, options => pLimit(1).settle([1], add, options)],
	'limit.stream': [callOptions.streamNames, options => first(pLimit(1).stream([1], add, options))],
	'limit.drain': [drainNames, options => pLimit(1).drain(options)],
	rate: [new Set(['burst']), options => pLimit({concurrency: 1, rate: {...rate, ...options}}).rate],
	maxQueue: [limitOptions.maxQueueNames, maxQueue => pLimit({concurrency: 1, maxQueue})(add, 1)],
	'an adaptive concurrency': [
		new Set(['max', 'initial', 'algorithm', 'isOverload']),
		options => pLimit({concurrency: {min: 1, ...options}}).concurrency,
	],
	pLimit: [
		new Set([...limitOptions.limitNames].filter(name => !['concurrency', 'rejectOnClear'].includes(name))),
		options => pLimit({concurrency: 2, ...options}).concurrency,
	],
	'pLimit.keyed': [
		new Set([...keyedNames].filter(name => !['concurrency', 'rejectOnClear'].includes(name))),
		options => pLimit.keyed({concurrency: 2, name: null, ...options})('a').concurrency,
	],
	total: [
		new Set(['rate', 'reserve', 'offlineShare', 'maxQueue', 'overflow', 'name', 'nested']),
		options => pLimit.keyed({concurrency: 2, total: {concurrency: 1, ...options}}).total.concurrency,
	],
	hash: [hashNames, options => hash('sha1', 'a', options)],
	'hash.map': [hashNames, options => hash.map('sha1', ['a'], options)],
	'hash.files': [hashNames, options => hash.files('sha1', [path.join(__dirname, '../../index.js')], options)],
	compress: [compressNames, options => compress('gzip', 'a', options)],
	decompress: [decompressNames, async options => decompress('gzip', await compress('gzip', 'a'), options)],
};

describe('`null` is as good as no option', () => {
	for (const [title, [names, call]] of Object.entries(calls)) {
		test(`of ${title}`, async () => {
			const expected = await call({});
			for (const name of names) {
				assert.deepEqual(await call({[name]: null}), expected, name);
			}

			assert.deepEqual(await call(Object.fromEntries([...names].map(name => [name, null]))), expected);
		});
	}

	test('of configure', () => {
		// The kernels run already, so what is given is refused.
		assert.throws(() => configure(Object.fromEntries([...configureNames].map(name => [name, null]))), {
			message: '`configure` must be called before the first kernel, got a call after it',
		});
	});

	test('inside a lane that has bound the option, so it stays', async () => {
		const controller = new AbortController();
		const lane = pLimit(1).with({signal: controller.signal}).with({signal: null});
		controller.abort('given up');
		await assert.rejects(lane(add, 1), error => error === 'given up');
	});
});

test('an unknown option that is `null` passes, as if it were `undefined`', async () => {
	assert.equal(await pLimit(1).with({unknown: null})(add, 1), 2);
});

test('p-limit refuses `null` for its own options, and so it is here', () => {
	for (const options of [{concurrency: null}, {concurrency: 1, rejectOnClear: null}]) {
		assert.throws(() => pLimit(options), {name: 'TypeError', message: /^Expected `/});
		assert.throws(() => pLimit.keyed(options), {name: 'TypeError', message: /^Expected `/});
	}
});
