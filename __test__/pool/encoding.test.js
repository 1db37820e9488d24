'use strict';

// How plain data is encoded, which is most of the work for a small task: with few steps, and with nothing kept.

const assert = require('node:assert/strict');
const path = require('node:path');
const {describe, test} = require('node:test');
const {encode, encodePrepared, encodeTasks, prepare} = require('../../lib/pool/codec/encode.js');
const {decode} = require('../../lib/pool/codec/decode.js');
const {kinds} = require('../../lib/pool/codec/kinds.js');
const {run} = require('../script.js');
const {Dispatcher} = require('../../lib/pool/dispatcher.js');
const {open} = require('./helpers.js');

const codec = path.join(__dirname, '../../lib/pool/codec/encode.js');

class Point {
	constructor(x) {
		this.x = x;
	}
}

const decoded = ({kind, payload}) => decode(kind, payload);

test('the tasks of a bundle become JSON at once', () => {
	const output = run(`
		const {stringify} = JSON;
		let calls = 0;
		JSON.stringify = (...args) => {
			calls++;
			return stringify(...args);
		};
		const {prepare, encodeTasks} = require(${JSON.stringify(codec)});
		const tasks = Array.from({length: 32}, (_, id) => prepare({id, tags: ['a', {b: null}]}, 'task'));
		const {payload, size} = encodeTasks([...tasks, prepare('text', 'task'), prepare(1, 'task')]);
		console.log(stringify({calls, size, length: JSON.parse(payload).length}));`);
	assert.deepEqual(JSON.parse(output), {calls: 1, size: 34, length: 34});
});

test('instances of a class travel as plain objects do', () => {
	encode(new Point(0), 'task'); // the first one is tried
	for (const value of [new Point(1), {list: [new Point(1), new Point({a: 1})]}]) {
		const encoded = encode(value, 'task');
		assert.equal(encoded.kind, kinds.json);
		assert.deepEqual(decoded(encoded), structuredClone(value));
	}
});

test('nothing of a value is kept', () => {
	const output = run(`
		const {encode, prepare} = require(${JSON.stringify(codec)});
		class Point { x = {}; }
		const refs = [];
		const use = (make, send) => {
			const value = make();
			refs.push(new WeakRef(value), new WeakRef(value.inner));
			try {
				send(value, 'task');
			} catch {}
		};
		for (const send of [encode, prepare]) {
			use(() => ({inner: {list: [[]]}}), send);
			use(() => ({inner: new Point()}), send);
			use(() => ({inner: new Map([[{}, {}]])}), send);
			use(() => ({inner: [() => {}]}), send);
			use(() => ({inner: {}, get a() { throw new Error('x'); }}), send);
		}
		(async () => {
			await collect();
			console.log(refs.filter(ref => ref.deref() !== undefined).length, refs.length);
		})();`);
	assert.equal(output.trim(), '0 20');
});

describe('one value after another', () => {
	const shared = {a: [1]};
	const refused = {deep: {er: [{}, {at: () => {}}]}};

	test('objects of one value are not those of the next', () => {
		for (let round = 0; round < 3; round++) {
			for (const value of [shared, {shared}, [shared.a], shared.a]) {
				assert.equal(encode(value, 'task').kind, kinds.json);
				assert.deepEqual(decoded(encode(value, 'task')), value);
			}

			const twice = decoded(encode([shared, shared], 'task'));
			assert.equal(twice[0], twice[1]);
			const many = Array.from({length: 40}, () => ({shared}));
			assert.equal(decoded(encode(many, 'task'))[39].shared.a.length, 1);
			assert.equal(decoded(encode(new RangeError('x', {cause: {shared}}), 'task')).cause.shared.a.length, 1);
		}
	});

	test('a path begins anew, also after a value that was refused', () => {
		for (let round = 0; round < 3; round++) {
			assert.throws(() => encode(refused, 'task'), {message: /^`task\.deep\.er\[1\]\.at` /});
			assert.throws(() => prepare(refused.deep, 'result'), {message: /^`result\.er\[1\]\.at` /});
			encode(shared, 'task');
		}
	});

	test('a getter that encodes another value, or throws, does not disturb', () => {
		for (let round = 0; round < 3; round++) {
			const value = {
				first: [shared],
				get second() {
					assert.throws(() => encode(refused, 'other'), {message: /^`other\.deep/});
					return decoded(encode({shared}, 'other'));
				},
				third: [{}],
			};
			assert.deepEqual(decoded(encode(value, 'task')), {first: [shared], second: {shared}, third: [{}]});
			const throwing = {
				get b() {
					throw new RangeError('mine');
				},
			};
			assert.throws(() => encode({a: [throwing]}, 'task'), new RangeError('mine'));
		}
	});
});

test('items of a map that cannot be a bundle are not prepared for one again and again', async t => {
	const pool = open(t);
	const {submitTasks, submit} = Dispatcher.prototype;
	const counts = {bundles: 0, jobs: 0};
	t.after(() => Object.assign(Dispatcher.prototype, {submitTasks, submit}));
	Dispatcher.prototype.submitTasks = function (...args) {
		counts.bundles++;
		return submitTasks.apply(this, args);
	};
	Dispatcher.prototype.submit = function (...args) {
		counts.jobs++;
		return submit.apply(this, args);
	};
	const items = Array.from({length: 4000}, (_, index) => new Uint8Array([index % 256]));
	assert.deepEqual(await pool.map(items), items);
	assert.ok(counts.bundles <= Math.ceil(items.length / 256), `${counts.bundles} bundles`);
	assert.ok(counts.jobs > items.length / 2, `${counts.jobs} jobs`);
});

describe('a bundle', () => {
	const values = [{a: [1, {b: 'x'}]}, [], 'text', 1.5, true, null, {kind: kinds.port, payload: 1, body: 2}];

	test('gives back its tasks from any place on', () => {
		const bundle = encodeTasks(values.map(value => prepare(value, 'task')));
		assert.equal(bundle.size, values.length);
		for (const place of values.keys()) {
			const rest = bundle.from(place).map(task => decoded(encodePrepared(task)));
			assert.deepEqual(rest, values.slice(place));
		}
	});

	test('is not made where JSON would call a `toJSON`, and its tasks travel one by one', t => {
		const prepared = values.map(value => prepare(value, 'task'));
		const bundle = encodeTasks(prepared);
		for (const {prototype} of [Array, Object]) {
			t.after(() => delete prototype.toJSON);
			Object.defineProperty(prototype, 'toJSON', {value: () => 'other', configurable: true});
			assert.equal(encodeTasks(prepared), undefined);
			for (const tasks of [prepared, bundle.from(0)]) {
				assert.deepEqual(
					tasks.map(task => decoded(encodePrepared(task))),
					values,
				);
			}

			delete prototype.toJSON;
		}
	});

	test('is not made of a value that JSON changes', () => {
		const holes = Object.assign(new Array(2), {1: 1});
		for (const value of [undefined, -0, Number.NaN, 1n, [undefined], {a: -0}, holes, new Date(0), new Uint8Array(1)]) {
			assert.equal(encodeTasks([prepare(1, 'task'), prepare(value, 'task')]), undefined);
			assert.deepEqual(decoded(encodePrepared(prepare(value, 'task'))), value);
		}
	});

	test('has results that look like what a result becomes', async t => {
		const pool = open(t);
		const items = Array.from({length: 3000}, (_, index) => values[index % values.length]);
		assert.deepEqual(await pool.map(items), items);
	});

	test('is not disturbed by a getter that gives all arrays a `toJSON`', async t => {
		const pool = open(t);
		const items = Array.from({length: 3000}, (_, index) => ({list: [index]}));
		const define = (index, action) => {
			Object.defineProperty(items[index], 'a', {
				enumerable: true,
				get() {
					action();
					return 1;
				},
			});
		};
		const end = () => delete Array.prototype.toJSON;
		t.after(end);
		for (let index = 1000; index < 2900; index += 100) {
			define(index, () => {
				Object.defineProperty(Array.prototype, 'toJSON', {value: () => 'other', configurable: true});
			});
			define(index + 40, end);
		}

		const results = await pool.map(items);
		assert.deepEqual(
			results.map(({list}) => list),
			items.map((_, index) => [index]),
		);
	});
});
