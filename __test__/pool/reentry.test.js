'use strict';

// A getter of a task or of a result may use the package, also the same pool, while the value is encoded.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Pool, hash, move, pLimit} = require('p-lanes');
const {calls: workerCalls} = require('./fixtures/reading.js');
const {fixture, open, openBoard} = require('./helpers.js');

/** What a getter may call, with what comes of it. The pool is the one that reads the getter, or another one. */
const inner = {
	bytes: [pool => pool.run(new Uint8Array([1, 2, 3])), new Uint8Array([1, 2, 3])],
	text: [pool => pool.run('inner'), 'inner'],
	undefined: [pool => pool.run(), undefined],
	'a Map': [pool => pool.run(new Map([[1, 2]])), new Map([[1, 2]])],
	'an error': [pool => pool.run(new TypeError('inner')), new TypeError('inner')],
	moved: [pool => pool.run(move(new Uint8Array([4]))), new Uint8Array([4])],
	shared: [
		async pool => (await pool.run(new Int32Array(new SharedArrayBuffer(4)))).buffer instanceof SharedArrayBuffer,
		true,
	],
	'with a transfer list': [
		pool => {
			const bytes = new Uint8Array([5]);
			return pool.run(bytes, {transferList: [bytes.buffer]});
		},
		new Uint8Array([5]),
	],
	offline: [pool => pool.offline.run([1]), [1]],
	'another function': [pool => pool.run(3, {name: 'double'}), 6],
	refused: [pool => pool.run(() => {}).catch(({code}) => code), 'ERR_NOT_CLONEABLE'],
	'a map': [
		pool => pool.map([{a: 1}, [2], undefined, new Uint8Array([1])]),
		[{a: 1}, [2], undefined, new Uint8Array([1])],
	],
	'a stream': [
		async pool => {
			const results = [];
			for await (const result of pool.stream([1, {a: 1}])) {
				results.push(result);
			}

			return results;
		},
		[1, {a: 1}],
	],
	'a getter of its own': [
		async pool => {
			let inGetter;
			const result = await pool.run({
				get a() {
					inGetter = pool.run(new Uint8Array([9]));
					return 'deeper';
				},
			});
			await inGetter;
			return result;
		},
		{a: 'deeper'},
	],
	hash: [() => hash('crc32', 'text').then(digest => digest !== undefined), true],
	'a limit': [() => pLimit(1)(() => 'limited'), 'limited'],
};

/** What the getter gives then, so that the outer task travels in each way. */
const outer = {
	'as JSON': [1, 1],
	'as a clone': [undefined, undefined],
	'as a clone with errors': [() => new RangeError('outer'), new RangeError('outer')],
	posted: [() => new Int32Array(new SharedArrayBuffer(8)), undefined],
	moved: [() => move(new Uint8Array([7])), new Uint8Array([7])],
};

const made = value => (typeof value === 'function' ? value() : value);

describe('a getter of a task calls', () => {
	for (const which of ['the same pool', 'another pool']) {
		for (const [what, [call, expected]] of Object.entries(inner)) {
			test(`${which}: ${what}`, async t => {
				const pool = open(t, {maxThreads: 2});
				const other = which === 'another pool' ? open(t) : pool;
				for (const [how, [value, sent]] of Object.entries(outer)) {
					const told = [];
					const task = {
						before: [1],
						get a() {
							told.push(call(other));
							return made(value);
						},
						after: {b: 1},
					};
					const result = await pool.run(task);
					assert.deepEqual(Object.keys(result), ['before', 'a', 'after']);
					if (how !== 'posted') {
						assert.deepEqual(result, {before: [1], a: sent, after: {b: 1}}, how);
					}

					assert.equal(told.length, 1, 'it is read once');
					assert.deepEqual(await told[0], expected);
				}
			});
		}
	}

	test('in each task of a map, with bundles', async t => {
		const pool = open(t);
		const told = [];
		const items = Array.from({length: 3000}, (_, index) => ({
			get index() {
				if (index % 7 === 0) {
					told.push(pool.run(index % 2 === 0 ? new Uint8Array([index % 256]) : {index}));
				}

				return index;
			},
		}));
		const results = await pool.map(items);
		assert.deepEqual(
			results.map(({index}) => index),
			Array.from({length: 3000}, (_, index) => index),
		);
		const others = await Promise.all(told);
		assert.equal(others.length, Math.ceil(3000 / 7));
		for (const [place, other] of others.entries()) {
			const index = place * 7;
			assert.deepEqual(other, index % 2 === 0 ? new Uint8Array([index % 256]) : {index});
		}
	});

	test('the other lane, while jobs of a map are not in the queue yet', async t => {
		const {board, pool} = openBoard(t);
		const holding = pool.run({id: 1, gate: 3}, {name: 'hold'});
		await board.saw(1);
		const told = [];
		const items = [
			1,
			{
				get a() {
					told.push(pool.online.run('online'));
					return 2;
				},
			},
			3,
		];
		const map = pool.offline.map(items);
		assert.equal(pool.stats().offline.pending, 3);
		assert.equal(pool.stats().online.pending, 1);
		board.open(3);
		await holding;
		assert.deepEqual(await map, [1, {a: 2}, 3]);
		assert.deepEqual(await Promise.all(told), ['online']);
		assert.equal(pool.stats().offline.pending, 0);
	});
});

describe('a getter that throws half way', () => {
	test('after a call of the same pool', async t => {
		const pool = open(t);
		for (const [what, [call, expected]] of Object.entries(inner)) {
			const told = [];
			const task = {
				a: [1],
				get b() {
					told.push(call(pool));
					throw new RangeError('half way');
				},
			};
			await assert.rejects(pool.run(task), new RangeError('half way'));
			assert.deepEqual(await told[0], expected, what);
			assert.deepEqual(await pool.run({a: 1}), {a: 1});
		}

		assert.equal(pool.queueSize, 0);
		assert.equal(pool.stats().online.active, 0);
	});

	test('in the middle of a bundle: the map fails, and the pool can be closed', async t => {
		const pool = open(t);
		const bad = {
			get a() {
				throw new RangeError('half way');
			},
		};
		const numbers = Array.from({length: 2000}, (_, index) => index);
		for (const others of [numbers, numbers.map(index => (index % 5 === 0 ? undefined : index))]) {
			await assert.rejects(pool.map([...others, 1, undefined, bad, ...others]), new RangeError('half way'));
		}

		assert.deepEqual(await pool.run(1), 1);
		await pool.close();
	});
});

describe('a getter of a result calls', () => {
	const expected = {
		bytes: new Uint8Array([1, 2, 3]),
		text: 'inner',
		undefined,
		moved: new Uint8Array([4]),
		refused: 'ERR_NOT_CLONEABLE',
		map: [{a: 1}, [2], undefined],
		hash: true,
		limit: 'limited',
	};

	test('the package in the worker, and the result and the call come as they are', async t => {
		const pool = new Pool({filename: fixture('reading.js'), name: 'result', maxThreads: 1});
		t.after(() => pool.destroy());
		for (const call of workerCalls) {
			for (const value of [1, undefined, new Map([[1, 1]]), new RangeError('outer'), new Uint8Array([1])]) {
				assert.deepEqual(await pool.run({call, value}), {before: [1], a: value, after: {b: 1}});
				assert.deepEqual(await pool.run(undefined, {name: 'told'}), [expected[call]]);
			}

			await assert.rejects(pool.run({call}, {name: 'failing'}), new RangeError('half way'));
			await pool.run(undefined, {name: 'told'});
		}

		await pool.run(undefined, {name: 'close'});
	});
});

describe('tasks of a bundle', () => {
	test('return what they return, also if a later one changes it', async t => {
		const source = `
			let count = 0;
			const shared = {};
			const bytes = new Uint8Array(4);
			const view = new DataView(bytes.buffer);
			export default () => { shared.count = count++; return shared; };
			export const inBytes = () => { view.setUint32(0, count++); return bytes; };
			export const inside = () => { view.setUint32(0, count++); return {bytes, at: undefined}; };
			export const reset = () => { count = 0; };
		`;
		const pool = open(t, {filename: `data:text/javascript,${encodeURIComponent(source)}`});
		const items = Array.from({length: 3000}, (_, index) => index);
		const countOf = bytes => new DataView(bytes.buffer).getUint32(0);
		for (const [name, read] of [
			['default', ({count}) => count],
			['inBytes', countOf],
			['inside', ({bytes}) => countOf(bytes)],
		]) {
			// Not in the order of the items: the rest of a bundle that takes long comes later.
			const counts = (await pool.map(items, {name})).map(read);
			assert.deepEqual(
				counts.sort((a, b) => a - b),
				items,
				name,
			);
			await pool.run(undefined, {name: 'reset'});
		}
	});

	test('are what they were, also if they go back and come again', async t => {
		const source =
			'export default task => { const until = performance.now() + task.millis; while (performance.now() < until); return task; }';
		const pool = open(t, {filename: `data:text/javascript,${encodeURIComponent(source)}`});
		let reads = 0;
		const items = Array.from({length: 1500}, (_, index) => ({
			// Short ones make a bundle, whose rest comes back because of a long one.
			millis: index > 1000 && index % 50 === 0 ? 3 : 0,
			get index() {
				reads++;
				return index;
			},
			list: [index],
		}));
		const map = pool.map(items);
		const results = await map;
		assert.equal(reads, items.length);
		assert.deepEqual(
			results.map(({index}) => index),
			items.map((_, index) => index),
		);
	});
});
