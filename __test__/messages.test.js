'use strict';

// What errors say: the reason stands in the message and not only in `cause`, and one thing is worded in one way,
// wherever it happens.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setTimeout: sleep} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {itemsFailed, reasonOf} = require('../lib/common/errors.js');

const {Pool} = pLimit;

const failure = promise => promise.then(assert.fail, error => error);

const never = () => new Promise(() => {});

const poolOf = (t, source, options) => {
	const filename = `data:text/javascript,${encodeURIComponent(source)}`;
	const pool = new Pool({filename, maxThreads: 1, ...options});
	t.after(() => pool.destroy());
	return pool;
};

describe('the error of a timeout says that it timed out, after which time, and in which limit', () => {
	for (const [title, options, prefix] of [
		['of a limit', {concurrency: 9}, ''],
		['of a limit with a name', {concurrency: 9, name: 'mails'}, "limit 'mails': "],
	]) {
		test(title, async () => {
			const limit = pLimit(options);
			const message = `${prefix}the task 'never' timed out after 5 ms`;
			const refused = {name: 'TaskTimeoutError', code: 'ERR_TASK_TIMEOUT', message};
			const lane = limit.with({timeout: 5});
			await assert.rejects(lane(never), refused);
			await assert.rejects(lane.map([1], never), refused);
			await assert.rejects(lane.once('key', never), refused);
			await assert.rejects(lane.stream([1], never).next(), refused);
			assert.ok(!('cause' in (await failure(lane(never)))));
		});

		test(`${title}, in the queue`, async () => {
			const limit = pLimit({...options, name: options.name && 'queue', concurrency: 1});
			let release;
			const holder = limit(
				() =>
					new Promise(resolve => {
						release = resolve;
					}),
			);
			const late = limit.with({queueTimeout: 5});
			for (const start of [() => late(assert.fail), () => late.map([1], assert.fail)]) {
				await assert.rejects(start, {
					name: 'QueueTimeoutError',
					code: 'ERR_QUEUE_TIMEOUT',
					message: `${prefix.replace('mails', 'queue')}the call 'fail' timed out after 5 ms in the queue`,
				});
			}

			release();
			await holder;
		});
	}

	test('of a total limit, in its queue', async () => {
		const limits = pLimit.keyed({concurrency: 1, total: {concurrency: 1}});
		let release;
		const holder = limits('a')(
			() =>
				new Promise(resolve => {
					release = resolve;
				}),
		);
		await assert.rejects(limits('b').with({queueTimeout: 5})(assert.fail), {
			code: 'ERR_QUEUE_TIMEOUT',
			message: "total: the call 'fail' timed out after 5 ms in the queue",
		});
		release();
		await holder;
	});

	test('of a pool', async t => {
		const pool = poolOf(t, 'export default () => new Promise(() => {})', {abortGrace: 0});
		const refused = {code: 'ERR_TASK_TIMEOUT', message: 'the task timed out after 5 ms'};
		await assert.rejects(pool.run(1, {timeout: 5}), refused);
		await assert.rejects(pool.map([1], {timeout: 5}), refused);
	});

	test('and names the function, if it has a name', async t => {
		const lane = pLimit(9).with({timeout: 5});
		const unnamed = {message: 'the task timed out after 5 ms'};
		await assert.rejects(
			lane(() => never()),
			unnamed,
		);
		for (const name of [5, '', undefined]) {
			await assert.rejects(lane(Object.defineProperty(() => never(), 'name', {value: name})), unnamed);
		}

		const hostile = Object.defineProperty(() => never(), 'name', {
			get() {
				throw new Error('no name');
			},
		});
		await assert.rejects(lane(hostile), unnamed);
		const pool = new Pool({filename: require.resolve('./pool/fixtures/work.js'), name: 'spin', abortGrace: 0});
		t.after(() => pool.destroy());
		await assert.rejects(pool.run(1, {timeout: 5}), {message: "the task 'spin' timed out after 5 ms"});
		await assert.rejects(pool.run(1, {timeout: 5, filename: require.resolve('./pool/fixtures/never.js')}), {
			message: "the task 'spin' timed out after 5 ms",
		});
		await assert.rejects(
			pool.run(1, {timeout: 5, name: 'default', filename: require.resolve('./pool/fixtures/never.js')}),
			{
				message: "the task 'never.js' timed out after 5 ms",
			},
		);
	});
});

describe('the timeout of a task that is tried again has the last error as its cause', () => {
	const retry = {minTimeout: 0, factor: 1};

	test('of all attempts', async () => {
		const errors = [];
		const fail = () => {
			errors.push(new RangeError(`attempt ${errors.length}`));
			throw errors.at(-1);
		};
		const lane = pLimit(1).with({timeout: 20, retry: {...retry, retries: Number.POSITIVE_INFINITY}});
		const timeout = await failure(lane(fail));
		assert.equal(timeout.message, "the task 'fail' timed out after 20 ms");
		assert.equal(timeout.cause, errors.at(-1));
	});

	test('while it waits for the next attempt', async () => {
		const last = new RangeError('the last');
		const lane = pLimit(1).with({timeout: 5, retry: {...retry, retryAfter: () => 60_000}});
		const timeout = await failure(lane(() => Promise.reject(last)));
		assert.equal(timeout.cause, last);
	});

	test('while the next attempt runs', async () => {
		let calls = 0;
		const timeout = await failure(
			pLimit(1).with({timeout: 20, retry})(() => {
				calls++;
				return calls === 1 ? Promise.reject('no error') : never();
			}),
		);
		assert.equal(timeout.code, 'ERR_TASK_TIMEOUT');
		assert.equal(timeout.cause, 'no error');
	});

	test('also if that is undefined', async () => {
		let calls = 0;
		const timeout = await failure(
			pLimit(1).with({timeout: 20, retry})(() => (calls++ === 0 ? Promise.reject() : never())),
		);
		assert.ok(Object.hasOwn(timeout, 'cause'));
		assert.equal(timeout.cause, undefined);
	});

	test('in a map, a stream and under a total limit', async () => {
		const last = new Error('the last');
		const options = {timeout: 20, retry: {minTimeout: 60_000}};
		const fail = () => Promise.reject(last);
		const limits = pLimit.keyed({concurrency: 1, total: 1});
		for (const start of [
			() => pLimit(1).with(options).map([1], fail),
			() => pLimit(1).with(options).stream([1], fail).next(),
			() => limits('a').with(options)(fail),
		]) {
			const timeout = await failure(start());
			assert.equal(timeout.code, 'ERR_TASK_TIMEOUT');
			assert.equal(timeout.cause, last);
		}
	});

	test('and none has failed: it has no cause', async () => {
		const timeout = await failure(pLimit(1).with({timeout: 5, retry})(never));
		assert.equal(timeout.code, 'ERR_TASK_TIMEOUT');
		assert.ok(!('cause' in timeout));
	});
});

describe('a worker that could not be started says why', () => {
	const start = 'the worker thread could not be started: ';

	for (const [title, source, reason] of [
		['its module throws', 'throw new RangeError("no config")', 'RangeError: no config'],
		['its module throws what is no error', 'throw "plain"', "'plain'"],
		['its module throws nothing', 'throw undefined', 'undefined'],
		['its module has no message', 'throw new TypeError()', 'TypeError'],
		['it is no module', 'export default (', /^SyntaxError: /],
		['it imports what is not there', 'import "node:nothing"', /nothing/],
		['its setup throws', 'export const setup = () => { throw new Error("one line\\nand another") }', 'Error: one line'],
		['it exits', 'import {exit} from "node:process"; exit(3)', 'it ended with code 3'],
	]) {
		test(title, async t => {
			const rejected = await failure(poolOf(t, source).run(1));
			assert.equal(rejected.code, 'ERR_WORKER_CRASHED');
			assert.ok(rejected.message.startsWith(start), rejected.message);
			const told = rejected.message.slice(start.length);
			if (typeof reason === 'string') {
				assert.equal(told, reason);
			} else {
				assert.match(told, reason);
			}

			assert.equal(Object.hasOwn(rejected, 'cause'), title !== 'it exits');
		});
	}

	test('Node refuses its flags', async t => {
		const rejected = await failure(poolOf(t, '', {execArgv: ['--no-such-flag']}).run(1));
		assert.equal(rejected.code, 'ERR_INVALID_ARG');
		assert.equal(rejected.cause.code, 'ERR_WORKER_INVALID_EXEC_ARGV');
	});

	test('and one that ended while it ran a job, too', async t => {
		const source =
			'export default () => { setTimeout(() => { throw new RangeError("late"); }); return new Promise(() => {}); }';
		const rejected = await failure(poolOf(t, source).run(1));
		assert.equal(rejected.message, 'the worker thread ended with code 1 while it ran this job: RangeError: late');
		assert.equal(rejected.cause.message, 'late');
	});
});

describe('a reason in a message', () => {
	for (const [error, reason] of [
		[new TypeError('a\nb'), 'TypeError: a'],
		[Object.assign(new Error('a'), {name: 'Own'}), 'Own: a'],
		[new DOMException('gone', 'AbortError'), 'AbortError: gone'],
		[{message: 'no error'}, 'Error: no error'],
		[null, 'null'],
		[{code: 1}, '{ code: 1 }'],
		[{toString: 1}, '{ toString: 1 }'],
	]) {
		test(reason, () => assert.equal(reasonOf(error), reason));
	}

	test('is cut if it is long', () => assert.equal(reasonOf(new Error('a'.repeat(1e5))).length, 303));

	test('is found whatever throws', () => {
		const hostile = Object.defineProperty(new Error('a'), 'message', {
			get() {
				throw new Error('never seen');
			},
		});
		assert.equal(typeof reasonOf(hostile), 'string');
	});
});

describe('failed items are told in the same words', () => {
	const items = [1, 2, 3, 4];
	const fail = x => {
		if (x % 2 === 0) {
			throw new RangeError(`failed ${x}`);
		}

		return x;
	};

	/** What a stream rejects with at its end. */
	const endOf = async stream => {
		const seen = [];
		try {
			for await (const value of stream) {
				seen.push(value);
			}
		} catch (error) {
			assert.deepEqual(seen.sort(), [1, 3]);
			return error;
		}

		throw new Error('it ended well');
	};

	const ways = {
		'by map': () => failure(pLimit(2).map(items, fail, {stopOnError: false})),
		'by map with a timeout': () => failure(pLimit(2).with({timeout: 60_000}).map(items, fail, {stopOnError: false})),
		'by stream': () => endOf(pLimit(2).stream(items, fail, {stopOnError: false})),
		'by stream, as they come': () => endOf(pLimit(2).stream(items, fail, {stopOnError: false, ordered: false})),
		'by stream with a timeout': () =>
			endOf(pLimit(2).with({timeout: 60_000}).stream(items, fail, {stopOnError: false})),
	};
	for (const [title, way] of Object.entries(ways)) {
		test(title, async () => {
			const error = await way();
			assert.ok(error instanceof AggregateError);
			assert.equal(error.message, itemsFailed([1, 2], 4).message);
			assert.equal(error.message, '2 of 4 items failed');
			assert.deepEqual(
				error.errors.map(({message}) => message),
				['failed 2', 'failed 4'],
			);
		});
	}
});

describe('a limit that was drained says so in the same words', () => {
	for (const [title, options, prefix] of [
		['of its own', {concurrency: 1}, ''],
		['with a rate', {concurrency: 1, rate: {limit: 100, interval: 1}}, ''],
		['with a name', {concurrency: 1, name: 'drained messages'}, "limit 'drained messages': "],
	]) {
		test(title, async () => {
			const limit = pLimit(options);
			let release;
			const holder = limit(
				() =>
					new Promise(resolve => {
						release = resolve;
					}),
			);
			const waits = failure(limit(assert.fail));
			await sleep(1);
			const drained = limit.drain({queued: false});
			const message = `${prefix}the limit takes no more calls: it was drained`;
			for (const promise of [
				limit(assert.fail),
				limit.offline(assert.fail),
				limit.map([1], assert.fail),
				limit.once('key', assert.fail),
				limit.stream([1], assert.fail).next(),
				limit.ready(),
			]) {
				await assert.rejects(promise, {name: 'LimitClosedError', code: 'ERR_LIMIT_CLOSED', message});
			}

			assert.equal((await waits).message, message);
			release();
			await Promise.all([holder, drained]);
		});
	}
});
