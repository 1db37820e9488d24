'use strict';

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const path = require('node:path');
const pLimit = require('p-lanes');

const {Pool, compress, decompress, hash} = pLimit;
const filename = path.join(__dirname, 'fixtures', 'work.js');

describe('a pool under a limit', () => {
	test('each job takes a slot while it runs, in its lane', async t => {
		const limit = pLimit(2);
		const pool = new Pool({filename, limit});
		t.after(() => pool.destroy());
		const all = [
			pool.run(1, {name: 'echo'}),
			pool.offline.run(2, {name: 'echo'}),
			pool.map([3, 4], {name: 'echo', lane: 'offline'}),
		];
		assert.equal(limit.activeCount, 2);
		assert.equal(limit.offline.pendingCount, 2, 'the reserve is kept');
		assert.deepEqual(await Promise.all(all), [1, 2, [3, 4]]);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		assert.deepEqual([limit.stats().online.granted, limit.stats().offline.granted], [1, 3]);
	});

	test('a lane that is given is taken for all; options of a call come first', async t => {
		const [limit, other] = [pLimit(2), pLimit(1)];
		const pool = new Pool({filename, name: 'echo', limit: limit.offline});
		t.after(() => pool.destroy());
		assert.equal(await pool.run(1), 1);
		assert.equal(await pool.run(2, {limit: other}), 2);
		assert.deepEqual([limit.stats().offline.granted, other.stats().online.granted], [1, 1]);
	});

	test('the limit calls a job what the pool calls it', async t => {
		const starts = {
			run: pool => pool.run(1),
			map: pool => pool.map([1]),
			settle: pool => pool.settle([1]),
			stream: pool => pool.stream([1]).next(),
		};
		for (const [way, start] of Object.entries(starts)) {
			for (const [name, label] of [
				['echo', 'echo'],
				[undefined, 'work.js'],
			]) {
				const limit = pLimit(1);
				const pool = new Pool({filename, name, limit});
				t.after(() => pool.destroy());
				const job = start(pool);
				job.catch(() => {}); // the file exports no function by default
				assert.equal(limit.stats().online.oldest.label, label, way);
			}
		}

		const limit = pLimit(1);
		hash('crc32', 'a', {limit});
		assert.equal(limit.stats().online.oldest.label, 'hash');
	});

	test('a stream pulls no more than its highWaterMark', async t => {
		const limit = pLimit(2);
		const pool = new Pool({filename, name: 'echo', limit});
		t.after(() => pool.destroy());
		let pulled = 0;
		let taken = 0;
		const source = (function* () {
			for (; pulled < 50; ) {
				yield pulled++;
			}
		})();
		for await (const x of pool.stream(source, {highWaterMark: 3})) {
			assert.equal(x, taken++);
			assert.ok(pulled - taken <= 3, `${pulled} pulled, ${taken} taken`);
		}

		assert.equal(taken, 50);
		assert.equal(limit.stats().online.granted, 50);
	});

	test('drain({queued: false}) of the limit ends pauses and back-offs of jobs, and the pool can be closed', async t => {
		const limit = pLimit(2);
		const pool = new Pool({filename, limit: limit.online.with({retry: {retries: 5, minTimeout: 3_600_000}})});
		t.after(() => pool.destroy());
		const failed = pool.run('no such job', {name: 'fail'});
		failed.catch(() => {});
		while (limit.stats().online.oldest === undefined || pool.completed === 0) {
			await new Promise(setImmediate);
		}

		limit.pauseFor(3_600_000);
		const waiting = pool.run(1, {name: 'echo'});
		waiting.catch(() => {});
		await limit.drain({queued: false});
		await assert.rejects(failed, error => error.code !== 'ERR_LIMIT_CLOSED');
		await assert.rejects(waiting, {code: 'ERR_LIMIT_CLOSED'});
		await pool.close();
	});

	test('an abort ends the wait for a slot; a failure gives the slot back', async t => {
		const limit = pLimit(1);
		const pool = new Pool({filename, name: 'echo', limit});
		t.after(() => pool.destroy());
		let free;
		const busy = limit(
			() =>
				new Promise(resolve => {
					free = resolve;
				}),
		);
		const controller = new AbortController();
		const waiting = pool.run(1, {signal: controller.signal});
		controller.abort('enough');
		await assert.rejects(waiting, error => error === 'enough');
		await new Promise(setImmediate);
		free();
		await busy;
		await assert.rejects(
			pool.run(() => {}, {}),
			{code: 'ERR_NOT_CLONEABLE'},
		);
		assert.equal(await pool.run(2), 2);
		assert.equal(limit.activeCount, 0);
	});

	test('kernels', async () => {
		const limit = pLimit(1);
		const digest = await hash('sha256', 'a', {encoding: 'hex'});
		const all = [
			hash('sha256', 'a', {encoding: 'hex', limit}),
			hash.map('sha256', ['a'], {encoding: 'hex', limit, lane: 'offline'}),
			hash.files('sha256', [__filename], {limit}),
			compress('gzip', 'a', {limit}).then(small => decompress('gzip', small, {limit})),
		];
		assert.deepEqual([limit.activeCount, limit.pendingCount], [1, 3]);
		const [one, many, files, text] = await Promise.all(all);
		assert.deepEqual([one, many, files.length, text.toString()], [digest, [digest], 1, 'a']);
		assert.deepEqual([limit.stats().online.granted, limit.stats().offline.granted], [4, 1]);
	});

	test('what is no limit is refused by name', async () => {
		assert.throws(() => new Pool({filename, limit: 2}), {code: 'ERR_INVALID_ARG', message: /^`limit` must be a limit/});
		await assert.rejects(hash('sha256', 'a', {limit: () => {}}), {code: 'ERR_INVALID_ARG'});
		await assert.rejects(compress('gzip', 'a', {limit: {}}), {code: 'ERR_INVALID_ARG'});
	});
});
