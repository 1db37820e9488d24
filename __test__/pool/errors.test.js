'use strict';

// An error comes from the worker with more than its structured clone would have: its class, name, cause and properties.

const assert = require('node:assert/strict');
const {before, after, describe, test} = require('node:test');
const {InvalidArgError, NotCloneableError, Pool} = require('p-lanes');
const {failure, fixture} = require('./helpers.js');
const {portrait} = require('./portrait.js');

let pool;
before(() => {
	pool = new Pool({filename: fixture('work.js'), maxThreads: 1, concurrentTasksPerWorker: 8});
});
after(() => pool.destroy());

describe('errors', () => {
	class ValidationError extends Error {}
	class QuotaError extends RangeError {
		constructor(message, options) {
			super(message, options);
			this.limit = 3;
		}
	}

	for (const how of ['thrown', 'returned', 'inside']) {
		const send = {
			thrown: async error => {
				const rejected = await failure(pool.run(error, {name: 'throwIt'}));
				if (rejected.code === 'ERR_NOT_CLONEABLE') {
					throw rejected;
				}

				return rejected;
			},
			returned: error => pool.run(error),
			inside: async error => {
				const {list, again} = await pool.run({list: [error], again: error});
				assert.equal(list[0], again);
				return again;
			},
		}[how];

		describe(how, () => {
			test('has its class, name, message and stack', async () => {
				for (const Type of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
					const error = new Type('told');
					const given = await send(error);
					assert.equal(given.constructor, Type);
					assert.ok(given instanceof Type);
					assert.equal(given.name, Type.name);
					assert.equal(given.message, 'told');
					assert.equal(given.stack, error.stack);
					assert.deepEqual(Object.keys(given), []);
				}
			});

			test('has the name of its own class if the receiver does not know that class', async () => {
				const plain = await send(new ValidationError('bad'));
				assert.ok(plain instanceof Error);
				assert.equal(plain.name, 'ValidationError');
				const quota = await send(new QuotaError('much'));
				assert.ok(quota instanceof RangeError);
				assert.equal(quota.name, 'QuotaError');
				assert.equal(quota.limit, 3);
			});

			test('keeps a name that was assigned', async () => {
				assert.equal((await send(Object.assign(new Error('x'), {name: 'Own'}))).name, 'Own');
				assert.equal((await send(Object.assign(new QuotaError('x'), {name: 'Error'}))).name, 'Error');
			});

			test('keeps own properties', async () => {
				const given = await send(Object.assign(new Error('x'), {code: 'E_X', details: new Map([[1, {a: [1]}]])}));
				assert.equal(given.code, 'E_X');
				assert.deepEqual(given.details, new Map([[1, {a: [1]}]]));
				assert.deepEqual(Object.keys(given), ['code', 'details']);
			});

			test('keeps all causes', async () => {
				const root = Object.assign(new TypeError('root'), {code: 1});
				const given = await send(new Error('top', {cause: new ValidationError('middle', {cause: root})}));
				assert.equal(given.cause.name, 'ValidationError');
				assert.equal(given.cause.cause.constructor, TypeError);
				assert.equal(given.cause.cause.code, 1);
				assert.equal(Object.hasOwn(await send(new Error('x')), 'cause'), false);
				assert.equal((await send(new Error('x', {cause: 'text'}))).cause, 'text');
				const undefinedCause = await send(new Error('x', {cause: undefined}));
				assert.equal(Object.hasOwn(undefinedCause, 'cause'), true);
			});

			test('may be its own cause', async () => {
				const error = new Error('round');
				error.cause = error;
				const given = await send(error);
				assert.equal(given.constructor, Error);
				assert.equal(given.message, 'round');
				assert.equal(given.cause, given);
			});

			test('may be an AggregateError', async () => {
				const given = await send(new AggregateError([new RangeError('one'), 'two'], 'both'));
				assert.ok(given instanceof AggregateError);
				assert.equal(given.name, 'AggregateError');
				assert.equal(given.message, 'both');
				assert.equal(given.errors[0].constructor, RangeError);
				assert.equal(given.errors[1], 'two');
			});

			test('may have properties that have to be posted', async () => {
				const cells = new Int32Array(new SharedArrayBuffer(4));
				const given = await send(Object.assign(new QuotaError('x'), {cells}));
				Atomics.store(cells, 0, 5);
				assert.equal(given.cells[0], 5);
				assert.equal(given.name, 'QuotaError');
				assert.equal(given.limit, 3);
			});

			test('loses properties that cannot be sent', async () => {
				const source =
					"export default ({how}) => { const error = Object.assign(new TypeError('x'), {fn() {}, kept: 1}); if (how === 'thrown') throw error; return how === 'returned' ? error : {list: [error], again: error}; }";
				const filename = `data:text/javascript,${encodeURIComponent(source)}`;
				const result = pool.run({how}, {filename});
				const given = how === 'thrown' ? await failure(result) : await result;
				const error = how === 'inside' ? given.again : given;
				assert.equal(error.constructor, TypeError);
				assert.equal(error.kept, 1);
				assert.equal(error.fn, undefined);
			});
		});
	}

	test('an error of this package is an instance of its class', async () => {
		const rejected = await failure(pool.run(1, {name: 'nope'}));
		assert.ok(rejected instanceof InvalidArgError);
		assert.ok(!(rejected instanceof NotCloneableError));
		assert.ok((await pool.run(rejected)) instanceof InvalidArgError);
	});

	test('anything may be thrown', async () => {
		for (const thrown of [undefined, null, 0, -0, 'text', 10n, Number.NaN, {code: 1}, ['a'], new Map([[1, 2]])]) {
			const [rejected] = await pool.run(thrown, {name: 'throwIt'}).then(
				() => assert.fail(),
				error => [error],
			);
			assert.equal(portrait(rejected), portrait(thrown));
		}
	});

	test('a DOMException stays a DOMException', async () => {
		const source = "export default () => { throw new DOMException('over', 'TimeoutError'); }";
		const rejected = await failure(pool.run(1, {filename: `data:text/javascript,${encodeURIComponent(source)}`}));
		assert.ok(rejected instanceof DOMException);
		assert.equal(rejected.name, 'TimeoutError');
		assert.equal(rejected.message, 'over');
		assert.equal(rejected.code, 23);
		assert.match(rejected.stack, /data:text/);
	});

	for (const [what, thrown, message] of [
		['a function', '() => {}', "what was thrown can't be sent to another thread: it is a function"],
		['a symbol', 'Symbol()', "what was thrown can't be sent to another thread: it is a symbol"],
		['a promise', 'Promise.resolve()', "what was thrown can't be sent to another thread: it is a Promise"],
	]) {
		test(`${what} that is thrown`, async () => {
			const source = `export default () => { throw ${thrown}; }`;
			await assert.rejects(pool.run(1, {filename: `data:text/javascript,${encodeURIComponent(source)}`}), {
				code: 'ERR_NOT_CLONEABLE',
				message,
			});
		});
	}

	test('an error whose getter throws is still an error', async () => {
		const source =
			"export default () => { throw Object.defineProperty(new Error('x'), 'message', {get() { throw new Error('no'); }}); }";
		const rejected = await failure(pool.run(1, {filename: `data:text/javascript,${encodeURIComponent(source)}`}));
		assert.ok(rejected instanceof Error);
		assert.equal(await pool.run(1), 1);
	});
});
