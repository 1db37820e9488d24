'use strict';

const path = require('node:path');
const process = require('node:process');
const {setTimeout: sleep} = require('node:timers/promises');
const {Pool} = require('p-lanes');
const {Board} = require('./board.js');

const fixture = name => path.join(__dirname, 'fixtures', name);

/**
 * A pool that ends with its test. It has one thread and no reserve unless it is to have more, so that the order of jobs is
 * certain.
 */
const open = (t, options) => {
	const pool = new Pool({filename: fixture('work.js'), maxThreads: 1, reserve: 0, ...options});
	t.after(() => pool.destroy());
	return pool;
};

/** A pool with cells that its workers share with the test. */
const openBoard = (t, options) => {
	const board = new Board();
	return {board, pool: open(t, {workerData: board.workerData, ...options})};
};

/** The sanitizer's addon (`npm run test:sanitize`), for threads that get an `env` of their own. */
const {P_LANES_BINARY} = process.env;
const addonEnv = P_LANES_BINARY === undefined ? {} : {P_LANES_BINARY};

/** Resolves when it is so; the runner's time limit is what ends the wait else. */
const until = async condition => {
	while (!(await condition())) {
		await sleep(1);
	}
};

const range = (from, length) => Array.from({length}, (_, index) => from + index);

/** What the promise rejects with. */
const failure = promise =>
	promise.then(
		value => {
			throw new Error(`resolved with ${value}`);
		},
		error => error,
	);

/** Whether the promise has settled, without waiting for it. */
const state = async promise => {
	const pending = Symbol('pending');
	return Promise.race([promise, new Promise(resolve => setImmediate(resolve, pending))]).then(
		value => (value === pending ? 'pending' : 'fulfilled'),
		() => 'rejected',
	);
};

module.exports = {addonEnv, failure, fixture, open, openBoard, range, sleep, state, until};
