'use strict';

// A new rate, a charge, and what `stats` tells of the tokens, on a clock that is set by hand.

const {pass} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {deferred, turns} = require('../flow/helpers.js');
const {INTERVAL, calls, rated} = require('./rated.js');

describe('a rate that is changed', () => {
	test('applies from then on, also to calls that wait', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 5, note);
		await turns();
		await pass(limit, 50);
		limit.rate = {limit: 1, interval: INTERVAL}; // half of a token is missing
		await pass(limit, 499);
		assert.deepEqual(times(), [0]);
		await pass(limit, 1);
		assert.deepEqual(times(), [0, 550]);
		limit.rate = {limit: 100, interval: INTERVAL};
		for (let i = 0; i < 3; i++) {
			await pass(limit, 10);
		}

		await all;
		assert.deepEqual(times(), [0, 550, 560, 570, 580]);
	});

	test('gives no fresh burst, whether it is greater or the same', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 2});
		const all = calls(limit, 5, note);
		for (const burst of [5, 2, 5]) {
			await turns();
			limit.rate = {limit: 10, interval: INTERVAL, burst};
		}

		assert.deepEqual(times(), [0, 0]);
		for (let i = 0; i < 3; i++) {
			await pass(limit, 100);
		}

		await all;
		assert.deepEqual(times(), [0, 0, 100, 200, 300]);
		await pass(limit, 1000);
		assert.equal(limit.stats().rate.available, 5);
	});

	test('with a smaller burst leaves no debt for earlier starts', async () => {
		const {limit, note, times} = rated({limit: 10, burst: 20});
		const all = calls(limit, 21, note);
		await turns();
		limit.rate = {limit: 1, interval: INTERVAL};
		await pass(limit, 1000);
		await all;
		assert.deepEqual(times().slice(19), [0, 1000]);
	});

	test('does not change a pause', async () => {
		const {limit, note, times} = rated({limit: 10});
		limit.pause();
		const all = calls(limit, 2, note);
		limit.rate = {limit: 1000, interval: INTERVAL};
		await turns();
		assert.deepEqual(times(), []);
		limit.resume();
		await pass(limit, 1);
		await all;
		assert.deepEqual(times(), [0, 1]);
	});
});

describe('a charge', () => {
	test('delays calls that wait, and a negative one lets them start', async () => {
		const {limit, note, times} = rated({limit: 10});
		const all = calls(limit, 3, note);
		await turns();
		limit.charge(3);
		await pass(limit, 399);
		assert.deepEqual(times(), [0]);
		limit.charge(2);
		await pass(limit, 1);
		assert.deepEqual(times(), [0]);
		limit.charge(-2);
		await turns();
		assert.deepEqual(times(), [0, 400]);
		limit.charge(-100);
		await turns();
		assert.deepEqual(times(), [0, 400, 400]);
		await all;
		assert.equal(limit.stats().rate.available, 0);
	});
});

describe('stats', () => {
	test('tell the tokens that are there, as they come back', async () => {
		const {limit, note} = rated({limit: 10, burst: 4});
		await calls(limit, 3, note);
		const available = () => limit.stats().rate.available;
		assert.equal(available(), 1);
		await pass(limit, 150);
		assert.equal(available(), 2.5);
		await pass(limit, 10_000);
		assert.equal(available(), 4);
	});

	test('tell the wait for the rate apart from the wait for a slot', async () => {
		const {limit, note} = rated({limit: 10, burst: 2}, {concurrency: 1});
		const {promise, resolve} = deferred();
		const first = limit(() => promise);
		const rest = calls(limit, 2, note);
		await pass(limit, 40); // for the slot
		resolve();
		await first;
		await turns();
		await pass(limit, 60); // the third: for the rate
		await rest;
		const {wait, rateWait} = limit.stats().online;
		assert.equal(wait.count, 3);
		assert.ok(Math.abs(wait.max - 100) <= 1, `${wait.max}`);
		assert.equal(rateWait.count, 1);
		assert.ok(Math.abs(rateWait.max - 60) <= 1, `${rateWait.max}`);
		assert.equal(limit.stats().offline.rateWait.count, 0);
	});
});
