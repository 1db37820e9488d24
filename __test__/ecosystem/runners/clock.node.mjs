// The manual clock in node:test: by import and by require, in tests that run at once in files of their own.

import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {mock, test} from 'node:test';
import pLimit from 'p-lanes';
import * as testing from 'p-lanes/testing';

const {manualClock} = testing;
const HOUR = 3_600_000;
const never = () => new Promise(() => {});

test('require gives the same', () => {
	assert.equal(createRequire(import.meta.url)('p-lanes/testing').manualClock, manualClock);
	assert.deepEqual(Object.keys(testing), ['manualClock']);
});

test('rates, timeouts and retries, with mock.timers beside', async t => {
	const clock = manualClock();
	t.after(() => clock.restore());
	mock.timers.enable({apis: ['setTimeout']});
	t.after(() => mock.timers.reset());
	const times = [];
	const all = pLimit({concurrency: 9, rate: {limit: 2, interval: HOUR}}).map([1, 2, 3], () => times.push(clock.now));
	const timedOut = assert.rejects(pLimit(1).with({timeout: HOUR})(never), {code: 'ERR_TASK_TIMEOUT'});
	let attempts = 0;
	const retried = pLimit(1).with({retry: {minTimeout: HOUR / 8}})(() => {
		attempts++;
		assert.equal(attempts, 2);
	});
	await clock.advance(HOUR);
	await Promise.all([all, timedOut, retried]);
	assert.deepEqual(times, [0, HOUR / 2, HOUR]);
});
