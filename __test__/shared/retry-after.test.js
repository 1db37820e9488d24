'use strict';

// What a server's answer to one thread, and its retries, mean to the others.

const pLimit = require('p-lanes');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {newName, open, until} = require('./helpers.js');

/** A call there that is answered with "try again" once. Returns how often it ran. */
const flaky = async ({pLimit, own}, name, lane, millis) => {
	own.limit = pLimit({name});
	let attempts = 0;
	const retry = {minTimeout: 0, retryAfter: ({headers}) => headers.millis};
	return own.limit.with({lane, retry})(async () => {
		attempts++;
		if (attempts === 1) {
			throw Object.assign(new Error('429'), {headers: {millis}});
		}

		return attempts;
	});
};

const resumeThere = ({own}) => {
	own.limit.resume();
};

describe('an answer to one thread', () => {
	test('pauses the offline lane of all threads if the call is offline, and online calls go on', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 4});
		const call = threads[0].run(flaky, name, 'offline', 300);
		await until(() => limit.stats().offline.pauseEndsIn > 0);
		const {online} = limit.stats();
		assert.equal(online.pauseEndsIn, 0);
		let isOver = false;
		const offline = limit.offline(() => {
			isOver = limit.stats().offline.pauseEndsIn === 0;
		});
		assert.equal(await limit.online(() => 'online'), 'online');
		assert.equal(await call, 2);
		await offline;
		assert.ok(isOver);
	});

	test('pauses the limit if the call is online, until any thread resumes it', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 4});
		const call = threads[0].run(flaky, name, 'online', 50_000);
		call.catch(() => {});
		await until(() => limit.isPaused);
		const other = limit(() => 'other');
		assert.equal(limit.pendingCount, 1);
		await threads[0].run(resumeThere);
		assert.equal(await other, 'other');
	});
});

describe('a rate of several threads', () => {
	test('counts the attempts of all of them, and each thread is told when its own may begin', async t => {
		const {threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, rate: {limit: 100, interval: 1000}});
		const began = performance.now();
		const calls = threads.map(thread => thread.run(flaky, name, 'online', undefined));
		assert.deepEqual(await Promise.all(calls), [2, 2]);
		assert.ok(performance.now() - began >= 30, 'four attempts, 10 ms apart');
		assert.equal(limit.stats().online.granted, 2);
	});
});
