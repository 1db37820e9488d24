'use strict';

// A value comes to the worker and back as a structured clone of it would be, and errors as more than that.

const assert = require('node:assert/strict');
const {Blob} = require('node:buffer');
const {createSecretKey} = require('node:crypto');
const {BlockList} = require('node:net');
const {before, after, describe, test} = require('node:test');
const fc = require('fast-check');
const {InvalidArgError, NotCloneableError, Pool} = require('p-lanes');
const {failure, fixture} = require('./helpers.js');
const {portrait} = require('./portrait.js');

let pool;
before(() => {
	pool = new Pool({filename: fixture('work.js'), maxThreads: 1, concurrentTasksPerWorker: 8});
});
after(() => pool.destroy());

const text = fc.oneof(
	fc.string(),
	fc.string({unit: 'binary'}),
	fc.constantFrom('\ud800', 'a\udc00b', '\0', '__proto__'),
);
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53));
const bytes = fc.uint8Array({maxLength: 24});

const leaf = fc.oneof(
	text,
	number,
	fc.bigInt(),
	fc.boolean(),
	fc.constantFrom(undefined, null),
	fc.date({noInvalidDate: false}),
	fc.constantFrom(/a(?<b>c)/giu, /\//y),
	fc.oneof(text, number, fc.bigInt(), fc.boolean()).map(Object),
	bytes.map(({buffer}) => buffer),
	bytes.map(array => Buffer.from(array)),
	bytes.map(({buffer}) => new DataView(buffer)),
	fc.constantFrom(Uint8Array, Int16Array, Float64Array, BigUint64Array, Uint8ClampedArray).map(View => new View(3)),
);

class Point {
	#hidden = 1;

	x = 1;

	get y() {
		return this.#hidden;
	}
}

/** Objects that are to be filled with each other. */
const empty = fc
	.constantFrom(
		() => ({}),
		() => Object.create(null),
		() => [],
		() => new Map(),
		() => new Set(),
		() => new Point(),
	)
	.map(make => make());

const put = (container, key, value) => {
	if (container instanceof Map) {
		container.set(key, value);
	} else if (container instanceof Set) {
		container.add(value);
	} else if (Array.isArray(container) && key.length % 3 > 0) {
		container[container.length + (key.length % 3) - 1] = value; // with a hole now and then
	} else {
		Object.defineProperty(container, key, {value, enumerable: true, configurable: true, writable: true});
	}
};

/** A graph: containers, and what is put into which. Items may be shared, and cycles are frequent. */
const graph = fc
	.record({
		containers: fc.array(empty, {minLength: 1, maxLength: 6}),
		leaves: fc.array(leaf, {minLength: 1, maxLength: 8}),
		links: fc.array(fc.tuple(fc.nat(), text, fc.nat()), {maxLength: 20}),
	})
	.map(({containers, leaves, links}) => {
		const all = [...containers, ...leaves];
		for (const [to, key, what] of links) {
			const container = containers[to % containers.length];
			// An array's own `length` takes numbers alone.
			if (!(Array.isArray(container) && key === 'length')) {
				put(container, key, all[what % all.length]);
			}
		}

		return containers[0];
	});

/** A tree of what JSON can express, which takes another way when it is small. */
const {tree} = fc.letrec(tie => ({
	tree: fc.oneof(
		{depthSize: 'small'},
		fc.oneof(text, number, fc.boolean(), fc.constant(null)),
		fc.array(tie('tree')),
		fc.dictionary(text, tie('tree')),
	),
}));

describe('values', () => {
	for (const [what, arbitrary] of Object.entries({leaf, tree, graph, json: fc.jsonValue(), anything: fc.anything()})) {
		test(`${what}: as structuredClone`, async () => {
			await fc.assert(
				fc.asyncProperty(arbitrary, async value => {
					const expected = structuredClone(value);
					const given = await pool.run(value);
					if (value instanceof Uint8Array) {
						assert.deepEqual([...given], [...value]);
						assert.equal(given.constructor, Uint8Array);
					} else {
						assert.equal(portrait(given), portrait(expected));
					}
				}),
				{numRuns: 300},
			);
		});
	}

	test('many at once do not mix', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.oneof(leaf, graph), {maxLength: 50}), async values => {
				const given = await pool.map(values);
				assert.deepEqual(
					given.map(portrait),
					values.map(value => portrait(structuredClone(value instanceof Uint8Array ? new Uint8Array(value) : value))),
				);
			}),
			{numRuns: 30},
		);
	});

	const shared = {deep: [1]};
	const holes = Object.assign(new Array(3), {0: 1, 2: 3});
	const holesMadeUpFor = Object.assign(new Array(2), {1: 1, extra: 2});
	const cyclic = {list: []};
	cyclic.list.push(cyclic);
	for (const [what, value] of Object.entries({
		'an empty object': {},
		'a shared reference': [shared, shared],
		'a cycle': cyclic,
		holes,
		'holes and as many other properties': holesMadeUpFor,
		'an array with properties': Object.assign([1], {extra: 2}),
		'undefined fields': {a: undefined, b: [undefined]},
		'an own __proto__': JSON.parse('{"__proto__": {"a": 1}, "b": {"__proto__": 2}}'),
		'no prototype': Object.assign(Object.create(null), {a: 1}),
		'lone surrogates': {'\ud800': '\udfff', list: ['a\ud800', '\u{1f600}']},
		'-0 inside': {zero: [-0]},
		'hidden properties': Object.defineProperty({a: 1}, 'hidden', {value: 1}),
		'symbols as keys': {a: 1, [Symbol('b')]: 2},
		'an empty array': [],
		'an array of objects': Array.from({length: 100}, (_, index) => ({index})),
		'a long string': 'äöü\u{1f600}'.repeat(100_000),
		'strings about as long as a buffer': [1018, 1019, 1020, 1021, 1022, 1023, 1024].map(length => 'é'.repeat(length)),
		'views of one buffer': (buffer => [new Uint8Array(buffer, 2, 4), new Int32Array(buffer), buffer])(
			new ArrayBuffer(16),
		),
		'a getter': {
			get a() {
				return [1];
			},
		},
	})) {
		test(`${what}`, async () => {
			assert.equal(portrait(await pool.run(value)), portrait(structuredClone(value)));
			assert.equal(portrait((await pool.run({value})).value), portrait(structuredClone(value)));
		});
	}

	test('every string about as long as the buffer that it is read into', async () => {
		const strings = ['a', 'é', '€', '\u{1f600}'].flatMap(unit =>
			Array.from({length: 12}, (_, more) => 'x'.repeat(more) + unit.repeat(Math.floor(1016 / Buffer.byteLength(unit)))),
		);
		assert.deepEqual(await pool.map(strings), strings);
	});

	test('an own `toJSON` is no way around', async () => {
		const hidden = Object.defineProperty({a: 1}, 'toJSON', {value: () => 'other'});
		assert.deepEqual(await pool.run(hidden), {a: 1});
		assert.deepEqual(await pool.run([{toJSON: 1}]), [{toJSON: 1}]);
	});

	test('bytes come as a Uint8Array over memory of its own', async () => {
		const whole = Buffer.from('0123456789');
		const given = await pool.run(whole.subarray(2, 5));
		assert.equal(given.constructor, Uint8Array);
		assert.equal(Buffer.from(given).toString(), '234');
		assert.equal(given.buffer.byteLength, 3);
		assert.deepEqual(await pool.run(new Uint8Array()), new Uint8Array());
		assert.equal(whole.toString(), '0123456789');
	});

	test('a task is taken as it is at the call', async () => {
		const task = {list: [1], bytes: new Uint8Array([1])};
		const bytes = new Uint8Array([1]);
		const results = [pool.run(task), pool.run(bytes)];
		task.list.push(2);
		task.bytes[0] = 2;
		bytes[0] = 2;
		assert.deepEqual(await Promise.all(results), [{list: [1], bytes: new Uint8Array([1])}, new Uint8Array([1])]);
	});

	test('a SharedArrayBuffer is shared', async () => {
		const cells = new Int32Array(new SharedArrayBuffer(8));
		const given = await pool.run({cells});
		Atomics.store(cells, 1, 7);
		assert.equal(given.cells[1], 7);
		const whole = await pool.run(cells.buffer);
		assert.equal(new Int32Array(whole)[1], 7);
	});

	test('what only Node can clone: Blob, KeyObject, BlockList', async () => {
		const {blob} = await pool.run({blob: new Blob(['content'])});
		assert.ok(blob instanceof Blob);
		assert.equal(await blob.text(), 'content');
		const key = await pool.run(createSecretKey(Buffer.from('secret')));
		assert.equal(key.export().toString(), 'secret');
		const list = new BlockList();
		list.addAddress('10.0.0.1');
		assert.equal((await pool.run([list]))[0].check('10.0.0.1'), true);
	});
});

const isCloneable = value => {
	try {
		return structuredClone(value) !== undefined;
	} catch {
		return false;
	}
};

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
			test('class, name, message, stack', async () => {
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

			test('the class of one of their own shows in the name', async () => {
				const plain = await send(new ValidationError('bad'));
				assert.ok(plain instanceof Error);
				assert.equal(plain.name, 'ValidationError');
				const quota = await send(new QuotaError('much'));
				assert.ok(quota instanceof RangeError);
				assert.equal(quota.name, 'QuotaError');
				assert.equal(quota.limit, 3);
			});

			test('a name that was given stays', async () => {
				assert.equal((await send(Object.assign(new Error('x'), {name: 'Own'}))).name, 'Own');
				assert.equal((await send(Object.assign(new QuotaError('x'), {name: 'Error'}))).name, 'Error');
			});

			test('own properties', async () => {
				const given = await send(Object.assign(new Error('x'), {code: 'E_X', details: new Map([[1, {a: [1]}]])}));
				assert.equal(given.code, 'E_X');
				assert.deepEqual(given.details, new Map([[1, {a: [1]}]]));
				assert.deepEqual(Object.keys(given), ['code', 'details']);
			});

			test('causes, down to the last', async () => {
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

			test('an error that is its own cause', async () => {
				const error = new Error('round');
				error.cause = error;
				if (isCloneable(error)) {
					const given = await send(error);
					assert.equal(given.cause, given);
				} else {
					// Node 20 can't.
					await assert.rejects(send(error), {code: 'ERR_NOT_CLONEABLE'});
					const source =
						"export default () => { const error = new RangeError('round'); error.cause = error; throw error; }";
					const rejected = await failure(pool.run(1, {filename: `data:text/javascript,${encodeURIComponent(source)}`}));
					assert.equal(rejected.constructor, RangeError);
					assert.equal(rejected.message, 'round');
				}
			});

			test('an AggregateError', async () => {
				const given = await send(new AggregateError([new RangeError('one'), 'two'], 'both'));
				assert.ok(given instanceof AggregateError);
				assert.equal(given.name, 'AggregateError');
				assert.equal(given.message, 'both');
				assert.equal(given.errors[0].constructor, RangeError);
				assert.equal(given.errors[1], 'two');
			});

			test('with what has to be posted', async () => {
				const cells = new Int32Array(new SharedArrayBuffer(4));
				const given = await send(Object.assign(new QuotaError('x'), {cells}));
				Atomics.store(cells, 0, 5);
				assert.equal(given.cells[0], 5);
				assert.equal(given.name, 'QuotaError');
				assert.equal(given.limit, 3);
			});

			test('without the properties that can not be sent', async () => {
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

	test('the package own errors are instances of their classes', async () => {
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

	test('a DOMException stays one', async () => {
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

	test('an error that resists', async () => {
		const source =
			"export default () => { throw Object.defineProperty(new Error('x'), 'message', {get() { throw new Error('no'); }}); }";
		const rejected = await failure(pool.run(1, {filename: `data:text/javascript,${encodeURIComponent(source)}`}));
		assert.ok(rejected instanceof Error);
		assert.equal(await pool.run(1), 1);
	});
});

describe('what can not be cloned', () => {
	const callback = () => {};
	const proxy = new Proxy({}, {});
	for (const [task, where, what] of [
		[callback, 'task', 'a function (callback)'],
		[Symbol('s'), 'task', 'a symbol'],
		[{items: [1, 2, 3, {callback}]}, 'task.items[3].callback', 'a function (callback)'],
		[{'no name': {1: callback}}, 'task["no name"]["1"]', 'a function (callback)'],
		[[Symbol('s')], 'task[0]', 'a symbol'],
		[new Map([['key', {callback}]]), 'task.get("key").callback', 'a function (callback)'],
		[new Map([[1, callback]]), 'task.get(1)', 'a function (callback)'],
		[new Map([[callback, 1]]), 'task (key 0 of the Map)', 'a function (callback)'],
		[
			new Map([
				[1, 1],
				[{}, [callback]],
			]),
			'task (value 1 of the Map)[0]',
			'a function (callback)',
		],
		[new Set([1, {callback}]), 'task (item 1 of the Set).callback', 'a function (callback)'],
		[{a: Promise.resolve()}, 'task.a', 'a Promise'],
		[{a: new WeakMap()}, 'task.a', 'a WeakMap'],
		[{a: [new Error('x', {cause: callback})]}, 'task.a[0].cause', 'a function (callback)'],
		[
			{a: new Map(), proxy: {deep: Object.assign([], {proxy: new Map([[0, proxy]]), b: callback})}},
			'task.proxy.deep.proxy.get(0)',
			'a Proxy',
		],
		[{a: new MessageChannel().port1}, 'task.a', 'a MessagePort'],
	]) {
		test(`${where}: ${what}`, async () => {
			const expected = {
				name: 'NotCloneableError',
				code: 'ERR_NOT_CLONEABLE',
				message: `\`${where}\` can't be sent to another thread: it is ${what}`,
			};
			await assert.rejects(pool.run(task), expected);
			await assert.rejects(pool.map([1, task]), expected);
			await assert.rejects(async () => {
				for await (const _ of pool.stream([1, task])) {
					// the first comes, perhaps
				}
			}, expected);
			assert.equal(pool.queueSize, 0);
		});
	}

	test('in a deep value', async () => {
		let task = {callback};
		for (let depth = 0; depth < 3000; depth++) {
			task = {a: task};
		}

		await assert.rejects(pool.run(task), {message: /^`task(\.a){3000}\.callback` can't be sent/});
	});

	test('in a long value, soon found', async () => {
		const task = Array.from({length: 200_000}, (_, index) => ({index}));
		task.push(callback);
		await assert.rejects(pool.run(task), {
			message: "`task[200000]` can't be sent to another thread: it is a function (callback)",
		});
	});

	test('in a result', async () => {
		const source = 'export default () => ({items: [1, {callback() {}}]})';
		const rejected = await failure(pool.run(1, {filename: `data:text/javascript,${encodeURIComponent(source)}`}));
		assert.ok(rejected instanceof NotCloneableError);
		assert.equal(
			rejected.message,
			"`result.items[1].callback` can't be sent to another thread: it is a function (callback)",
		);
		const stats = pool.stats();
		assert.equal(stats.online.active, 0);
	});

	test('a getter that throws rejects with that', async () => {
		const task = {
			get a() {
				throw new RangeError('mine');
			},
		};
		await assert.rejects(pool.run(task), new RangeError('mine'));
	});
});
