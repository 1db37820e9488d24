'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('../../index.js');

describe("nested: 'inherit'", () => {
	test('a call inside a task runs in its slot', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		const walk = async depth => (depth === 0 ? 1 : 1 + (await limit(walk, depth - 1)));
		assert.equal(await limit(walk, 5), 6);
		assert.equal(limit.activeCount, 0);
	});

	test('a map inside a task runs one item at a time', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		let running = 0;
		const results = await limit(() =>
			limit.map([1, 2, 3], async x => {
				running++;
				assert.equal(running, 1);
				await tick();
				running--;
				return x * 2;
			}),
		);
		assert.deepEqual(results, [2, 4, 6]);
		assert.deepEqual(await limit(() => limit.settle([1], () => Promise.reject(new Error('no')))), [
			{status: 'rejected', reason: new Error('no')},
		]);
	});

	test('the slot is held until the inner calls have ended, awaited or not', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		let inner = true;
		await limit(() => {
			limit(async () => {
				await tick();
				await tick();
				inner = false;
			});
		});
		const next = limit(() => assert.equal(inner, false));
		await next;
	});

	test('after its end a task’s context is nobody’s', async () => {
		const limit = pLimit({concurrency: 1, nested: 'inherit'});
		let later;
		await limit(() => {
			later = tick().then(() => limit(() => limit.activeCount));
		});
		assert.equal(await later, 1, 'it has a slot of its own');
	});

	test('another limit is another', async () => {
		const [a, b] = [1, 2].map(() => pLimit({concurrency: 1, nested: 'inherit'}));
		assert.equal(await a(() => b(() => b.activeCount)), 1);
	});
});

describe("nested: 'detect'", () => {
	test('a call that could never run is refused, naming the limit', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect', name: 'crawl'});
		await assert.rejects(
			limit(() => limit(() => {})),
			error => {
				assert.equal(error.code, 'ERR_DEADLOCK');
				assert.equal(error.name, 'DeadlockError');
				assert.match(error.message, /^limit 'crawl': a call made inside another could never run/);
				return true;
			},
		);
		await assert.rejects(
			limit(() => limit.map([1], x => x)),
			{code: 'ERR_DEADLOCK'},
		);
		assert.equal(await limit(() => 'usable'), 'usable');
	});

	test('several that would wait for each other', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		const outer = () => limit(() => 'inner');
		const results = await Promise.allSettled([limit(outer), limit(outer)]);
		assert.deepEqual(results.map(({status}) => status).sort(), ['fulfilled', 'rejected']);
	});

	test('in a map', async () => {
		const limit = pLimit({concurrency: 1, nested: 'detect'});
		await assert.rejects(
			limit.map([1, 2], () => limit(() => {})),
			{code: 'ERR_DEADLOCK'},
		);
		await limit.onIdle();
	});

	test('what can run does', async () => {
		const limit = pLimit({concurrency: 2, nested: 'detect'});
		assert.equal(await limit(() => limit(() => 'inner')), 'inner');
	});
});
