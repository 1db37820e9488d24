'use strict';

// Every way to use the package, each with its options, as a user's test would use them. They run in environments that
// lack or replace globals: in a `vm` context here, and in Jest and Vitest by `npm run test:ecosystem`.
//
// Each way gets the exports of the package and the global object of the environment. Values come from that environment.
// They are compared loosely, because results may come from Node's own.

const assert = require('node:assert');
const path = require('node:path');
const process = require('node:process');
const {pathToFileURL} = require('node:url');

const WORK = path.join(__dirname, '../pool/fixtures/work.js');
const EXAMPLE = '123456789';
const EXAMPLE_CRC32 = 'cbf43926';

const never = () => new Promise(() => {});

const codeOf = async promise => {
	try {
		await promise;
	} catch (error) {
		return error.code;
	}

	return 'resolved';
};

/** Runs `use` with a pool that is destroyed afterwards. */
const withPool = async ({Pool}, options, use) => {
	const pool = new Pool({filename: WORK, maxThreads: 1, ...options});
	try {
		await use(pool);
	} finally {
		await pool.destroy();
	}
};

/** Calls a function in a later turn of the event loop. Not by a global, which may be replaced. */
const afterTurns = fn => {
	require('node:timers').setImmediate(fn);
};

const collect = async source => {
	const items = [];
	for await (const item of source) {
		items.push(item);
	}

	return items;
};

const limitWays = {
	async call({pLimit}) {
		assert.equal(await pLimit(1)((a, b) => a + b, 1, 2), 3);
	},
	async 'limitFunction, and its clearQueue'({limitFunction}) {
		const twice = limitFunction(async number => number * 2, {concurrency: 1});
		assert.equal(await twice(2), 4);
		twice.clearQueue();
	},
	async rejectOnClear({pLimit}, realm) {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		const running = limit(async () => 1);
		const queued = limit(() => 2);
		limit.clearQueue();
		const error = await queued.catch(reason => reason);
		assert.equal(error.name, 'AbortError');
		assert.equal(error.code, 20);
		assert.ok(realm.DOMException === undefined || error instanceof realm.DOMException);
		assert.equal(await running, 1);
	},
	async 'a task that rejects'({pLimit}, realm) {
		const error = new realm.RangeError('wrong');
		await assert.rejects(
			pLimit(1)(async () => {
				throw error;
			}),
			given => given === error,
		);
	},
	async 'map, with options'({pLimit}) {
		const limit = pLimit(2);
		assert.deepEqual(await limit.map([1, 2, 3], async item => item * 2), [2, 4, 6]);
		assert.deepEqual(await limit.map(new Set([1, 2]), item => item, {shuffle: true, stopOnError: true}), [1, 2]);
		await assert.rejects(
			limit.map(
				[1],
				async () => {
					throw new Error('wrong');
				},
				{stopOnError: false},
			),
			{code: 'ERR_ITEMS_FAILED'},
		);
	},
	async 'map with a timeout, and with retries'({pLimit}) {
		assert.deepEqual(
			await pLimit(2)
				.with({timeout: 60_000, retry: 1})
				.map([1, 2], item => item),
			[1, 2],
		);
	},
	async settle({pLimit}) {
		const [first, second] = await pLimit(2).settle([1, 2], async item => {
			if (item === 2) {
				throw new Error('wrong');
			}

			return item;
		});
		assert.equal(first.value, 1);
		assert.equal(second.reason.message, 'wrong');
	},
	async once({pLimit}) {
		const limit = pLimit(1);
		assert.deepEqual(await Promise.all([limit.once('key', async () => 1), limit.once('key', async () => 2)]), [1, 1]);
	},
	async 'stream, with options'({pLimit}) {
		const limit = pLimit(2);
		assert.deepEqual(await collect(limit.stream([1, 2, 3], async item => item * 2)), [2, 4, 6]);
		const options = {ordered: false, highWaterMark: 1, stopOnError: false};
		assert.deepEqual(
			(
				await collect(
					limit.stream(
						(async function* () {
							yield 1;
							yield 2;
						})(),
						item => item,
						options,
					),
				)
			).sort(),
			[1, 2],
		);
	},
	async 'stream with a timeout'({pLimit}) {
		assert.deepEqual(
			await collect(
				pLimit(2)
					.with({timeout: 60_000})
					.stream([1, 2], async item => item),
			),
			[1, 2],
		);
	},
	async 'a stream that is left early'({pLimit}) {
		for await (const item of pLimit(1)
			.with({timeout: 60_000})
			.stream([1, 2, 3], async value => value)) {
			assert.equal(item, 1);
			break;
		}
	},
	async transform({pLimit}) {
		const {Readable} = require('node:stream');
		assert.deepEqual(await collect(Readable.from([1, 2]).compose(pLimit(2).transform(async item => item * 2))), [2, 4]);
	},
	async timeout({pLimit}) {
		assert.equal(await codeOf(pLimit(1).with({timeout: 5})(never)), 'ERR_TASK_TIMEOUT');
	},
	async queueTimeout({pLimit}) {
		const limit = pLimit(1);
		limit(never);
		assert.equal(await codeOf(limit.with({queueTimeout: 5})(() => 1)), 'ERR_QUEUE_TIMEOUT');
	},
	async 'retry, with options'({pLimit, retryAfter}) {
		let attempts = 0;
		const retry = {
			retries: 3,
			factor: 1,
			minTimeout: 1,
			maxTimeout: 2,
			randomize: true,
			shouldRetry: async () => true,
			retryAfter,
		};
		assert.equal(
			await pLimit(1).with({retry})(async () => {
				attempts++;
				if (attempts < 3) {
					throw Object.assign(new Error('busy'), {headers: {'retry-after': '0'}});
				}

				return attempts;
			}),
			3,
		);
	},
	async 'a signal'({pLimit}, realm) {
		const controller = new realm.AbortController();
		const limit = pLimit(1).with({signal: controller.signal});
		const running = limit(never);
		const mapped = limit.map([1], never);
		controller.abort();
		await assert.rejects(running, {name: 'AbortError'});
		await assert.rejects(mapped, {name: 'AbortError'});
		await assert.rejects(
			limit(() => 1),
			{name: 'AbortError'},
		);
	},
	async 'a signal of a stream, of once and of settle'({pLimit}, realm) {
		const controller = new realm.AbortController();
		const {signal} = controller;
		const limit = pLimit(3);
		const read = collect(limit.stream([1], never, {signal}));
		const joined = limit.with({signal}).once('key', never);
		const settled = limit.settle([1], never, {signal});
		controller.abort();
		await Promise.all([read, joined, settled].map(promise => assert.rejects(promise, {name: 'AbortError'})));
	},
	async 'lane, priority, weight and cost'({pLimit}) {
		const limit = pLimit({concurrency: 2, reserve: 1, offlineShare: 0.5});
		assert.equal(await limit.with({lane: 'offline', priority: 1})(() => 1), 1);
		assert.equal(await limit.with({weight: 2, cost: 1})(() => 2), 2);
		assert.equal(await limit.offline(() => 3), 3);
		assert.deepEqual(await limit.online.map([4], item => item), [4]);
	},
	async 'maxQueue and overflow'({pLimit}) {
		const limit = pLimit({concurrency: 1, maxQueue: 0, overflow: 'reject'});
		limit(never);
		assert.equal(await codeOf(limit(() => 1)), 'ERR_QUEUE_FULL');
		assert.equal(await pLimit({concurrency: 1, maxQueue: 1, overflow: 'wait'})(() => 1), 1);
	},
	async 'ready, onSizeLessThan, onEmpty and onIdle'({pLimit}) {
		const limit = pLimit({concurrency: 1, maxQueue: 1});
		for (let call = 0; call < 5; call++) {
			await limit.ready();
			limit(async () => {});
		}

		await limit.onSizeLessThan(1);
		await limit.onEmpty();
		await limit.onIdle();
		assert.equal(limit.pendingCount, 0);
	},
	async 'pause, resume and pauseFor'({pLimit}) {
		const limit = pLimit(1);
		limit.pause();
		const paused = limit(() => 1);
		limit.resume();
		assert.equal(await paused, 1);
		limit.pauseFor(5);
		assert.equal(await limit(() => 2), 2);
	},
	async 'concurrency that is changed'({pLimit}) {
		const limit = pLimit(1);
		limit(never);
		const queued = limit(() => 1);
		limit.concurrency = 2;
		assert.equal(await queued, 1);
	},
	async 'an adaptive concurrency'({pLimit}) {
		const limit = pLimit({concurrency: {min: 1, max: 4, initial: 2, algorithm: 'aimd', isOverload: () => false}});
		assert.equal(await limit(async () => 1), 1);
		assert.equal(limit.stats().active ?? 0, 0);
	},
	async 'a rate'({pLimit}) {
		const limit = pLimit({concurrency: 5, rate: {limit: 1000, interval: 1000, burst: 2}});
		await limit.ready();
		assert.deepEqual(await limit.map([1, 2, 3], item => item), [1, 2, 3]);
		limit.charge(1);
		limit.rate = {limit: 10, interval: 1};
	},
	async 'a name'({pLimit}) {
		const name = `name ${Math.random()}`;
		pLimit({name, concurrency: 1});
		assert.equal(await pLimit({name})(async () => 1), 1);
	},
	async nested({pLimit}) {
		const lending = pLimit({concurrency: 1, nested: 'lend'});
		assert.equal(await lending(() => lending(async () => 1)), 1);
		const detect = pLimit({concurrency: 1, nested: 'detect'});
		assert.equal(await codeOf(detect(() => detect(async () => 1))), 'ERR_DEADLOCK');
	},
	async 'keyed, with a total'({pLimit}) {
		const limits = pLimit.keyed({concurrency: 1, total: 1, idleTimeout: 5});
		assert.equal(await limits('a').with({timeout: 60_000})(async () => 1), 1);
		assert.equal(limits.size, 1);
	},
	async 'drain, and await using'({pLimit}, realm) {
		const limit = pLimit(1);
		const last = limit(async () => 1);
		await limit.drain();
		assert.equal(await last, 1);
		assert.equal(await codeOf(limit(() => 1)), 'ERR_LIMIT_CLOSED');
		if (realm.Symbol.asyncDispose !== undefined) {
			assert.equal(await pLimit(1)[realm.Symbol.asyncDispose](), undefined);
		}
	},
	async 'drain without what is queued'({pLimit}) {
		const limit = pLimit(1);
		const running = limit(async () => 1);
		const queued = codeOf(limit(() => 2));
		await limit.drain({queued: false});
		assert.equal(await running, 1);
		assert.equal(await queued, 'ERR_LIMIT_CLOSED');
	},
	async 'an error of an option'({pLimit, InvalidArgError}) {
		assert.throws(() => pLimit({concurrency: 1, reserve: -1}), InvalidArgError);
		assert.throws(() => pLimit(0), {name: 'TypeError'});
	},
	async 'retryAfter of headers'({retryAfter}, realm) {
		assert.equal(retryAfter({headers: new realm.Map([['retry-after', '2']])}), 2000);
	},
};

const poolWays = {
	run: (p, realm) =>
		withPool(p, {}, async pool => {
			assert.equal(await pool.run(1), 1);
			assert.deepEqual(await pool.run({a: [1, {b: 'text'}]}), {a: [1, {b: 'text'}]});
			assert.equal(await pool.run(2, {name: 'double', lane: 'offline', timeout: 60_000}), 4);
			assert.equal(+(await pool.run(new realm.Date(5))), 5);
		}),
	'run of large and of strange values': (p, realm) =>
		withPool(p, {}, async pool => {
			const large = Array.from({length: 100}, (_, index) => ({index}));
			assert.deepEqual(await pool.run(large), large);
			assert.deepEqual([...(await pool.run(new realm.Uint8Array([1, 2])))], [1, 2]);
			assert.deepEqual([...(await pool.run(new realm.Map([[1, 2]])))], [[1, 2]]);
			assert.equal((await pool.run(new realm.ArrayBuffer(3))).byteLength, 3);
			assert.equal((await pool.run(new realm.Error('sent', {cause: 1}))).message, 'sent');
		}),
	'run of an instance of a class': p =>
		withPool(p, {}, async pool => {
			class Point {
				x = 1;
			}

			assert.deepEqual({...(await pool.run(new Point()))}, {x: 1});
		}),
	'run of what can not be sent': p =>
		withPool(p, {}, async pool => {
			assert.equal(await codeOf(pool.run({fn() {}})), 'ERR_NOT_CLONEABLE');
			assert.equal(await codeOf(pool.run(Array.from({length: 100}, () => Symbol('none')))), 'ERR_NOT_CLONEABLE');
		}),
	'an error of a function': p =>
		withPool(p, {}, async pool => {
			await assert.rejects(pool.run({message: 'wrong', kind: 'RangeError'}, {name: 'fail'}), {
				name: 'RangeError',
				message: 'wrong',
			});
		}),
	'run with a transfer list, and move': (p, realm) =>
		withPool(p, {}, async pool => {
			const buffer = new realm.ArrayBuffer(4);
			assert.equal((await pool.run(buffer, {transferList: [buffer]})).byteLength, 4);
			assert.equal(buffer.byteLength, 0);
			assert.equal((await pool.run(p.move(new realm.Uint8Array(3)))).byteLength, 3);
		}),
	'a timeout': p =>
		withPool(p, {abortGrace: 1}, async pool => {
			const timedOut = codeOf(
				pool.run({}, {filename: 'data:text/javascript,export default () => new Promise(() => {})', timeout: 5}),
			);
			assert.equal(await timedOut, 'ERR_TASK_TIMEOUT');
		}),
	'a signal': (p, realm) =>
		withPool(p, {abortGrace: 1}, async pool => {
			const filename = 'data:text/javascript,export default () => new Promise(() => {})';
			const controller = new realm.AbortController();
			const {signal} = controller;
			const aborted = [
				pool.run(1, {filename, signal}),
				pool.map([1, 2], {filename, signal}),
				collect(pool.stream([1], {filename, signal})),
			];
			afterTurns(() => controller.abort());
			await Promise.all(aborted.map(promise => assert.rejects(promise, {name: 'AbortError'})));
		}),
	map: p =>
		withPool(p, {}, async pool => {
			assert.deepEqual(await pool.map([1, 2, 3], {name: 'double'}), [2, 4, 6]);
			assert.deepEqual(await pool.offline.map(new Set([1, 2])), [1, 2]);
		}),
	stream: p =>
		withPool(p, {}, async pool => {
			const options = {name: 'double', ordered: true, highWaterMark: 2};
			assert.deepEqual(await collect(pool.stream([1, 2, 3], options)), [2, 4, 6]);
			assert.deepEqual(
				await collect(
					pool.online.stream(
						(async function* () {
							yield 1;
						})(),
					),
				),
				[1],
			);
		}),
	'a limit': p =>
		withPool(p, {limit: p.pLimit(1)}, async pool => {
			assert.equal(await pool.run(1), 1);
			assert.deepEqual(await pool.map([1, 2]), [1, 2]);
			assert.deepEqual(await collect(pool.stream([1, 2], {limit: p.pLimit(2).offline})), [1, 2]);
		}),
	'all options': (p, realm) => {
		const options = {
			name: 'double',
			minThreads: 0,
			maxThreads: 2,
			idleTimeout: 5,
			maxQueue: 'auto',
			concurrentTasksPerWorker: 2,
			reserve: 1,
			offlineShare: 0.5,
			abortGrace: 5,
			resourceLimits: {maxOldGenerationSizeMb: 64},
			env: {...process.env, NAME: 'value'},
			argv: ['argument'],
			execArgv: ['--no-warnings'],
			workerData: {map: new realm.Map([[1, 2]])},
		};
		return withPool(p, options, async pool => {
			assert.equal(await pool.run(2), 4);
			assert.equal(typeof pool.stats().threads, 'number');
			assert.equal(pool.needsDrain, false);
		});
	},
	'workerData that can not be sent': async p => {
		assert.throws(() => new p.Pool({filename: WORK, workerData: () => {}}), p.NotCloneableError);
	},
	'filename as a URL': (p, realm) =>
		withPool(p, {filename: new realm.URL(pathToFileURL(WORK).href)}, async pool => {
			assert.equal(await pool.run(1), 1);
		}),
	'close, and await using': async ({Pool}, realm) => {
		const pool = new Pool({filename: WORK, minThreads: 1, maxThreads: 1});
		assert.equal(await pool.run(1), 1);
		await pool.close({force: true});
		assert.equal(await codeOf(pool.run(1)), 'ERR_POOL_CLOSED');
		if (realm.Symbol.asyncDispose !== undefined) {
			await new Pool({filename: WORK})[realm.Symbol.asyncDispose]();
		}
	},
	events: p =>
		withPool(p, {}, async pool => {
			const created = new Promise(resolve => {
				pool.once('workerCreate', resolve);
			});
			await pool.run(1);
			await created;
		}),
	'a worker that can not be started': async ({Pool}) => {
		const pool = new Pool({filename: path.join(__dirname, '../pool/fixtures/broken.mjs'), maxThreads: 1});
		assert.equal(await codeOf(pool.run(1)), 'ERR_WORKER_CRASHED');
		await pool.destroy();
	},
};

const kernelWays = {
	async hash({hash, pLimit}, realm) {
		assert.equal(await hash('crc32', EXAMPLE, {encoding: 'hex', lane: 'offline'}), EXAMPLE_CRC32);
		const bytes = realm.Uint8Array.from(EXAMPLE, character => character.charCodeAt(0));
		assert.equal(await hash('crc32', bytes, {encoding: 'hex', limit: pLimit(1)}), EXAMPLE_CRC32);
		assert.equal(await hash('crc32', bytes.buffer, {encoding: 'hex'}), EXAMPLE_CRC32);
		assert.equal((await hash('sha256', new realm.ArrayBuffer(1))).length, 32);
	},
	async 'hash.map'({hash}) {
		assert.deepEqual(await hash.map('crc32', [EXAMPLE, EXAMPLE], {encoding: 'hex'}), [EXAMPLE_CRC32, EXAMPLE_CRC32]);
	},
	async 'hash.files, of paths and URLs'({hash}, realm) {
		const [digest, other, missing] = await hash.files(
			'crc32',
			[WORK, new realm.URL(pathToFileURL(WORK).href), '/no/such/file'],
			{
				encoding: 'hex',
			},
		);
		assert.equal(digest, other);
		assert.equal(missing.code, 'ENOENT');
	},
	async 'compress and decompress'({compress, decompress}) {
		for (const format of ['gzip', 'brotli', 'zstd']) {
			const packed = await compress(format, EXAMPLE, {level: 1});
			assert.equal(String(await decompress(format, packed, {maxOutputLength: 100})), EXAMPLE);
			const [again] = await decompress.map(format, await compress.map(format, [EXAMPLE]));
			assert.equal(String(again), EXAMPLE);
		}
	},
	async 'a signal'({hash}, realm) {
		const controller = new realm.AbortController();
		assert.equal(await hash('crc32', EXAMPLE, {encoding: 'hex', signal: controller.signal}), EXAMPLE_CRC32);
		const list = Array.from({length: 64}, () => new realm.Uint8Array(1 << 20));
		const aborted = hash.map('sha512', list, {signal: controller.signal});
		controller.abort();
		await assert.rejects(aborted, {name: 'AbortError'});
	},
	async 'a value that can not be hashed'({hash, InvalidArgError}) {
		await assert.rejects(hash('crc32', 5), InvalidArgError);
	},
	async configure({configure, InvalidArgError}) {
		assert.throws(() => configure({threads: 0}), InvalidArgError);
	},
};

const prefixed = (prefix, ways) => Object.entries(ways).map(([name, way]) => [`${prefix}: ${name}`, way]);

module.exports = {
	ways: [...prefixed('limit', limitWays), ...prefixed('pool', poolWays), ...prefixed('kernels', kernelWays)],
};
