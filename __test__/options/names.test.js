'use strict';

// An option that no function knows is refused by its name, wherever options are given, and the refused call changes
// nothing. Where p-limit itself ignores unknown names, only misspelled ones are refused.

const assert = require('node:assert/strict');
const {EventEmitter, once} = require('node:events');
const path = require('node:path');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');

const {Pool, compress, configure, decompress, hash, limitFunction} = pLimit;

const noop = () => {};
const filename = path.join(__dirname, '../pool/fixtures/work.js');
const rate = {limit: 1, interval: 1000};

const refusal = message => ({name: 'InvalidArgError', code: 'ERR_INVALID_ARG', message});

/** Fails unless a call throws or rejects with that message. */
const refused = (call, message) => assert.rejects(async () => call(), refusal(message));

const openPool = t => {
	const pool = new Pool({filename, maxThreads: 1});
	t.after(() => pool.destroy());
	return pool;
};

/** Every function that takes options: how it is called with them, and one of its options. */
const strict = {
	'limit.with': [options => pLimit(1).with(options), 'priority'],
	'limit.run': [options => pLimit(1).run(() => 1, options), 'priority'],
	'limit.acquire': [options => pLimit(1).acquire(options), 'weight'],
	'limit.tryAcquire': [options => pLimit(1).tryAcquire(options), 'label'],
	'with of a lane': [options => pLimit(1).offline.with(options), 'queueTimeout'],
	'limit.map': [options => pLimit(1).map([1], noop, options), 'stopOnError'],
	'limit.settle': [options => pLimit(1).settle([1], noop, options), 'shuffle'],
	'limit.stream': [options => pLimit(1).stream([1], noop, options), 'highWaterMark'],
	'limit.transform': [options => pLimit(1).transform(noop, options), 'ordered'],
	'limit.drain': [options => pLimit(1).drain(options), 'queued'],
	'pLimit.keyed': [options => pLimit.keyed({concurrency: 1, ...options}), 'idleTimeout'],
	'new Pool': [options => new Pool(options), 'maxThreads'],
	hash: [options => hash('sha1', 'a', options), 'encoding'],
	'hash.map': [options => hash.map('sha1', ['a'], options), 'encoding'],
	'hash.files': [options => hash.files('sha1', [filename], options), 'encoding'],
	compress: [options => compress('gzip', 'a', options), 'level'],
	'compress.map': [options => compress.map('gzip', ['a'], options), 'signal'],
	decompress: [options => decompress('gzip', 'a', options), 'maxOutputLength'],
	'decompress.map': [options => decompress.map('gzip', ['a'], options), 'maxOutputLength'],
	configure: [options => configure(options), 'threads'],
	rate: [options => pLimit({concurrency: 1, rate: {...rate, ...options}}), 'burst', 'rate.'],
	'limit.rate': [options => Object.assign(pLimit({concurrency: 1, rate}), {rate: options}), 'interval', 'rate.'],
	concurrency: [options => pLimit({concurrency: options}), 'algorithm', 'concurrency.'],
	'concurrency with options': [options => pLimit({concurrency: {min: 1, ...options}}), 'initial', 'concurrency.'],
	'concurrency of limitFunction': [
		options => limitFunction(noop, {concurrency: options}),
		'isOverload',
		'concurrency.',
	],
	maxQueue: [options => pLimit({concurrency: 1, maxQueue: options}), 'offline', 'maxQueue.'],
	retry: [options => pLimit(1).with({retry: options}), 'retries', 'retry.'],
	resourceLimits: [options => new Pool({resourceLimits: options}), 'stackSizeMb', 'resourceLimits.'],
	total: [options => pLimit.keyed({concurrency: 1, total: {concurrency: 1, ...options}}), 'overflow', 'total.'],
	'rate of total': [
		options => pLimit.keyed({concurrency: 1, total: {concurrency: 1, rate: {...rate, ...options}}}),
		'burst',
		'total.rate.',
	],
	'rate of keyed': [options => pLimit.keyed({concurrency: 1, rate: {...rate, ...options}}), 'burst', 'rate.'],
};

const ofPool = {
	run: [(pool, options) => pool.run(1, options), 'transferList'],
	map: [(pool, options) => pool.map([1], options), 'timeout'],
	stream: [(pool, options) => pool.stream([1], options), 'ordered'],
};

/** Options objects of all kinds, each with one unknown option of its own. */
const kindsOf = (name, value) => ({
	'an object': {[name]: value},
	'one without a prototype': Object.assign(Object.create(null), {[name]: value}),
	'one of a class': Object.assign(new (class Settings {})(), {[name]: value}),
	'a proxy': new Proxy({[name]: value}, {}),
	'a frozen one': Object.freeze({[name]: value}),
});

/** Leaves out the first letter but one. */
const misspelled = name => name[0] + name.slice(2);

describe('an unknown option is refused, by', () => {
	for (const [title, [call, known, at = '']] of Object.entries(strict)) {
		test(title, async () => {
			const wrong = misspelled(known);
			for (const options of Object.values(kindsOf(wrong, 1))) {
				await refused(() => call(options), `\`${at}${wrong}\` is not an option; did you mean \`${known}\`?`);
			}

			await assert.rejects(async () => call({flavour: 'sweet'}), {
				code: 'ERR_INVALID_ARG',
				message: new RegExp(`^\`${at}flavour\` is not an option; the options are .*\`${known}\``),
			});
		});
	}

	for (const [method, [call, known]] of Object.entries(ofPool)) {
		test(`pool.${method}, also of a lane`, async t => {
			const pool = openPool(t);
			const wrong = misspelled(known);
			for (const lane of [pool, pool.online, pool.offline]) {
				for (const options of Object.values(kindsOf(wrong, 1))) {
					await refused(() => call(lane, options), `\`${wrong}\` is not an option; did you mean \`${known}\`?`);
				}
			}

			assert.equal(pool.queueSize, 0);
			assert.equal(pool.threads.length, 0, 'none was started');
		});
	}

	test('pool.close, which does not close then', async t => {
		const pool = openPool(t);
		await refused(() => pool.close({forced: true}), '`forced` is not an option; did you mean `force`?');
		assert.equal(await pool.run(1), 1);
	});

	test('limit.drain, which does not drain then', async () => {
		const limit = pLimit(1);
		await refused(() => limit.drain({queue: false}), '`queue` is not an option; did you mean `queued`?');
		assert.equal(await limit(() => 'ran'), 'ran');
	});

	test('limit.rate, which stays', () => {
		const limit = pLimit({concurrency: 1, rate});
		assert.throws(() => {
			limit.rate = {limit: 5, interval: 1, brust: 5};
		}, refusal('`rate.brust` is not an option; did you mean `burst`?'));
		assert.deepEqual(limit.rate, {...rate, burst: 1});
	});

	test('a signal is not touched then', async () => {
		const signal = new Proxy(new AbortController().signal, {
			get() {
				assert.fail('it was');
			},
		});
		await refused(() => pLimit(1).with({signal, timout: 1}), '`timout` is not an option; did you mean `timeout`?');
	});
});

describe('what is no options object is refused by', () => {
	const others = {
		'an array': [],
		'an array with items': [1],
		'an AbortSignal': new AbortController().signal,
		'a URL': new URL('file:///worker.js'),
		'a Map': new Map([['priority', 1]]),
		'a Date': new Date(0),
	};

	for (const [title, [call, , at = 'options.']] of Object.entries(strict)) {
		// These are spread into an object, or an array is p-limit's error.
		if (
			!['pLimit.keyed', 'rate', 'concurrency with options', 'total', 'rate of total', 'rate of keyed'].includes(title)
		) {
			test(title, async () => {
				for (const other of Object.values(others)) {
					await assert.rejects(async () => call(other), {
						name: /^(InvalidArgError|TypeError)$/,
						message: new RegExp(`\`${at.slice(0, -1)}\``),
					});
				}
			});
		}
	}

	test('keyed and its total', async () => {
		for (const other of Object.values(others)) {
			await assert.rejects(async () => pLimit.keyed(other), {message: /^`options` must be an object of options, got /});
			await assert.rejects(async () => pLimit.keyed({concurrency: 1, total: other}), {
				message: /^`total` must be an object of options, got /,
			});
		}
	});

	for (const [method, [call]] of Object.entries(ofPool)) {
		test(`pool.${method}, also of a lane`, async t => {
			const pool = openPool(t);
			for (const lane of [pool, pool.online, pool.offline]) {
				for (const other of Object.values(others)) {
					await assert.rejects(async () => call(lane, other), {
						code: 'ERR_INVALID_ARG',
						message: /^`options` must be an object of options, got /,
					});
				}
			}
		});
	}

	test('no function if it is an object of a class, or a module', async () => {
		pLimit(1).with(new (class Settings {})());
		pLimit(1).with(Object.create({timeout: 1}));
		pLimit(1).with({[Symbol.toStringTag]: 'Settings', timeout: 1});
		const module = await import('data:text/javascript,export const timeout = 1;');
		pLimit(1).with(module);
	});
});

describe('the option that was meant', () => {
	for (const [call, message] of [
		[() => pLimit(1).with({retry: {retry: 3}}), '`retry.retry` is not an option; did you mean `retries`?'],
		[() => pLimit(1).with({retry: {retires: 3}}), '`retry.retires` is not an option; did you mean `retries`?'],
		[() => pLimit(1).with({retry: {maxRetries: 3}}), '`retry.maxRetries` is not an option; did you mean `retries`?'],
		[() => pLimit(1).with({prioritty: 1}), '`prioritty` is not an option; did you mean `priority`?'],
		[() => pLimit(1).with({queuetimeout: 1}), '`queuetimeout` is not an option; did you mean `queueTimeout`?'],
		[() => pLimit(1).with({queue_timeout: 1}), '`queue_timeout` is not an option; did you mean `queueTimeout`?'],
		[() => pLimit(1).with({TIMEOUT: 1}), '`TIMEOUT` is not an option; did you mean `timeout`?'],
		[() => pLimit(1).with({lanes: 'offline'}), '`lanes` is not an option; did you mean `lane`?'],
		[() => new Pool({maxThread: 1}), '`maxThread` is not an option; did you mean `maxThreads`?'],
		[() => new Pool({minThread: 1}), '`minThread` is not an option; did you mean `minThreads`?'],
		[() => new Pool({threads: 1}), '`threads` is not an option; did you mean `maxThreads`?'],
		[() => pLimit({concurrency: {maximum: 3}}), '`concurrency.maximum` is not an option; did you mean `max`?'],
		[() => pLimit({concurrency: {min: 1, maxi: 3}}), '`concurrency.maxi` is not an option; did you mean `max`?'],
		[() => pLimit({concurrency: 1, rate: {...rate, brust: 2}}), '`rate.brust` is not an option; did you mean `burst`?'],
		[
			() => pLimit(1).settle([1], noop, {stopOnError: true}),
			'`stopOnError` is not an option; `settle` runs all items, and no failure of an item rejects it',
		],
		[() => compress('gzip', 'a', {maxOutputLength: 1}), '`maxOutputLength` is not an option; only `decompress` has it'],
		[() => decompress('gzip', 'a', {level: 1}), '`level` is not an option; only `compress` has it'],
		[
			() => pLimit(1).with({'a b': 1}),
			"`'a b'` is not an option; the options are `lane`, `priority`, `weight`, `cost`, `signal`, `queueTimeout`, `timeout`, `attemptTimeout`, `releaseSlot`, `retry`, `label`, `context`",
		],
	]) {
		test(message, () => refused(call, message));
	}

	for (const [name, advice] of [
		['shouldConsumeRetry', 'every retry counts'],
		['unref', 'a wait for a retry keeps the process alive; end it by `signal` of `with`'],
		['forever', 'use `retries: Infinity`'],
	]) {
		test(`in place of p-retry's ${name}`, () =>
			refused(() => pLimit(1).with({retry: {[name]: noop}}), `\`retry.${name}\` is not an option; ${advice}`));
	}

	for (const [name, value] of [
		['atomics', 'disabled'],
		['loadBalancer', noop],
		['recordTiming', true],
		['stricterFIFO', true],
		['taskQueue', {}],
		['workerHistogram', true],
	]) {
		test(`is none in place of piscina's ${name}, and the message says why`, () =>
			assert.throws(() => new Pool({[name]: value}), {
				code: 'ERR_INVALID_ARG',
				message: new RegExp(`^\`${name}\` is not an option; (?!the options are|did you mean)`),
			}));
	}

	test('of a very long name is found in no time, and the name is cut', () =>
		assert.throws(
			() => pLimit(1).with({['timeout'.repeat(100_000)]: 1}),
			error => error.message.length < 200,
		));
});

describe('where p-limit takes an object', () => {
	const functions = {
		pLimit,
		limitFunction: options => limitFunction(noop, options),
	};
	for (const [title, call] of Object.entries(functions)) {
		for (const [wrong, known] of [
			['concurency', 'concurrency'],
			['Concurrency', 'concurrency'],
			['concurrent', 'concurrency'],
			['concurrencyLimit', 'concurrency'],
			['rejectOnclear', 'rejectOnClear'],
			['rejectsOnClear', 'rejectOnClear'],
			['reject_on_clear', 'rejectOnClear'],
			['rates', 'rate'],
			['rateLimit', 'rate'],
			['maxqueue', 'maxQueue'],
			['maxQueueSize', 'maxQueue'],
			['offlineshare', 'offlineShare'],
			['resrve', 'reserve'],
			['nestd', 'nested'],
			['overFlow', 'overflow'],
			['time_out', 'timeout'],
		]) {
			test(`${title} refuses ${wrong}`, async () => {
				const message = `\`${wrong}\` is not an option; did you mean \`${known}\`?`;
				await refused(() => call({[wrong]: 4}), message);
				await refused(() => call({concurrency: 4, [wrong]: 4}), message);
			});
		}

		for (const other of ['debug', 'interval', 'autoStart', 'id', 'n', 'max', 'output', '']) {
			test(`${title} passes over '${other}', as p-limit does`, () => {
				call({concurrency: 4, [other]: 4});
				assert.throws(() => call({[other]: 4}), {
					name: 'TypeError',
					message: 'Expected `concurrency` to be a number from 1 and up',
				});
			});
		}
	}

	test('an object inside of it is the own one of this package', () =>
		refused(
			() => limitFunction(noop, {concurrency: 1, maxQueue: {onlin: 1}}),
			'`maxQueue.onlin` is not an option; did you mean `online`?',
		));
});

describe('clearQueue', () => {
	const held = async limit => {
		let release;
		const holder = limit(
			() =>
				new Promise(resolve => {
					release = resolve;
				}),
		);
		const waiting = limit(noop);
		waiting.catch(noop);
		await new Promise(setImmediate);
		return {
			release() {
				release();
				return holder;
			},
		};
	};

	test('refuses a misspelled option, and clears nothing then', async () => {
		const limit = pLimit(1);
		const {release} = await held(limit);
		for (const wrong of ['everywere', 'everyWhere', 'every_where']) {
			await refused(
				() => limit.clearQueue({[wrong]: true}),
				`\`${wrong}\` is not an option; did you mean \`everywhere\`?`,
			);
		}

		assert.equal(limit.pendingCount, 1);
		await release();
	});

	test('takes whatever an emitter gives its listeners', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		const given = [
			undefined,
			null,
			1,
			'everywher',
			noop,
			[1, 2],
			{code: 1},
			new Event('e'),
			Buffer.alloc(1e6),
			new Map(),
		];
		for (const value of given) {
			const {release} = await held(limit);
			const emitter = new EventEmitter();
			emitter.on('close', limit.clearQueue);
			const emitted = once(emitter, 'close');
			emitter.emit('close', value);
			await emitted;
			assert.equal(limit.pendingCount, 0);
			await release();
		}
	});
});

describe('no name counts', () => {
	const hidden = {
		'whose value is undefined': {wrong: undefined},
		'that is inherited': Object.create({wrong: 1}),
		'that is not enumerable': Object.defineProperty({}, 'wrong', {value: 1}),
		'that is a symbol': {[Symbol('wrong')]: 1},
	};
	for (const [title, options] of Object.entries(hidden)) {
		test(title, async t => {
			const pool = openPool(t);
			const limit = pLimit(1);
			assert.equal(await limit.with(options)(() => 'ran'), 'ran');
			assert.deepEqual(await limit.map([1], () => 'ran', options), ['ran']);
			assert.equal(await pool.run(1, options), 1);
			assert.deepEqual(await pool.offline.map([1], options), [1]);
			assert.equal((await hash('sha1', 'a', options)).length, 20);
			await pool.close(options);
		});
	}
});

describe('options that are inherited or accessors', () => {
	class Settings {
		get concurrency() {
			return 3;
		}

		get total() {
			return 2;
		}

		get name() {
			return undefined;
		}

		get signal() {
			return AbortSignal.abort('given');
		}

		get idleTimeout() {
			return 5;
		}
	}

	test('of a limit', () => {
		assert.equal(pLimit(new Settings()).concurrency, 3);
	});

	test('of keyed', () => {
		const limits = pLimit.keyed(new Settings());
		assert.equal(limits('a').concurrency, 3);
		assert.equal(limits.total.concurrency, 2);
	});

	test('of a call', () => assert.rejects(pLimit(1).with(new Settings())(noop), error => error === 'given'));

	test('of a pool, and of its lanes', async t => {
		const pool = openPool(t);
		for (const lane of [pool, pool.online, pool.offline]) {
			await assert.rejects(lane.run(1, new Settings()), error => error === 'given');
			await assert.rejects(lane.map([1], new AbortController()).then(assert.fail), {name: 'AssertionError'});
		}
	});

	test('are read once by each lane of a pool', async t => {
		const pool = openPool(t);
		let reads = 0;
		const options = {
			get timeout() {
				reads++;
				return 10_000;
			},
		};
		await pool.offline.run(1, options);
		assert.equal(reads, 1);
	});
});
