'use strict';

// `Pool`, as its user sees it: arguments are checked here, everything else is the engine's.

const {EventEmitter} = require('node:events');
const process = require('node:process');
const {checkBoolean, checkObject, checkWhole} = require('../checks.js');
const {invalid} = require('../errors.js');
const {laneOf} = require('../under.js');

const noOptions = {};

/** Loaded by the first pool: who imports the package for its limit alone does not wait for all of this. */
let parts;

const load = () => {
	parts ??= {
		...require('./engine.js'),
		...require('./map.js'),
		...require('./options.js'),
		...require('./stream.js'),
	};
};

/** The user's functions, run in worker threads. */
class Pool extends EventEmitter {
	#options;
	#engine;
	#defaultFunction;
	#closing;

	constructor(options) {
		super();
		load();
		this.#options = parts.readPoolOptions(options);
		const {url, name} = this.#options;
		this.#engine = new parts.Engine(this.#options, (event, value) => this.#emitSoon(event, value));
		if (url !== undefined) {
			this.#defaultFunction = this.#engine.functionOf(url, name);
		}

		this.online = new PoolLane(this, 'online');
		this.offline = new PoolLane(this, 'offline');
	}

	/**
	 * Emits an event if anyone listens, and tells whether. Not at once: a listener may do anything, and throw, while the
	 * engine has to go on.
	 */
	#emitSoon(event, value) {
		if (this.listenerCount(event) === 0) {
			return false;
		}

		process.nextTick(() => {
			if (this.listenerCount(event) > 0) {
				this.emit(event, value);
			}
		});
		return true;
	}

	/** Runs one task; a promise of what the function returns. */
	run(task, options = noOptions) {
		return new Promise((resolve, reject) => {
			const given = parts.readRunOptions(options);
			this.#engine.check();
			const fn = this.#functionOf(given);
			const lane = this.#laneOf(given);
			if (lane === undefined) {
				this.#submit(fn, task, given, {fulfil: resolve, reject});
			} else {
				resolve(lane(() => this.#submitted(fn, task, given)));
			}
		});
	}

	/** Runs a task for every item; a promise of all results in the order of the items. */
	async map(iterable, options = noOptions) {
		const given = parts.readManyOptions(options);
		if (typeof iterable?.[Symbol.iterator] !== 'function') {
			throw invalid('iterable', 'an iterable', iterable);
		}

		const fn = this.#functionOf(given);
		this.#engine.check();
		const lane = this.#laneOf(given);
		return lane === undefined
			? parts.mapAll(this.#engine, fn, iterable, given)
			: lane.map(iterable, item => this.#submitted(fn, item, given), {stopOnError: true});
	}

	/** Runs a task for every item that the source gives, pulling no more than results are taken. */
	stream(source, options = noOptions) {
		const given = parts.readManyOptions(options);
		const {ordered = true, highWaterMark = this.#options.maxThreads * this.#options.concurrentTasksPerWorker * 2} =
			options;
		if (typeof source?.[Symbol.asyncIterator] !== 'function' && typeof source?.[Symbol.iterator] !== 'function') {
			throw invalid('source', 'an iterable or an async iterable', source);
		}

		checkBoolean('ordered', ordered);
		checkWhole('highWaterMark', highWaterMark, 1);
		const fn = this.#functionOf(given);
		this.#engine.check();
		const lane = this.#laneOf(given);
		if (lane === undefined) {
			return parts.stream(this.#engine, fn, source, {...given, ordered, highWaterMark});
		}

		const beyond = Math.max(0, highWaterMark - lane.concurrency);
		return lane.stream(source, item => this.#submitted(fn, item, given), {ordered, highWaterMark: beyond});
	}

	#submit(fn, task, given, sink) {
		this.#engine.submit(sink, 0, fn, task, given);
		this.#engine.flush(given.lane);
	}

	#submitted(fn, task, given) {
		return new Promise((resolve, reject) => {
			this.#engine.check();
			this.#submit(fn, task, given, {fulfil: resolve, reject});
		});
	}

	/** The lane of the limit whose slots jobs take, where there is one. */
	#laneOf({limit = this.#options.limit, lane, signal}) {
		return limit === undefined ? undefined : laneOf(limit, lane, signal);
	}

	#functionOf({filename, name}) {
		if (filename === undefined && name === undefined && this.#defaultFunction !== undefined) {
			return this.#defaultFunction;
		}

		const url = filename === undefined ? this.#options.url : parts.readFilename(filename);
		if (url === undefined) {
			throw invalid('filename', 'given to the pool or with the task', filename);
		}

		return this.#engine.functionOf(url, name ?? (filename === undefined ? this.#options.name : 'default'));
	}

	get threads() {
		return this.#engine.workers;
	}

	get queueSize() {
		return this.#engine.pending;
	}

	get completed() {
		return this.#engine.completed;
	}

	get utilization() {
		return this.#engine.utilization;
	}

	get needsDrain() {
		return this.#engine.isFull;
	}

	get minThreads() {
		return this.#options.minThreads;
	}

	get maxThreads() {
		return this.#options.maxThreads;
	}

	stats() {
		return {threads: this.#engine.workers.length, utilization: this.utilization, ...this.#engine.stats()};
	}

	/** Lets no more tasks in and ends the threads when all have run; with `force`, drops those that wait. */
	async close(options = noOptions) {
		checkObject('options', options);
		const {force = false} = options;
		checkBoolean('force', force);
		this.#closing ??= this.#engine.close();
		if (force) {
			this.#engine.dropWaiting();
		}

		await this.#closing;
	}

	/** Ends the threads at once; what runs or waits is rejected. */
	destroy() {
		return this.#engine.destroy();
	}

	[Symbol.asyncDispose]() {
		return this.close();
	}
}

/** A pool with the lane given. */
class PoolLane {
	#pool;
	#lane;

	constructor(pool, lane) {
		this.#pool = pool;
		this.#lane = lane;
	}

	run(task, options) {
		return this.#pool.run(task, this.#with(options));
	}

	map(iterable, options) {
		return this.#pool.map(iterable, this.#with(options));
	}

	stream(source, options) {
		return this.#pool.stream(source, this.#with(options));
	}

	#with(options = noOptions) {
		// What is no object is refused by the pool.
		return typeof options === 'object' && options !== null ? {...options, lane: this.#lane} : options;
	}
}

module.exports = {Pool};
