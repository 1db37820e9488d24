'use strict';

// A value comes to the worker and back as its structured clone would.

const assert = require('node:assert/strict');
const {Blob} = require('node:buffer');
const {createSecretKey} = require('node:crypto');
const {BlockList} = require('node:net');
const {before, after, describe, test} = require('node:test');
const fc = require('fast-check');
const {Pool} = require('p-lanes');
const {fixture} = require('./helpers.js');
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

	test('many values at once do not mix', async () => {
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

	test('an own `toJSON` is not called', async () => {
		const hidden = Object.defineProperty({a: 1}, 'toJSON', {value: () => 'other'});
		assert.deepEqual(await pool.run(hidden), {a: 1});
		assert.deepEqual(await pool.run([{toJSON: 1}]), [{toJSON: 1}]);
	});

	test('bytes come as a Uint8Array with its own memory', async () => {
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

	test('objects that only Node can clone: Blob, KeyObject, BlockList', async () => {
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
