'use strict';

// `move()` works anywhere in a task or a result, and so do the marks of other copies and of piscina.

const assert = require('node:assert/strict');
const {once} = require('node:events');
const {before, after, describe, test} = require('node:test');
const {MessageChannel} = require('node:worker_threads');
const {Pool, move} = require('p-lanes');
const {Transferable, left, marks, shapes, wholes} = require('./fixtures/moved-parts.js');
const {failure, fixture} = require('./helpers.js');
const {portrait} = require('./portrait.js');

let pool;
before(() => {
	pool = new Pool({filename: fixture('moved-parts.js'), name: 'echo', maxThreads: 1});
});
after(() => pool.destroy());

/** What has to arrive: the same without the mark. */
const expectedOf = make => {
	const value = structuredClone(make(value => value));
	left();
	return value;
};

const errorOf = value => (value instanceof Error ? {message: value.message, bytes: value.bytes} : value);

test('the other copy is another one', () => {
	assert.notEqual(marks['another copy'], move);
});

for (const mark of Object.keys(marks)) {
	for (const shape of Object.keys(shapes)) {
		describe(`${mark}: ${shape}`, () => {
			const isError = shape === 'in an error';
			const expected = () =>
				isError ? portrait({message: 'x', bytes: new Uint8Array([3, 3, 3])}) : portrait(expectedOf(shapes[shape]));

			test('a task', async () => {
				const wanted = expected();
				const result = pool.run(shapes[shape](marks[mark]));
				const lengths = left();
				assert.ok(lengths.length > 0);
				assert.deepEqual(new Set(lengths), new Set([0]), 'it is gone at the call');
				assert.equal(portrait(errorOf(await result)), wanted);
			});

			test('an item of a map and of a stream', async () => {
				const wanted = expected();
				const items = Array.from({length: 50}, () => shapes[shape](marks[mark]));
				const results = await pool.map(items);
				assert.deepEqual(new Set(left()), new Set([0]));
				assert.deepEqual(new Set(results.map(result => portrait(errorOf(result)))), new Set([wanted]));
				for await (const result of pool.stream([shapes[shape](marks[mark])])) {
					assert.equal(portrait(errorOf(result)), wanted);
				}
			});

			test('a result', async () => {
				const wanted = expected();
				assert.equal(portrait(errorOf(await pool.run({shape, mark}, {name: 'shape'}))), wanted);
				const lengths = await pool.run(undefined, {name: 'left'});
				assert.ok(lengths.length > 0);
				assert.deepEqual(new Set(lengths), new Set([0]));
			});

			test('results of a map', async () => {
				const wanted = expected();
				const results = await pool.map(
					Array.from({length: 500}, () => ({shape, mark})),
					{name: 'shape'},
				);
				assert.deepEqual(new Set(results.map(result => portrait(errorOf(result)))), new Set([wanted]));
				assert.deepEqual(new Set(await pool.run(undefined, {name: 'left'})), new Set([0]));
			});

			test('something thrown', async () => {
				const wanted = expected();
				const thrown = await failure(pool.run({shape, mark}, {name: 'throwIt'}));
				assert.equal(portrait(errorOf(thrown)), wanted);
				assert.deepEqual(new Set(await pool.run(undefined, {name: 'left'})), new Set([0]));
			});
		});
	}
}

describe('a whole value is handed over', () => {
	for (const whole of Object.keys(wholes)) {
		test(whole, async () => {
			const plain = wholes[whole]();
			const wanted = whole === 'a mark in a mark' ? undefined : portrait(structuredClone(plain));
			left();
			const result = pool.run(move(wholes[whole]()));
			const lengths = left();
			assert.deepEqual(
				lengths,
				lengths.map(() => 0),
			);
			for (const given of [await result, await pool.run({whole}, {name: 'whole'})]) {
				if (wanted === undefined) {
					assert.deepEqual(given, {a: {b: new Uint8Array([3, 3, 3])}, c: new Uint8Array([1])});
				} else {
					assert.equal(portrait(given), wanted);
				}
			}

			const inWorker = await pool.run(undefined, {name: 'left'});
			assert.deepEqual(
				inWorker,
				inWorker.map(() => 0),
			);
		});
	}

	test('also a port', async () => {
		const {ports, bytes} = await pool.run(undefined, {name: 'port'});
		assert.deepEqual(bytes, new Uint8Array([3, 3, 3]));
		ports[0].postMessage(1);
		const [answer] = await once(ports[0], 'message');
		assert.equal(answer, 2);
		ports[0].close();
	});

	test('also what was met before the mark', async () => {
		const {port1, port2} = new MessageChannel();
		const inner = {bytes: new Uint8Array([1]), port: port2};
		const result = pool.run({first: inner, second: move(inner)}, {name: 'isTwice'});
		assert.equal(inner.bytes.byteLength, 0);
		assert.equal(await result, true);
		port1.close();
	});

	test('and the rest of the value is copied', async () => {
		const kept = new Uint8Array([1, 2]);
		const moved = new Uint8Array([3]);
		assert.deepEqual(await pool.run({kept, moved: move(moved)}), {kept, moved: new Uint8Array([3])});
		assert.equal(kept.byteLength, 2);
		assert.equal(moved.byteLength, 0);
	});

	test('beside a transfer list', async () => {
		const listed = new Uint8Array([1]);
		const marked = new Uint8Array([2]);
		const both = new Uint8Array([3]);
		const result = pool.run(
			{listed, marked: move(marked), both: move(both)},
			{transferList: [listed.buffer, both.buffer]},
		);
		assert.deepEqual(
			[listed, marked, both].map(({byteLength}) => byteLength),
			[0, 0, 0],
		);
		assert.deepEqual(await result, {
			listed: new Uint8Array([1]),
			marked: new Uint8Array([2]),
			both: new Uint8Array([3]),
		});
	});

	test('in every limit', async t => {
		const {default: pLimit} = require('p-lanes');
		const limited = new Pool({filename: fixture('moved-parts.js'), name: 'echo', maxThreads: 1, limit: pLimit(1)});
		t.after(() => limited.destroy());
		const bytes = new Uint8Array([1]);
		assert.deepEqual(await limited.run({bytes: move(bytes)}), {bytes: new Uint8Array([1])});
		assert.equal(bytes.byteLength, 0);
	});
});

describe("piscina's protocol", () => {
	for (const [what, make, name, wrap] of [
		['at the top', () => new Transferable(), 'protocolAtTop', value => value],
		['inside', () => ({inner: new Transferable()}), 'protocol', ({inner}) => inner],
		['in move()', () => move(new Transferable()), 'markedProtocol', value => value],
	]) {
		test(what, async () => {
			const wanted = {a: new Uint8Array([2, 2]), b: [new Uint8Array([4, 4, 4, 4])]};
			left();
			await pool.run(undefined, {name: 'left'});
			const result = pool.run(make());
			assert.deepEqual(left(), [0, 0]);
			assert.deepEqual(wrap(await result), wanted);
			assert.deepEqual(wrap(await pool.run(undefined, {name})), wanted);
			assert.deepEqual(await pool.run(undefined, {name: 'left'}), [0, 0]);
		});
	}

	const transferable = Symbol.for('Piscina.transferable');
	const valueOfIt = Symbol.for('Piscina.valueOf');

	test('as a plain object', async () => {
		const bytes = new Uint8Array([1]);
		const marked = {
			other: 1,
			get [transferable]() {
				return bytes.buffer;
			},
			get [valueOfIt]() {
				return {bytes};
			},
		};
		assert.deepEqual(await pool.run([marked]), [{bytes: new Uint8Array([1])}]);
		assert.equal(bytes.byteLength, 0);
	});

	test('with one of its symbols alone is no protocol', async () => {
		assert.deepEqual(
			await pool.run([
				{[transferable]: [], a: 1},
				{[valueOfIt]: 2, b: 1},
			]),
			[{a: 1}, {b: 1}],
		);
	});

	test('that gives itself, or itself inside of something', async () => {
		class Around {
			constructor(bytes, isItself) {
				Object.assign(this, {bytes, isItself});
			}

			get [transferable]() {
				return this.bytes.buffer;
			}

			get [valueOfIt]() {
				return this.isItself ? this : {around: this};
			}
		}

		for (const isItself of [true, false]) {
			const bytes = new Uint8Array([1]);
			const inner = {bytes: new Uint8Array([1]), isItself};
			assert.deepEqual(await pool.run(new Around(bytes, isItself)), isItself ? inner : {around: inner});
			assert.equal(bytes.byteLength, 0);
		}
	});
});

describe('a part that cannot be moved is named', () => {
	const gone = new Uint8Array([1]);
	structuredClone(gone, {transfer: [gone.buffer]});
	for (const [what, task, message] of [
		[
			'a buffer that is gone',
			() => ({list: [{a: move(gone)}]}),
			/^`task\.list\[0\]\.a` can't be moved to another thread/,
		],
		['shared memory', () => ({a: move(new SharedArrayBuffer(1))}), /^`task\.a` can't be moved to another thread/],
		['a Date', () => new Map([['key', move(new Date())]]), /^`task\.get\("key"\)` can't be moved to another thread/],
	]) {
		test(what, async () => {
			await assert.rejects(pool.run(task()), {code: 'ERR_INVALID_ARG', message});
			await assert.rejects(pool.map([1, task()]), {code: 'ERR_INVALID_ARG', message});
			assert.equal(await pool.run(1), 1);
		});
	}

	test('of a result', async () => {
		await assert.rejects(pool.run(undefined, {name: 'gone'}), {
			code: 'ERR_INVALID_ARG',
			message: /^`result\.list\[0\]\.array` can't be moved to another thread/,
		});
	});

	test('what holds something that cannot be sent', async () => {
		await assert.rejects(pool.run({a: move({b: [() => {}]})}), {
			code: 'ERR_NOT_CLONEABLE',
			message: "`task.a.b[0]` can't be sent to another thread: it is a function",
		});
	});

	test('in `workerData`, which every thread gets', () => {
		assert.throws(() => new Pool({workerData: {bytes: move(new Uint8Array(1))}}), {
			code: 'ERR_INVALID_ARG',
			message: '`workerData` must not be moved: every thread gets a copy of it',
		});
	});
});

/** Returns how often a function of the language is called meanwhile. */
const callsOf = async (t, object, name, action) => {
	const {mock} = t.mock.method(object, name);
	await action();
	mock.restore();
	return mock.callCount();
};

describe('many moved parts', () => {
	const nested = levels => {
		let value = new Uint8Array(1);
		for (let level = 0; level < levels; level++) {
			value = move({'in it': value, bytes: new Uint8Array(1)});
		}

		return value;
	};

	test('each part is looked at once, however many marks it is in', async t => {
		const calls = levels => callsOf(t, Object, 'keys', () => pool.run(nested(levels)));
		const few = await calls(100);
		assert.ok((await calls(200)) <= 2.5 * few);
	});

	test('the path to a part is made only for an error', async t => {
		// A step with a space is shown as JSON.
		assert.equal(await callsOf(t, JSON, 'stringify', () => pool.run(nested(200))), 0);
	});
});
