'use strict';

// Deep values. A structured clone of them takes the stack of a thread, which ends at another depth on each system.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const process = require('node:process');
const {describe, test} = require('node:test');
const {open} = require('./helpers.js');

const DEPTH = 20_000;

/** How each kind of object holds another, and how that is read. */
const kinds = {
	object: {wrap: inner => ({first: 1, inner, last: 2}), inside: outer => outer.inner},
	array: {wrap: inner => [0, inner, 2], inside: outer => outer[1]},
	'array with a hole': {wrap: inner => Object.assign(Array(3), {0: 0, 2: inner}), inside: outer => outer[2]},
	'value of a Map': {
		wrap: inner =>
			new Map([
				['first', 1],
				['inner', inner],
				['last', 2],
			]),
		inside: outer => outer.get('inner'),
	},
	'key of a Map': {
		wrap: inner =>
			new Map([
				['first', 1],
				[inner, 2],
				['last', 3],
			]),
		inside: outer => [...outer.keys()][1],
	},
	Set: {wrap: inner => new Set([1, inner, 2]), inside: outer => [...outer][1]},
	'property __proto__': {
		wrap: inner =>
			Object.defineProperty({}, '__proto__', {value: inner, enumerable: true, writable: true, configurable: true}),
		inside: outer => Object.getOwnPropertyDescriptor(outer, '__proto__').value,
	},
};

const nested = (wrap, depth = DEPTH, value = {bottom: true}) => {
	for (let level = 0; level < depth; level++) {
		value = wrap(value);
	}

	return value;
};

/** What a level has beside the next one: the names of its properties or the parts of a collection, in their order. */
const shapeOf = value => {
	const isCollection = value instanceof Map || value instanceof Set;
	const parts = isCollection ? [...value].flat() : Object.keys(value);
	const shown = parts.map(part => (typeof part === 'object' ? 'next' : part));
	return `${Object.prototype.toString.call(value)} ${shown}`;
};

/** Checks a received value, level by level. */
const check = ({wrap, inside}, value) => {
	const expected = shapeOf(wrap({}));
	for (let level = 0; level < DEPTH; level++) {
		const shape = shapeOf(value);
		if (shape !== expected) {
			assert.equal(shape, expected, `level ${level}`);
		}

		value = inside(value);
	}

	assert.deepEqual(value, {bottom: true});
};

describe('20,000 levels arrive there and back', () => {
	for (const [name, kind] of Object.entries(kinds)) {
		test(name, async t => {
			const pool = open(t);
			check(kind, await pool.run(nested(kind.wrap)));
			const [first, second] = await pool.map([nested(kind.wrap), 1]);
			check(kind, first);
			assert.equal(second, 1);
		});
	}

	test('as the cause of an error', async t => {
		const {cause, message} = await open(t).run(new Error('outer', {cause: nested(kinds.object.wrap)}));
		assert.equal(message, 'outer');
		check(kinds.object, cause);
	});

	test('in the data of the threads', async t => {
		for (const kind of Object.values(kinds)) {
			const workerData = nested(kind.wrap);
			const pool = open(t, {filename: require.resolve('./fixtures/data.js'), workerData, maxThreads: 1});
			check(kind, await pool.run());
			check(kind, pool.options.workerData);
		}
	});

	test('beside a part that only a port can carry', async t => {
		const pool = open(t);
		const memory = new SharedArrayBuffer(4);
		const [received, shared] = await pool.run([nested(kinds.object.wrap), memory]);
		check(kinds.object, received);
		assert.ok(shared instanceof SharedArrayBuffer);
		const [first, [second]] = await pool.map([1, [nested(kinds.array.wrap), memory]]);
		assert.equal(first, 1);
		check(kinds.array, second);
	});

	test('with a buffer that is moved', async t => {
		const pool = open(t);
		const moved = new ArrayBuffer(8);
		const [received, buffer] = await pool.run([nested(kinds.object.wrap), moved], {transferList: [moved]});
		check(kinds.object, received);
		assert.deepEqual([moved.byteLength, buffer.byteLength], [0, 8]);
	});
});

describe('what a deep value has twice is one object', () => {
	test('a list that is linked both ways', async t => {
		const nodes = Array.from({length: DEPTH}, (_, index) => ({index}));
		for (const [index, node] of nodes.entries()) {
			node.previous = nodes[index - 1];
			node.next = nodes[index + 1];
		}

		nodes[0].previous = nodes.at(-1);
		nodes.at(-1).next = nodes[0];
		const first = await open(t).run(nodes[0]);
		let node = first;
		for (let index = 0; index < DEPTH; index++) {
			assert.equal(node.index, index);
			assert.equal(node.next.previous, node);
			node = node.next;
		}

		assert.equal(node, first);
	});

	test('a list of all, each of which has the next', async t => {
		const nodes = Array.from({length: DEPTH}, (_, index) => ({index}));
		for (const [index, node] of nodes.entries()) {
			node.next = nodes[index + 1];
		}

		for (const list of [nodes, [...nodes].reverse()]) {
			const received = await open(t).run(list);
			assert.deepEqual(
				received.map(({index}) => index),
				list.map(({index}) => index),
			);
			const byIndex = Object.fromEntries(received.map(node => [node.index, node]));
			assert.ok(received.every(node => node.next === byIndex[node.index + 1]));
		}
	});

	test('a Map and a Set in which all are, in their order', async t => {
		const nodes = Array.from({length: DEPTH}, (_, index) => ({index}));
		for (const [index, node] of nodes.entries()) {
			node.next = nodes[index + 1];
		}

		const map = new Map(nodes.map((node, index) => [node, nodes[(index + 7000) % DEPTH]]));
		const [items, entries] = await open(t).run([new Set([...nodes].reverse()), map]);
		assert.deepEqual(
			[...items].map(({index}) => index),
			Array.from({length: DEPTH}, (_, index) => DEPTH - 1 - index),
		);
		assert.deepEqual(
			[...entries].map(([key, value]) => [key.index, value.index]),
			Array.from({length: DEPTH}, (_, index) => [index, (index + 7000) % DEPTH]),
		);
		const [last] = items;
		assert.equal([...entries.keys()].at(-1), last);
	});
});

test('more than 100,000 levels are refused, with the name of the value', async t => {
	const pool = open(t);
	const level = () => ({
		get inner() {
			return level();
		},
	});
	const tooDeep = {name: 'RangeError', message: '`task` is deeper than 100000 objects'};
	await assert.rejects(pool.run(nested(kinds.object.wrap, 100_200)), tooDeep);
	await assert.rejects(pool.map([1, nested(kinds.array.wrap, 100_200)]), tooDeep);
	await assert.rejects(pool.run(level()), tooDeep);
	assert.equal(await pool.run(1), 1, 'the pool goes on');
});

test('the stack of the system does not count', () => {
	const script = `
		const {Pool} = require('p-lanes');
		const pool = new Pool({filename: ${JSON.stringify(path.join(__dirname, 'fixtures/work.js'))}, maxThreads: 1});
		let value = {depth: 0};
		for (let depth = 1; depth <= 5000; depth++) value = {depth, value};
		pool.run(value).then(received => {
			console.log(received.depth);
			return pool.close();
		});`;
	const {stdout, stderr} = spawnSync(process.execPath, ['--stack-size=300', '-e', script], {
		cwd: path.join(__dirname, '../..'),
		encoding: 'utf8',
	});
	assert.equal(stdout.trim(), '5000', stderr);
});
