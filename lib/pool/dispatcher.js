'use strict';

// The inside of a `Pool`. It encodes jobs and submits them to Rust, which decides which worker runs which job. The
// messages about jobs come back here.

const process = require('node:process');
const {MessageChannel} = require('node:worker_threads');
const {NativePool} = require('../binding/binding.js');
const {outside} = require('../common/context.js');
const {PoolClosedError, QueueFullError, TaskTimeoutError, timedOut} = require('../common/errors.js');
const {startTimer} = require('../common/timers.js');
const {decode} = require('./codec/decode.js');
const {encode, encodeTasks} = require('./codec/encode.js');
const {kinds} = require('./codec/kinds.js');
const {post, readPosted} = require('./codec/post.js');
const {Aborts} = require('./aborts.js');
const {isTracing, refused} = require('../observe/channels.js');
const {Job, Jobs, TracedJob} = require('./jobs.js');
const {throwIfAborted, watchSignal} = require('../common/signals.js');
const {OFFLINE} = require('../gate/native.js');
const {Threads} = require('./threads.js');

/** What a message tells of a job, as Rust numbers it. */
const FULFILLED = 0;
const REJECTED = 1;
const STARTED = 2;

/** Flags of a job for Rust. */
const CANCELLABLE = 1;
const TELL_START = 2;
const BY_MESSAGE = 4;

const closedError = () => new PoolClosedError('the pool is closed and takes no more jobs');

/** Returns what errors call a function: the name of its export, or of its file if that is the default export. */
const labelOf = (url, name) => (name === 'default' ? (/^file:[^?#]*\/([^/?#]+)/.exec(url)?.[1] ?? '') : name);

class Dispatcher {
	#options;
	#pool;
	#emit;
	#native;
	/** Kept here: Rust holds its listener only while jobs are in flight. */
	#onMessages = () => {
		this.takeMessages();
	};
	#calls;
	#ints;
	#jobs = new Jobs();
	#threads;
	#functions = new Map();
	/** By the number of a function: what errors call it. */
	#labels = [];
	#offlineJobs = 0;
	#hadOnlineJobs = false;
	#isFull = false;
	#isClosed = false;
	#isDestroyed = false;
	/** The lane of the jobs that were submitted since the last `flush`. */
	#unflushedLane;
	/** Functions to call with an error when the pool takes no more jobs. */
	closeListeners = new Set();
	/** Maps that go on. They may submit jobs even while the pool closes. */
	#maps = new Set();
	#idleResolvers = [];
	#aborts;
	completed = 0;

	/** `pool` is what messages name. */
	constructor(options, emit, pool) {
		this.#pool = pool;
		this.#options = options;
		this.#emit = emit;
		const {maxThreads, offlineShare, concurrentTasksPerWorker, niceIncrement} = options;
		const nativeOptions = {
			threads: maxThreads,
			reserve: this.#maxReserve,
			offlineShare,
			jobsPerThread: concurrentTasksPerWorker,
			niceIncrement,
		};
		this.#native = outside(() => new NativePool(nativeOptions, this.#onMessages));
		this.#calls = this.#native.hotCalls();
		this.#ints = this.#calls.ints;
		this.#threads = new Threads(this, this.#native, options, emit);
		this.#aborts = new Aborts({
			jobs: this.#jobs,
			native: this.#native,
			threads: this.#threads,
			grace: options.abortGrace,
			remove: number => this.#remove(number),
		});
		if (options.startsAtOnce) {
			this.#threads.ensure(options.minThreads, 0);
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

	snapshot() {
		return this.#native.snapshot();
	}

	/** Returns the number under which Rust knows a function. */
	functionOf(url, name) {
		const description = JSON.stringify({url, name});
		let number = this.#functions.get(description);
		if (number === undefined) {
			number = this.#native.defineFunction(description);
			this.#functions.set(description, number);
			this.#labels[number] = labelOf(url, name);
		}

		return number;
	}

	/** Returns what errors call a function, by its number. */
	labelOf(fn) {
		return this.#labels[fn];
	}

	get #onlineJobs() {
		return this.#jobs.size - this.#offlineJobs;
	}

	/** How many jobs can run at once, without the reserve. */
	get #capacity() {
		return this.#options.maxThreads * this.#options.concurrentTasksPerWorker;
	}

	/**
	 * From how many jobs on another one of that lane has to wait. The reserve takes an online job for each offline job that
	 * holds a thread. An offline job finds those threads free whose online jobs the reserve has taken.
	 */
	#capacityFor(lane) {
		const {concurrentTasksPerWorker} = this.#options;
		const [others, reserve] =
			lane === OFFLINE ? [this.#onlineJobs, this.#threads.reserved] : [this.#offlineJobs, this.#maxReserve];
		return this.#capacity + Math.min(others, reserve * concurrentTasksPerWorker);
	}

	/** The most threads that are started for the reserve. */
	get #maxReserve() {
		const {reserve, maxThreads} = this.#options;
		return reserve === 'auto' ? Math.ceil(maxThreads / 2) : reserve;
	}

	/** How many threads that only online jobs may use are needed now: none while no offline job is there. */
	get wantedReserve() {
		const {reserve, concurrentTasksPerWorker} = this.#options;
		if (this.#offlineJobs === 0) {
			return 0;
		}

		if (reserve !== 'auto') {
			return reserve;
		}

		const online = Math.ceil(this.#onlineJobs / concurrentTasksPerWorker);
		return Math.min(Math.max(online, Number(this.#hadOnlineJobs)), this.#maxReserve);
	}

	/** From how many jobs on the pool is full. A queue without a bound is full when as many jobs wait as can run. */
	get #fullSize() {
		const {maxQueue} = this.#options;
		return this.#capacity + (maxQueue === Number.POSITIVE_INFINITY ? this.#capacity : maxQueue);
	}

	/** Throws if the pool is closed. */
	checkOpen() {
		if (this.#isClosed) {
			throw closedError();
		}
	}

	/** Throws if the pool is closed or the queue is full for a job of that lane. */
	checkAdmission(lane) {
		const error = this.#refusal(lane);
		if (error === undefined) {
			return;
		}

		if (refused.hasSubscribers) {
			this.#traceOf(lane).refused(error);
		}

		throw error;
	}

	#refusal(lane) {
		if (this.#isClosed) {
			return closedError();
		}

		const {maxQueue} = this.#options;
		return this.#jobs.size >= this.#capacityFor(lane) + maxQueue
			? new QueueFullError(`\`maxQueue\` (${maxQueue}) jobs wait already; wait for the 'drain' event, or raise it`)
			: undefined;
	}

	/**
	 * Submits a job, which the next `flush` queues. The `sink` gets the outcome by `fulfil(value, index)` or
	 * `reject(error, index)`. Its `checkAdmission(lane)` throws if its jobs are not let in any more. A sink of many jobs has
	 * a set `jobs`, in which its jobs are until they end. Throws if the signal is aborted or the task can't be sent.
	 */
	submit(sink, index, fn, task, options) {
		const {signal, transferList} = options;
		throwIfAborted(signal);
		// This runs code of the user, which can call this pool, so nothing is begun before it.
		this.submitEncoded(sink, index, fn, encode(task, 'task', transferList), options);
	}

	/** Submits a job for an encoded task. */
	submitEncoded(sink, index, fn, encoded, {lane, signal, timeout, isCancellable = signal !== undefined}) {
		const trace = isTracing() ? this.#traceOf(lane, fn) : undefined;
		const job = trace === undefined ? new Job(sink, index) : new TracedJob(sink, index, trace);
		job.fn = fn;
		job.timeout = timeout;
		const isPosted = encoded.kind === kinds.port;
		const flags =
			(isCancellable ? CANCELLABLE : 0) |
			(timeout === undefined && trace === undefined ? 0 : TELL_START) |
			(isPosted ? BY_MESSAGE : 0);
		try {
			if (isPosted) {
				this.#post(job, encoded);
			}

			if (signal !== undefined) {
				this.#watch(signal, job);
			}

			// Reading the task and the signal has run user code. It may have closed the pool, or ended the sink.
			sink.checkAdmission(lane);
			this.#admit(job, fn, lane, flags, encoded);
			trace?.queued();
		} catch (error) {
			job.release();
			throw error;
		}
	}

	#traceOf(lane, fn) {
		const {Trace} = require('../observe/trace.js');
		return new Trace(this, lane, this.labelOf(fn));
	}

	/** What messages of jobs say of the pool. */
	get origin() {
		return {pool: this.#pool};
	}

	/** For traces: nothing of a pool changes that is published. */
	noticeChanges() {}

	#watch(signal, job) {
		job.stopWatching = watchSignal(signal, {
			dequeue: reason => {
				this.#aborts.cancel(job.number, reason);
			},
			abort: reason => {
				this.#aborts.abort(job.number, job, reason);
			},
		});
	}

	/** Whether several tasks may be one job: a worker runs one job at a time, the queue has no bound, and none publishes. */
	get canBundle() {
		return (
			!isTracing() &&
			this.#options.concurrentTasksPerWorker === 1 &&
			this.#options.maxQueue === Number.POSITIVE_INFINITY
		);
	}

	/**
	 * Submits several prepared tasks as one job. Returns false if each task has to be a job. The `sink` gets the outcomes
	 * of the tasks that were run by `tasksEnded(results, failure, index, tasks, runMicros)`, or by
	 * `tasksFailed(error, failed, index, tasks)`. All other tasks have not begun.
	 */
	submitTasks(sink, index, fn, tasks, {lane}) {
		const encoded = encodeTasks(tasks);
		sink.checkAdmission(lane); // reading the tasks has run user code
		if (encoded === undefined) {
			return false;
		}

		const job = new Job(sink, index);
		job.tasks = encoded;
		this.#admit(job, fn, lane, CANCELLABLE, encoded);
		return true;
	}

	/** Submits an encoded job to Rust, which queues it at the next `flush`. */
	#admit(job, fn, lane, flags, {kind, payload}) {
		if (this.#unflushedLane !== undefined && this.#unflushedLane !== lane) {
			this.flush(this.#unflushedLane); // of a map whose next item has called the pool
		}

		const number = this.#jobs.add(job);
		job.number = number;
		job.sink.jobs?.add(job);
		job.lane = lane;
		const ints = this.#ints;
		ints[0] = number;
		ints[1] = kind;
		ints[2] = fn;
		ints[3] = lane;
		ints[4] = flags;
		ints[5] = job.tasks?.size ?? 1;
		this.#offlineJobs += lane;
		this.#hadOnlineJobs ||= lane !== OFFLINE;
		try {
			this.#calls.submit(payload);
		} catch (error) {
			this.#remove(number);
			throw error;
		}

		this.#unflushedLane = lane;
		if (this.#jobs.size === 1) {
			this.#native.hold(true);
		}

		if (flags & BY_MESSAGE && ints[0] >= 0) {
			// A worker has it already, and waits for its task.
			this.sendPosted(number, this.#threads.get(ints[0]).channel);
		}
	}

	/** Queues the jobs submitted to a lane since the last `flush`, and wakes threads for them. */
	flush(lane) {
		this.#unflushedLane = undefined;
		this.#ints[3] = lane;
		this.#calls.flush();
		this.#threads.hasGivenUp = false;
		this.ensureThreads();
		if (!this.#isFull && this.#jobs.size >= this.#fullSize) {
			this.#isFull = true;
			this.#emit('needsDrain');
		}
	}

	/** Posts an encoded task into a channel of its own. Its other end goes to the worker that takes the job. */
	#post(job, encoded) {
		const ports = new MessageChannel();
		try {
			post(ports.port1, {}, encoded, 'task');
		} catch (error) {
			ports.port1.close();
			throw error;
		}

		ports.port1.unref();
		ports.port2.unref();
		job.ports = ports;
	}

	/** Sends a posted task to the worker that has taken the job. */
	sendPosted(number, channel) {
		const {ports} = this.#jobs.get(number);
		channel.postMessage({job: number, port: ports.port2}, [ports.port2]);
	}

	/** Takes a posted outcome. A message from Rust tells, before or after it, that the job has ended. */
	takePosted(number, message) {
		const job = this.#jobs.get(number);
		if (job.posted === undefined) {
			job.posted = {message};
		} else {
			this.#finish(number, job.posted.news, kinds.port, message);
		}
	}

	/** Takes all messages that Rust has for this thread. */
	takeMessages() {
		const ints = this.#ints;
		for (;;) {
			const payload = this.#calls.take();
			const [number, kind, news, thread, runMicros] = ints;
			if (number < 0) {
				break;
			}

			const job = this.#jobs.get(number);
			job.runMicros = runMicros;
			this.#handleMessage(number, job, kind, news, thread, payload);
		}
	}

	#handleMessage(number, job, kind, news, thread, payload) {
		if (news === STARTED) {
			this.#started(number, job);
			return;
		}

		this.#aborts.leftThread(number, thread);
		if (news !== FULFILLED && news !== REJECTED) {
			this.#threads.get(thread).crashed.push(number);
		} else if (kind !== kinds.port) {
			this.#finish(number, news, kind, payload);
		} else if (job.posted === undefined) {
			job.posted = {news};
		} else {
			this.#finish(number, news, kind, job.posted.message);
		}
	}

	/** Settles a job that has ended. */
	#finish(number, news, kind, payload) {
		const job = this.#remove(number);
		if (job.isSettled && job.tasks === undefined) {
			this.completed++;
			return;
		}

		let outcome;
		try {
			outcome = kind === kinds.port ? readPosted(payload) : decode(kind, payload);
		} catch (error) {
			this.completed++;
			job.reject(error);
			return;
		}

		if (job.tasks !== undefined) {
			// The outcomes of the tasks that were run. If the job was rejected, the last one is an error.
			this.completed += outcome.length;
			job.endTasks(outcome, news === REJECTED ? {error: outcome.pop()} : undefined);
			return;
		}

		this.completed++;
		if (news === FULFILLED) {
			job.fulfil(outcome);
		} else {
			job.reject(outcome);
		}
	}

	#remove(number) {
		const job = this.#jobs.remove(number);
		job.sink.jobs?.delete(job);
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
		if (!job.isSettled) {
			job.trace?.started();
		}

		if (job.timeout !== undefined && !job.isSettled) {
			job.timer = startTimer(() => {
				this.#aborts.abort(number, job, new TaskTimeoutError(timedOut(job.timeout, this.labelOf(job.fn))));
			}, job.timeout);
		}
	}

	/** Rejects a job whose thread has ended while it ran. If it is a bundle, so many of its tasks had begun. */
	jobCrashed(number, error, begun) {
		const job = this.#remove(number);
		if (job.tasks === undefined) {
			this.completed++;
			job.reject(error);
		} else {
			// It may have ended before it reset the count of another bundle. Then too many fail, but none runs twice.
			const failed = Math.min(begun, job.tasks.size);
			this.completed += failed;
			job.rejectTasks(error, failed);
		}
	}

	/** Rejects all jobs that wait, as no thread could be started. If there are none, reports the error. */
	startFailed(error) {
		if (this.#rejectWaiting(error) === 0) {
			this.report(error);
		}
	}

	/** Reports an error of no job: as an `error` event, or as a warning if it has no listener. */
	report(error) {
		if (!this.#emit('error', error)) {
			process.emitWarning(error);
		}
	}

	/** Starts threads for all jobs, and the reserve for online jobs beside them. */
	ensureThreads() {
		if (this.#isDestroyed) {
			return;
		}

		const {minThreads, maxThreads, concurrentTasksPerWorker, startsAtOnce} = this.#options;
		const busy = Math.ceil(this.#jobs.size / concurrentTasksPerWorker);
		const wanted = Math.max(busy, startsAtOnce && !this.#isClosed ? minThreads : 0);
		this.#threads.ensure(Math.min(wanted, maxThreads), this.wantedReserve);
	}

	get #isIdle() {
		return this.#jobs.size === 0 && this.#maps.size === 0;
	}

	/** Returns a promise that resolves when there are no jobs and no maps. */
	idle() {
		return this.#isIdle
			? Promise.resolve()
			: new Promise(resolve => {
					this.#idleResolvers.push(resolve);
				});
	}

	#checkIdle() {
		if (this.#isIdle) {
			for (const resolve of this.#idleResolvers.splice(0)) {
				resolve();
			}
		}
	}

	/** Registers a map. Its `stop(error)` is called if it can't go on. */
	addMap(map) {
		this.#maps.add(map);
	}

	removeMap(map) {
		this.#maps.delete(map);
		this.#checkIdle();
	}

	#stopMaps(error) {
		for (const map of [...this.#maps]) {
			map.stop(error);
		}
	}

	/**
	 * Returns whether a map or stream of a lane with so many jobs in flight may submit one more. It leaves half of the
	 * queue to single jobs. Its first job is always allowed, so that it makes progress.
	 */
	hasRoomFor(inFlight, lane) {
		return inFlight === 0 || this.#jobs.size < this.#capacityFor(lane) + Math.floor(this.#options.maxQueue / 2);
	}

	/** Removes the jobs of a sink from the queue. */
	cancelAll(sink, reason) {
		for (const {number} of sink.jobs) {
			this.#aborts.cancel(number, reason);
		}
	}

	/** Aborts the jobs of a sink that run. Its waiting jobs were removed from the queue before. */
	abortAll(sink, reason) {
		for (const job of sink.jobs) {
			this.#aborts.abort(job.number, job, reason);
		}
	}

	/** Has the jobs of a sink that still run, although the sink has ended, hear its signal themselves. */
	keepWatching(sink, signal) {
		for (const job of sink.jobs) {
			if (!job.isSettled && job.stopWatching === undefined) {
				try {
					this.#watch(signal, job);
				} catch {
					// It has aborted, so the jobs are aborted next, or it can't be watched any more.
				}
			}
		}
	}

	/** Takes no more jobs, and ends the threads when all jobs have run. */
	async close() {
		this.#stopAdmitting();
		await this.idle();
		await this.#end({force: false});
	}

	#stopAdmitting() {
		if (!this.#isClosed) {
			this.#isClosed = true;
			for (const close of this.closeListeners) {
				close(closedError());
			}
		}
	}

	/** Stops the maps, and rejects the jobs that wait. */
	dropWaiting() {
		const error = new PoolClosedError('the pool was closed before this job could run');
		this.#stopMaps(error);
		this.#rejectWaiting(error);
	}

	/** Rejects the jobs that wait, and stops their maps. Returns how many they are. */
	#rejectWaiting(error) {
		const numbers = this.#native.drain();
		for (const number of numbers) {
			const job = this.#remove(number);
			job.sink.stop?.(error);
			job.reject(error);
		}

		return numbers.length;
	}

	/** Rejects all jobs and terminates all threads. With `isOverdue`, this is the end of a close that took too long. */
	async destroy({isOverdue = false} = {}) {
		this.#stopAdmitting();
		this.#isDestroyed = true;
		const {closeTimeout} = this.#options;
		const why = isOverdue ? `: the close took longer than \`closeTimeout\` (${closeTimeout} ms)` : '';
		const error = new PoolClosedError(`the pool was destroyed before this job had ended${why}`);
		this.#stopMaps(error);
		this.#rejectWaiting(error);
		this.#native.close();
		for (const number of this.#jobs.numbers()) {
			this.#jobs.get(number).reject(error);
		}

		await this.#end({force: true, isOverdue});
		for (const number of this.#jobs.numbers()) {
			this.#remove(number);
		}
	}

	async #end(how) {
		await this.#threads.end(how);
		this.#native.forget();
	}
}

module.exports = {Dispatcher};
