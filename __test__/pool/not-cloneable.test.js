'use strict';

// What cannot be cloned is refused, and the error says where in the value it is.

const assert = require('node:assert/strict');
const {before, after, describe, test} = require('node:test');
const {NotCloneableError, Pool} = require('p-lanes');
const {failure, fixture} = require('./helpers.js');

let pool;
before(() => {
	pool = new Pool({filename: fixture('work.js'), maxThreads: 1, concurrentTasksPerWorker: 8});
});
after(() => pool.destroy());

describe('a value that cannot be cloned', () => {
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

	test('in a long value', async () => {
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

	test('a getter that throws rejects with its error', async () => {
		const task = {
			get a() {
				throw new RangeError('mine');
			},
		};
		await assert.rejects(pool.run(task), new RangeError('mine'));
	});
});
