'use strict';

// What a `Pool` is inside: jobs are encoded and given to Rust, which decides who runs what next; the
// news of them come back here.

const process = require('node:process');
const {MessageChannel} = require('node:worker_threads');
const {NativePool} = require('../../binding.js');
const {PoolClosedError, QueueFullError, TaskTimeoutError} = require('../errors.js');
const {decode, encode, encodeAsPosted, encodeTasks, kinds, lastKind, post, received} = require('./codec.js');
const {Job, Jobs} = require('./jobs.js');
const {Moved} = require('./moved.js');
const {Signals} = require('../signals.js');
const {Threads} = require('./threads.js');

/** The news of a job, as Rust numbers them. */
const FULFILLED = 0;
const REJECTED = 1;
const STARTED = 2;

/** What Rust has to know of a job. */
const CANCELLABLE = 1;
const TELL_START = 2;

const closedError = () => new PoolClosedError('the pool is closed and takes no more jobs');

class Engine {
	#options;
	#emit;
	#native;
	#calls;
	#ints;
	#jobs = new Jobs();
	signals = new Signals();
	#threads;
	#functions = new Map();
	#offlineJobs = 0;
	#isFull = false;
	#isClosed = false;
	#isDestroyed = false;
	/** Who is told, by an error, that no more jobs are let in. */
	onClose = new Set();
	/** What brings in jobs of its own, and is let do so though the pool closes: maps that go on. */
	#batches = new Set();
	#onIdle = [];
	/** Jobs that ran on when they were aborted, by the thread that ends once it runs no others. */
	#condemned = new Map();
	completed = 0;

	constructor(options, emit) {
		this.#options = options;
		this.#emit = emit;
		const {maxThreads, reserve, offlineShare, concurrentTasksPerWorker} = options;
		this.#native = new NativePool(
			{threads: maxThreads, reserve, offlineShare, jobsPerThread: concurrentTasksPerWorker},
			() => {
				this.takeLetters();
			},
		);
		this.#calls = this.#native.hotCalls();
		this.#ints = this.#calls.ints;
		this.#threads = new Threads(this, this.#native, options, emit);
		if (options.startsAtOnce) {
			this.#threads.ensure(options.minThreads);
		}
	}

	get workers() {
		return this.#threads.workers;
	}

	get pending() {
		return this.#native.pending();
	}

	get utilization() {
		return this.#native.utilization;
	}

	get isFull() {
		return this.#isFull;
	}

	stats() {
		return this.#native.stats();
	}

	/** The number of a function to call. */
	functionOf(url, name) {
		const description = JSON.stringify({url, name});
		let number = this.#functions.get(description);
		if (number === undefined) {
			number = this.#native.defineFunction(description);
			this.#functions.set(description, number);
		}

		return number;
	}

	get #capacity() {
		return this.#options.maxThreads * this.#options.concurrentTasksPerWorker;
	}

	/** Throws if the pool is closed. */
	checkOpen() {
		if (this.#isClosed) {
			throw closedError();
		}
	}

	/** Throws if no more job may be let in. */
	check() {
		this.checkOpen();
		const {maxQueue} = this.#options;
		if (this.#jobs.size >= this.#capacity + maxQueue) {
			throw new QueueFullError(`\`maxQueue\` (${maxQueue}) jobs wait already; wait for the 'drain' event, or raise it`);
		}
	}

	/**
	 * Lets a job in, to be queued by the `flush` that has to follow. The `sink` is told its outcome, by `fulfil(value, index)` or `reject(error, index)`;
	 * what is wrong with the task itself is thrown.
	 */
	submit(sink, index, fn, given, {lane, signal, timeout, transferList, isCancellable = signal !== undefined}) {
		if (signal?.aborted) {
			throw signal.reason;
		}

		const job = new Job(sink, index);
		const payload = this.#encode(job, given, transferList);
		job.timeout = timeout;
		const number = this.#let(
			job,
			fn,
			lane,
			(isCancellable ? CANCELLABLE : 0) | (timeout === undefined ? 0 : TELL_START),
			payload,
		);
		if (signal !== undefined) {
			job.stopWatching = this.signals.watch(signal, {
				leave: reason => {
					this.#cancel(number, reason);
				},
				abort: reason => {
					this.#abort(number, job, reason);
				},
			});
		}
	}

	/** Whether tasks may travel together: where one worker runs one at a time, and nobody counts what waits. */
	get canBundle() {
		return this.#options.concurrentTasksPerWorker === 1 && this.#options.maxQueue === Number.POSITIVE_INFINITY;
	}

	/**
	 * Lets several tasks in as one job; false if they have to be let in one by one. The `sink` is told the results of
	 * as many as were run, by `fulfilTasks(results, index, tasks)`.
	 */
	submitTasks(sink, index, fn, tasks, {lane}) {
		const payload = encodeTasks(tasks);
		if (payload === undefined) {
			return false;
		}

		const job = new Job(sink, index);
		job.tasks = tasks;
		this.#let(job, fn, lane, CANCELLABLE, payload);
		return true;
	}

	/** Gives an encoded job to Rust, which queues it by the next `flush`; gives its number. */
	#let(job, fn, lane, flags, payload) {
		const number = this.#jobs.add(job);
		job.lane = lane;
		const ints = this.#ints;
		ints[0] = number;
		ints[1] = lastKind();
		ints[2] = fn;
		ints[3] = lane;
		ints[4] = flags;
		ints[5] = job.tasks?.length ?? 1;
		this.#offlineJobs += lane;
		try {
			this.#calls.submit(payload);
		} catch (error) {
			this.#remove(number);
			throw error;
		}

		if (this.#jobs.size === 1) {
			this.#native.hold(true);
		}

		return number;
	}

	/** Queues what was submitted to a lane since the last time, and wakes threads for it. */
	flush(lane) {
		this.#ints[3] = lane;
		this.#calls.flush();
		this.#threads.hasGivenUp = false;
		this.ensureThreads();
		if (!this.#isFull && this.#jobs.size >= this.#capacity + this.#options.maxQueue) {
			this.#isFull = true;
			this.#emit('needsDrain');
		}
	}

	#encode(job, given, transferList) {
		let task = given;
		let moved = transferList;
		if (given instanceof Moved) {
			task = given.value;
			moved = [...given.transferList, ...(transferList ?? [])];
		}

		// Made even for an empty list: it costs what the caller has asked for.
		const payload = moved === undefined ? encode(task, 'task') : undefined;
		if (moved !== undefined || lastKind() === kinds.port) {
			const ports = new MessageChannel();
			try {
				post(ports.port1, {}, task, 'task', moved);
			} catch (error) {
				ports.port1.close();
				throw error;
			}

			ports.port1.unref();
			ports.port2.unref();
			job.ports = ports;
			encodeAsPosted();
		}

		return payload;
	}

	/** A worker has taken a job whose task was posted. */
	sendPosted(number, channel) {
		const {ports} = this.#jobs.get(number);
		channel.postMessage({job: number, port: ports.port2}, [ports.port2]);
	}

	/** An outcome came by post; the news of it is told apart. */
	takePosted(number, message) {
		const job = this.#jobs.get(number);
		if (job.posted === undefined) {
			job.posted = {message};
		} else {
			this.#finish(number, job.posted.news, kinds.port, message);
		}
	}

	/** Takes the news that Rust has for this thread. */
	takeLetters() {
		const ints = this.#ints;
		for (;;) {
			const payload = this.#calls.take();
			const [number, kind, news, thread, ran] = ints;
			if (number < 0) {
				break;
			}

			const job = this.#jobs.get(number);
			job.ran = ran;
			this.#hear(number, job, kind, news, thread, payload);
		}
	}

	#hear(number, job, kind, news, thread, payload) {
		if (news === STARTED) {
			this.#started(number, job);
		} else if (news !== FULFILLED && news !== REJECTED) {
			this.#threads.get(thread).crashed.push(number);
		} else if (kind !== kinds.port) {
			this.#finish(number, news, kind, payload);
		} else if (job.posted === undefined) {
			job.posted = {news};
		} else {
			this.#finish(number, news, kind, job.posted.message);
		}

		if (this.#condemned.size > 0) {
			this.#endCondemned();
		}
	}

	/** A worker has done with a job. */
	#finish(number, news, kind, payload) {
		const job = this.#remove(number);
		if (job.isSettled && job.tasks === undefined) {
			this.completed++;
			return;
		}

		let outcome;
		try {
			outcome = kind === kinds.port ? received(payload) : decode(kind, payload);
		} catch (error) {
			this.completed++;
			job.reject(error);
			return;
		}

		this.completed += job.tasks !== undefined && news === FULFILLED ? outcome.length : 1;
		if (news === FULFILLED) {
			job.fulfil(outcome);
		} else {
			job.reject(outcome);
		}
	}

	#remove(number) {
		const job = this.#jobs.remove(number);
		this.#offlineJobs -= job.lane;
		if (this.#jobs.size === 0) {
			this.#native.hold(false);
			this.#checkIdle();
		}

		if (this.#isFull && this.#jobs.size <= this.#capacity) {
			this.#isFull = false;
			this.#emit('drain');
		}

		this.#threads.watchIdle();
		return job;
	}

	#started(number, job) {
		if (job.timeout !== undefined && !job.isSettled) {
			job.timer = setTimeout(() => {
				this.#abort(number, job, new TaskTimeoutError(`the task has run for its \`timeout\` of ${job.timeout} ms`));
			}, job.timeout);
		}
	}

	/** Takes a job out of the queue, if it waits there. */
	#cancel(number, reason) {
		if (this.#native.cancel(number)) {
			this.#remove(number).reject(reason);
		}
	}

	/** A job that runs is told by its signal, and has to end. */
	#abort(number, job, reason) {
		if (job.isSettled) {
			return;
		}

		job.reject(reason);
		job.forgetAbort();
		this.#interrupt(number, job);
		job.timer = setTimeout(() => {
			this.#replaceRunnerOf(number);
		}, this.#options.abortGrace);
	}

	/** Has a running job's signal aborted. */
	#interrupt(number, job) {
		// Nobody runs it who has just taken it or has just ended it: one of the two shows soon.
		if (this.#jobs.get(number) === job && this.#native.interrupt(number) === null) {
			setImmediate(() => {
				this.#interrupt(number, job);
			});
		}
	}

	/** A job did not heed its signal: its thread takes no more jobs, and ends when no other runs there. */
	#replaceRunnerOf(number) {
		const thread = this.#threads.get(this.#native.interrupt(number));
		if (thread === undefined) {
			return; // it has just ended
		}

		if (!this.#condemned.has(thread)) {
			this.#condemned.set(thread, new Set());
			this.#threads.retire(thread);
		}

		this.#condemned.get(thread).add(number);
		this.#endCondemned();
	}

	#endCondemned() {
		for (const [thread, jobs] of this.#condemned) {
			if (this.#native.running(thread.id).every(number => jobs.has(number))) {
				this.#condemned.delete(thread);
				thread.terminate();
			}
		}
	}

	/** A thread has ended while it ran this job. */
	jobCrashed(number, error) {
		this.completed++;
		this.#remove(number).reject(error);
	}

	/** No thread could be started: whoever waits is told why. */
	startFailed(error) {
		if (this.#rejectWaiting(error) === 0) {
			this.report(error);
		}
	}

	/** Tells an error that no job tells of. */
	report(error) {
		if (!this.#emit('error', error)) {
			process.emitWarning(error);
		}
	}

	/** Has as many threads as there are jobs for, and `reserve` more than offline jobs can take. */
	ensureThreads() {
		if (this.#isDestroyed) {
			return;
		}

		const {minThreads, maxThreads, concurrentTasksPerWorker, startsAtOnce} = this.#options;
		const reserve = this.#options.reserve ?? (maxThreads > 1 ? 1 : 0);
		const busy = Math.ceil(this.#jobs.size / concurrentTasksPerWorker);
		const spare = this.#offlineJobs > 0 ? reserve : 0;
		const wanted = Math.max(busy + spare, startsAtOnce && !this.#isClosed ? minThreads : 0);
		if (wanted > this.#threads.size) {
			this.#threads.ensure(wanted);
		}
	}

	get #isIdle() {
		return this.#jobs.size === 0 && this.#batches.size === 0;
	}

	/** A promise of no job being there, and of none to come. */
	idle() {
		return this.#isIdle
			? Promise.resolve()
			: new Promise(resolve => {
					this.#onIdle.push(resolve);
				});
	}

	#checkIdle() {
		if (this.#isIdle) {
			for (const resolve of this.#onIdle.splice(0)) {
				resolve();
			}
		}
	}

	/** A batch begins, which is told by `stop(error)` if it can't go on. */
	beginBatch(batch) {
		this.#batches.add(batch);
	}

	endBatch(batch) {
		this.#batches.delete(batch);
		this.#checkIdle();
	}

	#stopBatches(error) {
		for (const batch of [...this.#batches]) {
			batch.stop(error);
		}
	}

	/**
	 * Whether one more of somebody's many jobs may be let in now. They leave half of the queue to single
	 * ones; but the first always may, so that it gets on.
	 */
	hasRoomFor(underWay) {
		return underWay === 0 || this.#jobs.size < this.#capacity + Math.floor(this.#options.maxQueue / 2);
	}

	/** Takes the jobs of a sink out of the queue. */
	cancelAll(sink, reason) {
		for (const number of this.#jobs.numbers()) {
			if (this.#jobs.get(number).sink === sink) {
				this.#cancel(number, reason);
			}
		}
	}

	/** Aborts the jobs of a sink that run; those that wait were taken out of the queue before. */
	abortAll(sink, reason) {
		for (const number of this.#jobs.numbers()) {
			const job = this.#jobs.get(number);
			if (job.sink === sink) {
				this.#abort(number, job, reason);
			}
		}
	}

	/** Lets no more jobs in, and ends the threads once all have run. */
	async close() {
		this.#stopTaking();
		await this.idle();
		await this.#end({force: false});
	}

	#stopTaking() {
		if (!this.#isClosed) {
			this.#isClosed = true;
			for (const close of this.onClose) {
				close(closedError());
			}
		}
	}

	/** Rejects the jobs that wait. */
	dropWaiting() {
		const error = new PoolClosedError('the pool was closed before this job could run');
		this.#stopBatches(error);
		this.#rejectWaiting(error);
	}

	#rejectWaiting(error) {
		const numbers = this.#native.drain();
		for (const number of numbers) {
			this.#remove(number).reject(error);
		}

		return numbers.length;
	}

	/** Ends everything now. */
	async destroy() {
		this.#stopTaking();
		this.#isDestroyed = true;
		const error = new PoolClosedError('the pool was destroyed before this job had ended');
		this.#stopBatches(error);
		this.#rejectWaiting(error);
		this.#native.close();
		for (const number of this.#jobs.numbers()) {
			this.#jobs.get(number).reject(error);
		}

		await this.#end({force: true});
		for (const number of this.#jobs.numbers()) {
			this.#remove(number);
		}
	}

	async #end({force}) {
		await this.#threads.end({force});
		this.#native.forget();
	}
}

module.exports = {Engine};
