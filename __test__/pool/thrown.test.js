'use strict';

// What is thrown arrives, without the parts that can't be sent: they alone are left out, wherever they are.

const assert = require('node:assert/strict');
const {before, after, describe, test} = require('node:test');
const {Pool} = require('p-lanes');
const {errors} = require('./fixtures/throwing.js');
const {failure, fixture} = require('./helpers.js');

let pool;
before(() => {
	pool = new Pool({filename: fixture('throwing.js'), maxThreads: 1});
});
after(() => pool.destroy());

const thrown = (name, group = 'others') => failure(pool.run({group, name}, {name: 'throwIt'}));
const returned = (name, group = 'others') => pool.run({group, name}, {name: 'returnIt'});

describe('an error keeps everything but', () => {
	for (const name of Object.keys(errors)) {
		test(name, async () => {
			const error = await thrown(name, 'errors');
			assert.equal(error.constructor, RangeError);
			assert.equal(error.name, 'RangeError');
			assert.equal(error.message, 'the message');
			assert.match(error.stack, /^RangeError: the message\n {4}at .*throwing\.js/);
			assert.equal(error.code, 'E_CODE');
			assert.deepEqual(error.kept, {a: 1});
			for (const key of ['bad', 'fn', 'symbol', 'p', 'map', 'proxy', 'port', 'g', 'buffer']) {
				assert.equal(Object.hasOwn(error, key), false, key);
			}
		});

		if (!name.includes('cause')) {
			test(`${name}, in a result`, async () => {
				const error = await returned(name, 'errors');
				assert.equal(error.message, 'the message');
				assert.equal(error.code, 'E_CODE');
				assert.deepEqual(error.kept, {a: 1});
			});
		}

		if (!name.includes('cause')) {
			test(`${name}, in a task`, async () => {
				const error = await pool.run(errors[name](), {name: 'echo'});
				assert.equal(error.message, 'the message');
				assert.equal(error.code, 'E_CODE');
				assert.deepEqual(error.kept, {a: 1});
			});
		}
	}

	test('parts of parts', async () => {
		assert.deepEqual((await thrown('a getter that throws in an object', 'errors')).inner, {
			code: 'E_CODE',
			kept: {a: 1},
			b: 1,
		});
		assert.deepEqual((await thrown('a cause with a function', 'errors')).cause, {reason: 1});
		const cause = await thrown('a cause that is a function', 'errors');
		assert.equal(Object.hasOwn(cause, 'cause'), false);
		assert.equal((await thrown('memory that is shared, and a function', 'errors')).shared.byteLength, 1);
	});

	test('in a result, a cause that a clone refuses', async () => {
		await assert.rejects(returned('a cause that is a function', 'errors'), {
			code: 'ERR_NOT_CLONEABLE',
			message: "`result.cause` can't be sent to another thread: it is a function (cause)",
		});
	});
});

test('an error of a library with functions, sockets and cycles', async () => {
	const error = await failure(pool.run(undefined, {name: 'throwAxios'}));
	assert.equal(error.name, 'HttpError');
	assert.equal(error.code, 'ERR_BAD_RESPONSE');
	assert.equal(error.toJSON, undefined);
	const {config, response} = error;
	assert.equal(response.status, 500);
	assert.deepEqual(response.data, {reason: ['full'], at: new Date(7)});
	assert.equal(response.self, response);
	assert.equal(response.config, config);
	assert.equal(response.request, error.request);
	assert.equal(error.request.maxSockets, Number.POSITIVE_INFINITY);
	assert.deepEqual(config.headers, {accept: 'text/plain'});
	assert.deepEqual(config.transformRequest, [undefined, 'kept']);
	assert.deepEqual(config.adapters, new Map([['kept', 1]]));
	assert.deepEqual(config.set, new Set(['kept']));
	assert.equal(config.validateStatus, undefined);
	assert.equal(config.url, '/a');
});

describe('a getter that throws', () => {
	for (const key of ['message', 'name', 'stack', 'code', 'cause', 'constructor', 'errors']) {
		test(key, async () => {
			for (const error of [await thrown(`${key} throws`), await returned(`${key} throws`)]) {
				assert.ok(error instanceof Error);
				assert.equal(error.message, key === 'message' ? '' : 'the message');
				assert.equal(error.name, 'RangeError');
				assert.equal(error.constructor, RangeError);
				assert.equal(error.code, key === 'code' ? undefined : 'E_CODE');
				assert.deepEqual(error.kept, {a: 1});
				assert.match(error.stack, /^RangeError/);
			}
		});
	}
});

describe('kinds of errors', () => {
	test('made by a function that inherits from Error', async () => {
		const error = await thrown('old');
		assert.ok(error instanceof Error);
		assert.equal(error.name, 'OldError');
		assert.equal(error.message, 'old message');
		assert.equal(error.code, 'E_OLD');
		assert.equal(error.stack, 'OldError: stack');
	});

	test('a code and a name that the class has', async () => {
		for (const error of [await thrown('coded'), await returned('coded')]) {
			assert.ok(error instanceof TypeError);
			assert.equal(error.name, 'Coded');
			assert.equal(error.code, 'E_CLASS');
			assert.deepEqual(Object.keys(error), []);
		}
	});

	test('of another realm', async () => {
		const error = await thrown('realm');
		assert.ok(error instanceof RangeError);
		assert.equal(error.message, 'realm message');
		assert.equal(error.code, 'E_REALM');
	});

	test('of the system', async () => {
		const error = await thrown('system');
		assert.equal(error.code, 'ENOENT');
		assert.equal(error.syscall, 'open');
		assert.equal(error.path, '/no/such/file');
		assert.equal(typeof error.errno, 'number');
	});

	test('a DOMException', async () => {
		for (const send of [thrown, returned]) {
			const abort = await send('abort');
			assert.ok(abort instanceof DOMException);
			assert.equal(abort.name, 'AbortError');
			assert.equal(abort.code, 20);
			const timeout = await send('timeout');
			assert.equal(timeout.code, 23);
			assert.match(timeout.stack, /throwing\.js/);
			assert.deepEqual(Object.keys(timeout), []);
			const more = await send('domWithMore');
			assert.ok(more instanceof DOMException);
			assert.equal(more.name, 'OwnName');
			assert.equal(more.extra, 1);
			assert.equal(more.fn, undefined);
			assert.ok(more.cause instanceof TypeError);
		}
	});

	test('DOMExceptions in other errors', async () => {
		const error = await thrown('domInside');
		assert.ok(error instanceof AggregateError);
		assert.ok(error.cause instanceof DOMException);
		assert.equal(error.cause.code, 20);
		assert.equal(error.errors.length, 3);
		assert.ok(error.errors[0] instanceof DOMException);
		assert.equal(error.errors[0].code, 23);
		assert.ok(error.errors[1].error instanceof DOMException);
		assert.equal(error.errors[2], undefined);
	});

	test('an AggregateError', async () => {
		const error = await thrown('aggregate');
		assert.ok(error instanceof AggregateError);
		assert.equal(error.errors.length, 4);
		assert.ok(error.errors[0] instanceof RangeError);
		assert.equal(error.errors[1].code, 'E_CODE');
		assert.equal(error.errors[2], undefined);
		assert.equal(error.errors[3], 'text');
		assert.equal(Object.keys(error).includes('errors'), false);
	});

	test('a cause with a code', async () => {
		assert.equal((await thrown('fetchLike')).cause.code, 'ECONNREFUSED');
	});

	test('behind a Proxy', async () => {
		const error = await thrown('proxy');
		assert.ok(error instanceof RangeError);
		assert.equal(error.message, 'behind a Proxy');
	});

	test('in itself', async () => {
		const error = await thrown('suppressed');
		assert.equal(error.cause, error);
		assert.equal(error.all[0], error);
		assert.equal(error.all[1].error, error);
	});

	test('each property is read once', async () => {
		for (const error of [await thrown('reads'), await returned('reads')]) {
			const reads = [error.code, error.cause, error.more].map(({reads}) => reads);
			assert.deepEqual(error.errors, [1]);
			assert.equal(new Set(reads).size, 3);
			assert.ok(Math.max(...reads) <= 4);
			assert.equal(error.code.key, 'code');
		}
	});

	test('what is no error', async () => {
		assert.deepEqual(await thrown('plain'), {status: 500, inner: {kept: 1}});
		assert.deepEqual(await thrown('list'), [1, undefined, {a: 1}]);
	});
});

describe('long chains and cycles of errors', () => {
	const next = {
		cause: error => error.cause,
		errors: error => error.errors[0],
		property: error => error.inner,
		nested: error => error.inner?.list[0],
		dom: error => error.inner,
	};
	for (const how of Object.keys(next)) {
		test(`4,000 of them, by ${how}`, async () => {
			let error = await failure(pool.run({length: 4000, how}, {name: 'throwChain'}));
			for (let level = 3999; level >= 0; level--) {
				assert.equal(error.message, String(level));
				error = next[how](error);
			}

			assert.equal(error, undefined);
		});
	}

	for (const isClean of [true, false]) {
		test(`a cycle of causes${isClean ? '' : ' with functions'}`, async () => {
			const error = await failure(pool.run({length: 4000, isClean}, {name: 'throwCycle'}));
			let last = error;
			for (let level = 0; level < 4000; level++) {
				last = last.cause;
			}

			assert.equal(last, error);
		});
	}

	test('causes without an end', async () => {
		const error = await thrown('endless');
		assert.equal(error.message, 'endless');
		assert.equal(error.cause.cause.message, 'endless');
	});

	test('10,000 errors that share something large with a function', async () => {
		const error = await failure(pool.run({width: 10_000}, {name: 'throwWide'}));
		assert.equal(error.errors.length, 10_000);
		const [{shared}] = error.errors;
		assert.equal(shared.big.length, 1000);
		assert.ok(error.errors.every(each => each.shared === shared));
	});
});
