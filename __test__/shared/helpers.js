'use strict';

const path = require('node:path');
const {setTimeout: sleep} = require('node:timers/promises');
const {Worker} = require('node:worker_threads');
const {Board} = require('./board.js');
const {collect, hold} = require('./thread.js');

let names = 0;

/** A name that no other test has. */
const newName = () => `limit ${names++}`;

/** A worker thread that ends with its test. */
class Thread {
	#calls = new Map();
	#worker;

	constructor(t, board) {
		this.#worker = new Worker(path.join(__dirname, 'thread.js'), {workerData: board.memory});
		this.#worker.on('message', ({id, value, error}) => {
			const {resolve, reject} = this.#calls.get(id);
			this.#calls.delete(id);
			if (error === undefined) {
				resolve(value);
			} else {
				reject(Object.assign(new Error(error.message), error));
			}
		});
		this.failed = new Promise((_, reject) => {
			this.#worker.once('error', reject);
		});
		this.failed.catch(() => {});
		this.exited = new Promise(resolve => {
			this.#worker.once('exit', resolve);
		});
		t.after(() => this.#worker.terminate());
	}

	/** Runs a function there: with its scope (see `thread.js`) and copies of the arguments. It sees nothing else. */
	run(fn, ...args) {
		const id = this.#calls.size === 0 ? 0 : Math.max(...this.#calls.keys()) + 1;
		const called = new Promise((resolve, reject) => {
			this.#calls.set(id, {resolve, reject});
		});
		this.#worker.postMessage({id, source: `${fn}`, args});
		return Promise.race([called, this.failed]);
	}

	async terminate() {
		await this.#worker.terminate();
	}
}

/** A board, and so many threads that have it. */
const open = (t, number = 1) => {
	const board = new Board();
	return {board, threads: Array.from({length: number}, () => new Thread(t, board))};
};

/** Resolves when it is so; the runner's time limit is what ends the wait else. */
const until = async condition => {
	while (!(await condition())) {
		await sleep(1);
	}
};

/** Whether a promise has settled by now, all that is under way here having been done. */
const state = async promise => {
	for (let turn = 0; turn < 5; turn++) {
		await new Promise(setImmediate);
	}

	const pending = Symbol('pending');
	return Promise.race([promise, pending]).then(
		value => (value === pending ? 'pending' : 'fulfilled'),
		() => 'rejected',
	);
};

const range = (length, from = 0) => Array.from({length}, (_, index) => from + index);

// Functions for `Thread.run`, for tests in which another thread holds slots.

/** Opens the limit there and queues calls that are held; with `rejects` it rejects on clear. */
const holdThere = ({pLimit, own, hold}, name, options, calls = 1) => {
	own.limit = pLimit({name, ...options});
	own.lane = own.limit;
	own.held = Array.from({length: calls}, () => hold(own.limit));
	own.outcomes = Promise.allSettled(own.held.map(({ended}) => ended));
};

const freeThere = ({own}) => {
	for (const held of own.held) {
		held.free?.();
	}
};

const hasBegunThere = ({own}) => own.held.filter(({hasBegun}) => hasBegun).length;

module.exports = {
	Board,
	Thread,
	collect,
	freeThere,
	hasBegunThere,
	hold,
	holdThere,
	newName,
	open,
	range,
	sleep,
	state,
	until,
};
