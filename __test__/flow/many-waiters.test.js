'use strict';

// Many callers that wait for a shorter queue. A check of the queue must look only at those that it wakes.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {Gate} = require('../../lib/gate/gate.js');
const {deferred, idle} = require('./helpers.js');

/** Returns how often a limit counts its calls while `run` runs. */
const countsOf = async run => {
	const {count} = Gate.prototype;
	let counts = 0;
	Gate.prototype.count = function (...args) {
		counts++;
		return count.apply(this, args);
	};
	try {
		await run();
	} finally {
		Gate.prototype.count = count;
	}

	return counts;
};

/** Queues calls, has a caller wait for each length of the queue, and returns which lengths were told in which order. */
const waitForAll = async (calls, lanesOf) => {
	const limit = pLimit(1);
	const {promise, resolve} = deferred();
	const all = [limit(() => promise)];
	for (let call = 1; call <= calls; call++) {
		all.push(limit(() => {}));
	}

	const told = [];
	const waiting = [];
	// Not in the order in which they will be told.
	for (let index = 0; index < calls; index++) {
		const size = ((index * 7) % calls) + 1;
		waiting.push(
			lanesOf(limit)
				.onSizeLessThan(size)
				.then(() => told.push(size)),
		);
	}

	resolve();
	await Promise.all([...all, ...waiting]);
	idle(limit);
	return told;
};

describe('many callers of onSizeLessThan', () => {
	for (const [name, lanesOf] of [
		['of a limit', limit => limit],
		['of a lane', limit => limit.online],
		['each of a lane object of its own', limit => limit.with({})],
	]) {
		test(`${name}: are told one after the other as the queue gets shorter`, async () => {
			const told = await waitForAll(100, lanesOf);
			assert.deepEqual(
				told,
				Array.from({length: 100}, (_, index) => 100 - index),
			);
		});

		test(`${name}: twice as many take twice as many looks at the queue`, async () => {
			const few = await countsOf(() => waitForAll(100, lanesOf));
			const many = await countsOf(() => waitForAll(200, lanesOf));
			assert.ok(many < 2.5 * few, `${few} looks for 100 callers, ${many} for 200`);
		});
	}

	test('that are told together go on in the order of their calls', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const all = [limit(() => promise), ...Array.from({length: 9}, () => limit(() => {}))];
		const told = [];
		for (const size of [3, 1, 2, 9, 4]) {
			limit.onSizeLessThan(size).then(() => told.push(size));
		}

		limit.onEmpty().then(() => told.push('empty'));
		limit.clearQueue();
		assert.deepEqual(told, []);
		resolve();
		await all[0];
		assert.deepEqual(told, [3, 1, 2, 9, 4, 'empty']);
	});

	test('and of onIdle and onEmpty wait for counts of their own', async () => {
		const limit = pLimit(1);
		const {promise, resolve} = deferred();
		const online = limit(() => promise);
		const offline = limit.offline(() => {});
		const told = [];
		for (const [name, wait] of Object.entries({
			idle: () => limit.onIdle(),
			'online idle': () => limit.online.onIdle(),
			empty: () => limit.onEmpty(),
			'online empty': () => limit.online.onEmpty(),
		})) {
			wait().then(() => told.push(name));
		}

		await Promise.resolve();
		await Promise.resolve();
		await Promise.resolve();
		assert.deepEqual(told, ['online empty']);
		resolve();
		await Promise.all([online, offline, limit.onIdle()]);
		assert.deepEqual(told.sort(), ['empty', 'idle', 'online empty', 'online idle']);
	});
});
