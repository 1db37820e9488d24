'use strict';

// `Pool`, the public class: checks arguments, and leaves all else to the dispatcher.

const {NativePool, kind} = require('../binding/binding.js');
const {checkBoolean, checkObject, checkWhole} = require('../common/checks.js');
const {Emitter} = require('../common/emitter.js');
const {asyncDispose, clearTimeout, nextTick, setTimeout} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {isOnlyAsync, lengthOf, readAsyncIterable, readIterable} = require('../common/iterators.js');
const {INSPECT, shownAs} = require('../observe/shown.js');
const {laneOf, named} = require('../limit/limit-option.js');

const noOptions = {};

/** Returns a copy of options with some that are fixed. What are no options is left for the pool to refuse. */
const fix = (options = noOptions, names, fixed) =>
	typeof options === 'object' && options !== null && names.mayBeIn(options)
		? {...names.copy(options), ...fixed}
		: options;

/** Loaded by the first pool, so a program that uses only the limit does not load them. */
let modules;

const loadModules = () => {
	if (kind === 'wasm') {
		new NativePool(); // throws, and says why; what is loaded below is not there in every runtime
	}

	modules ??= {
		...require('./dispatcher.js'),
		...require('../stream/async-map.js'),
		...require('./map.js'),
		...require('./options.js'),
		...require('./stream.js'),
	};
};

/** Runs the user's functions in worker threads. */
class Pool extends Emitter {
	#options;
	#dispatcher;
	#defaultFunction;
	#closing;
	#closed;
	#publicOptions;
	#checkAdmission = lane => {
		this.#dispatcher.checkAdmission(lane);
	};

	constructor(options) {
		super();
		loadModules();
		this.#options = modules.readPoolOptions(options);
		const {url, name} = this.#options;
		this.#dispatcher = new modules.Dispatcher(this.#options, (event, value) => this.#emitSoon(event, value), this);
		if (url !== undefined) {
			this.#defaultFunction = this.#dispatcher.functionOf(url, name);
		}

		this.online = new PoolLane(this, 'online');
		this.offline = new PoolLane(this, 'offline');
	}

	/**
	 * Emits an event if it has listeners, and returns whether it has. Emits in the next tick: a listener may throw or
	 * call the pool, while the dispatcher has to go on.
	 */
	#emitSoon(event, value) {
		if (this.listenerCount(event) === 0) {
			return false;
		}

		nextTick(() => {
			if (this.listenerCount(event) > 0) {
				this.emit(event, value);
			}
		});
		return true;
	}

	/** Runs one task. Returns a promise of the function's result. */
	run(task, options = noOptions) {
		return new Promise((resolve, reject) => {
			const given = modules.readRunOptions(options);
			this.#dispatcher.checkAdmission(given.lane);
			const fn = this.#functionOf(given);
			const lane = this.#laneOf(given);
			if (lane === undefined) {
				this.#submit(fn, task, given, resolve, reject);
			} else {
				resolve(lane(this.#named(fn, () => this.#runWithoutLimit(fn, task, given))));
			}
		});
	}

	/** Runs a task for every item. Returns a promise of all results in the order of the items. */
	async map(iterable, options = noOptions) {
		const given = modules.readManyOptions(options);
		const isAsync = isOnlyAsync(iterable);
		const begin = isAsync ? undefined : readIterable(iterable, 'iterable', 'an iterable or an async iterable');
		const fn = this.#functionOf(given);
		this.#dispatcher.checkAdmission(given.lane);
		const lane = this.#laneOf(given);
		if (isAsync && lane === undefined) {
			return this.#mapAsync(iterable, fn, given);
		}

		return lane === undefined
			? modules.mapAll(this.#dispatcher, fn, begin, {...given, total: lengthOf(iterable)})
			: this.#mapInLane(lane, iterable, fn, given);
	}

	#mapAsync(iterable, fn, given) {
		const begin = readAsyncIterable(iterable, 'iterable', 'an iterable or an async iterable');
		return modules.mapStream(given, undefined, options =>
			modules.stream(this.#dispatcher, fn, begin, {...options, highWaterMark: this.#highWaterMark}),
		);
	}

	/** Items of a stream at most that were pulled and not read. */
	get #highWaterMark() {
		return this.#options.maxThreads * this.#options.concurrentTasksPerWorker * 2;
	}

	#mapInLane(lane, iterable, fn, given) {
		const run = this.#named(fn, item => this.#runWithoutLimit(fn, item, given));
		const {settle, stopOnError, onProgress, progressInterval} = given;
		const progress = {onProgress, progressInterval};
		return settle ? lane.settle(iterable, run, progress) : lane.map(iterable, run, {stopOnError, ...progress});
	}

	/** `map` that never fails by an item. */
	settle(iterable, options) {
		return this.map(iterable, fix(options, modules.mapNames, {settle: true}));
	}

	/** Runs a task for every item of the source, which is pulled no faster than results are read. */
	stream(source, options = noOptions) {
		const given = modules.readManyOptions(options, modules.streamNames);
		const ordered = options.ordered ?? true;
		const highWaterMark = options.highWaterMark ?? this.#highWaterMark;
		const begin = readAsyncIterable(source, 'source', 'an iterable or an async iterable');
		checkBoolean('ordered', ordered);
		checkWhole('highWaterMark', highWaterMark, 1);
		const fn = this.#functionOf(given);
		this.#dispatcher.checkAdmission(given.lane);
		const lane = this.#laneOf(given);
		if (lane === undefined) {
			return modules.stream(this.#dispatcher, fn, begin, {...given, ordered, highWaterMark, total: lengthOf(source)});
		}

		const extra = Math.max(0, highWaterMark - lane.concurrency);
		const {settle, stopOnError, onProgress, progressInterval} = given;
		const run = this.#named(fn, item => this.#runWithoutLimit(fn, item, given));
		return lane.stream(source, run, {
			ordered,
			highWaterMark: extra,
			settle,
			stopOnError,
			onProgress,
			progressInterval,
		});
	}

	/** Names what begins a job of a function in a slot of the limit. */
	#named(fn, run) {
		return named(run, this.#dispatcher.labelOf(fn));
	}

	#submit(fn, task, given, fulfil, reject) {
		this.#dispatcher.submit({fulfil, reject, checkAdmission: this.#checkAdmission}, 0, fn, task, given);
		this.#dispatcher.flush(given.lane);
	}

	#runWithoutLimit(fn, task, given) {
		return new Promise((resolve, reject) => {
			this.#dispatcher.checkAdmission(given.lane);
			this.#submit(fn, task, given, resolve, reject);
		});
	}

	/** Returns the lane of the limit whose slots jobs take, if there is a limit. */
	#laneOf({limit = this.#options.limit, lane, signal}) {
		return limit === undefined ? undefined : laneOf(limit, lane, signal);
	}

	#functionOf({filename, name}) {
		if (filename === undefined && name === undefined && this.#defaultFunction !== undefined) {
			return this.#defaultFunction;
		}

		const url = filename === undefined ? this.#options.url : modules.readFilename(filename);
		if (url === undefined) {
			throw invalid('filename', 'given to the pool or with the task', filename);
		}

		return this.#dispatcher.functionOf(url, name ?? this.#options.name);
	}

	get threads() {
		return this.#dispatcher.workers;
	}

	get queueSize() {
		return this.#dispatcher.pending;
	}

	get completed() {
		return this.#dispatcher.completed;
	}

	get utilization() {
		return this.#dispatcher.utilization;
	}

	get needsDrain() {
		return this.#dispatcher.isFull;
	}

	/** The options in force, with all defaults. */
	get options() {
		this.#publicOptions ??= modules.publicOptions(this.#options);
		return this.#publicOptions;
	}

	get minThreads() {
		return this.#options.minThreads;
	}

	get maxThreads() {
		return this.#options.maxThreads;
	}

	stats() {
		return {threads: this.#dispatcher.workers.length, utilization: this.utilization, ...this.#dispatcher.stats()};
	}

	snapshot() {
		const {snapshotOf} = require('../observe/snapshot.js');
		const {stats, histograms} = this.#dispatcher.snapshot();
		const threads = this.#dispatcher.workers.length;
		return snapshotOf({threads, utilization: this.utilization, ...stats}, histograms);
	}

	get [INSPECT]() {
		return #dispatcher in this ? shownAs('Pool', () => this.#shown) : undefined;
	}

	get #shown() {
		const {threads, online, offline} = this.stats();
		return {
			threads,
			maxThreads: this.maxThreads,
			active: {online: online.active, offline: offline.active},
			pending: {online: online.pending, offline: offline.pending},
			...(this.#closing === undefined && this.#closed === undefined ? undefined : {closed: true}),
		};
	}

	/** Takes no more tasks, and ends the threads when all have run. With `force`, rejects the tasks that wait. */
	async close(options = noOptions) {
		checkObject('options', options);
		const {force = false} = modules.closeNames.read(options);
		checkBoolean('force', force);
		this.#closing ??= this.#close();
		if (force) {
			this.#dispatcher.dropWaiting();
		}

		await this.#closing;
	}

	async #close() {
		const {closeTimeout} = this.#options;
		const destroy = () => {
			this.#dispatcher.destroy({isOverdue: true});
		};
		const timer = closeTimeout === Number.POSITIVE_INFINITY ? undefined : setTimeout(destroy, closeTimeout).unref();
		await this.#dispatcher.close();
		clearTimeout(timer);
		await this.#emitClose();
	}

	/** Ends the threads at once. Rejects all tasks that run or wait. */
	async destroy() {
		await this.#dispatcher.destroy();
		await this.#emitClose();
	}

	/** Emits `close`, once. Returns a promise whose reactions come after the listeners. */
	#emitClose() {
		this.#closed ??= new Promise(resolve => {
			nextTick(() => {
				resolve();
				this.emit('close'); // which may throw
			});
		});
		return this.#closed;
	}

	[asyncDispose]() {
		return this.close();
	}
}

/** A pool with a fixed lane. */
class PoolLane {
	#pool;
	#lane;

	constructor(pool, lane) {
		this.#pool = pool;
		this.#lane = lane;
	}

	get [INSPECT]() {
		return #pool in this ? shownAs('PoolLane', () => ({lane: this.#lane, pool: this.#pool})) : undefined;
	}

	run(task, options) {
		return this.#pool.run(task, fix(options, modules.runNames, {lane: this.#lane}));
	}

	map(iterable, options) {
		return this.#pool.map(iterable, fix(options, modules.mapNames, {lane: this.#lane}));
	}

	settle(iterable, options) {
		return this.#pool.settle(iterable, fix(options, modules.mapNames, {lane: this.#lane}));
	}

	stream(source, options) {
		return this.#pool.stream(source, fix(options, modules.streamNames, {lane: this.#lane}));
	}
}

module.exports = {Pool};
