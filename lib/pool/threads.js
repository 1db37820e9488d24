'use strict';

// The worker threads of a pool. They are started when there is work for them, and replaced when they crash.
//
// A thread serves both lanes or, as one of the reserve, the online lane only.

const {MessageChannel, receiveMessageOnPort, Worker} = require('node:worker_threads');
const {startLibuvThreads} = require('../binding/binding.js');
const {outside} = require('../common/context.js');
const {clearTimeout, setTimeout} = require('../common/environment.js');
const {WorkerCrashedError, invalid, isError, reasonOf} = require('../common/errors.js');
const {version} = require('../common/place.js');

/** After so many failed starts in a row, with no worker ready, the jobs that wait are rejected. */
const MAX_FAILURES = 3;
/** Milliseconds between a failed start and the next one. Doubled after each failure. */
const INITIAL_BACKOFF = 100;
const MAX_BACKOFF = 5000;

const crashed = (text, failure) =>
	failure === undefined
		? new WorkerCrashedError(text)
		: new WorkerCrashedError(`${text}: ${reasonOf(failure.cause)}`, failure);

const endedEarly = (code, failure) =>
	crashed(`the worker thread ended with code ${code} while it ran this job`, failure);

const endedIdle = (code, failure) => crashed(`the worker thread ended with code ${code} while it ran no job`, failure);

const notStarted = (code, failure) =>
	crashed(
		`the worker thread could not be started${failure === undefined ? `: it ended with code ${code}` : ''}`,
		failure,
	);

const notReady = (waitedFor, milliseconds) =>
	new WorkerCrashedError(
		`the worker thread could not be started: ${waitedFor} took longer than \`startTimeout\` (${milliseconds} ms)`,
	);

const notTornDown = milliseconds =>
	new WorkerCrashedError(`the worker thread was terminated: its \`teardown\` took longer than ${milliseconds} ms`);

const teardownFailed = failure => crashed('`teardown` of the worker thread failed', failure);

/** Returns what a thread has thrown, if that is an error. It may be any value; then it is the cause of another error. */
const thrownError = (failure, describe) => {
	const thrown = failure?.cause;
	return isError(thrown) ? thrown : describe(failure);
};

/** Milliseconds for the `teardown` of a thread, if the pool has no `closeTimeout`. */
const TEARDOWN_TIMEOUT = 30_000;

let areLibuvThreadsStarted = false;

/** One worker thread. */
class Thread {
	constructor(id, onlineOnly, worker, channel, tasksBegun) {
		this.id = id;
		this.onlineOnly = onlineOnly;
		this.worker = worker;
		this.channel = channel;
		this.isReady = false;
		/** What it does before it is ready. */
		this.waitsFor = 'what Node and `execArgv` load';
		/** Terminates it if its start or its `teardown` takes too long. */
		this.timer = undefined;
		/** Whether it was told to end. */
		this.isStopping = false;
		/** Whether it runs its `teardown`. */
		this.isLeaving = false;
		/** The error that says so, if it was terminated because it took too long. */
		this.overdue = undefined;
		/** `{cause}`, the error that ended it, if there was one. */
		this.failure = undefined;
		/** Numbers of the jobs that it ran when it ended. */
		this.crashed = [];
		/** Memory of the thread: how many tasks of the bundle that it runs have begun. */
		this.tasksBegun = tasksBegun;
		this.exited = new Promise(resolve => {
			worker.once('exit', resolve);
		});
	}

	/** Ends the thread at once. The jobs that it runs reject with the `reason` as their cause. */
	terminate(reason) {
		this.isStopping = true;
		if (reason !== undefined) {
			this.failure ??= {cause: reason};
		}

		this.worker.terminate();
	}

	/** Terminates it after that time, unless `stopTimer` is called before. `describe()` makes the error of that. */
	terminateAfter(milliseconds, describe) {
		if (milliseconds !== Number.POSITIVE_INFINITY) {
			const end = () => {
				this.overdue = describe();
				this.worker.terminate();
			};
			this.timer = setTimeout(end, milliseconds).unref();
		}
	}

	stopTimer() {
		clearTimeout(this.timer);
	}
}

class Threads {
	#dispatcher;
	#emit;
	#native;
	#options;
	#threads = new Map();
	/** How many of them are of the reserve. */
	#reserved = 0;
	#nextId = 0;
	/** How many threads are not ready yet. */
	#starting = 0;
	#failures = 0;
	#backoffTimer;
	#idleTimer;
	/** Whether threads could not be started. None is started before the next `flush`. */
	hasGivenUp = false;

	constructor(dispatcher, native, options, emit) {
		this.#dispatcher = dispatcher;
		this.#emit = emit;
		this.#native = native;
		this.#options = options;
	}

	get workers() {
		return [...this.#threads.values()].map(({worker}) => worker);
	}

	get(id) {
		return this.#threads.get(id);
	}

	/** How many threads of the reserve there are. */
	get reserved() {
		return this.#reserved;
	}

	/** Starts threads until there are as many as wanted: those that serve both lanes, and the reserve. */
	ensure(bothLanes, reserve) {
		while (this.#threads.size - this.#reserved < bothLanes && this.#mayStart) {
			outside(() => this.#start(false)); // a thread outlives the call that needs it
		}

		while (this.#reserved < reserve && this.#mayStart) {
			outside(() => this.#start(true));
		}
	}

	/** After a failure threads start one at a time, until one of them is ready. */
	get #mayStart() {
		return !this.hasGivenUp && this.#backoffTimer === undefined && (this.#failures === 0 || this.#starting === 0);
	}

	#start(onlineOnly) {
		const {
			url,
			name,
			workerFile,
			workerData,
			thread: given,
			concurrentTasksPerWorker,
			startTimeout,
			niceIncrement,
		} = this.#options;
		const {port1, port2} = new MessageChannel();
		const id = this.#nextId++;
		const tasksBegun = new Int32Array(new SharedArrayBuffer(4));
		if (niceIncrement > 0 && !areLibuvThreadsStarted) {
			areLibuvThreadsStarted = true;
			startLibuvThreads(); // before a thread of lower priority starts them, whose priority they would have
		}

		const context = {
			version,
			pool: this.#native.id,
			worker: id,
			onlineOnly,
			channel: port2,
			concurrentTasks: concurrentTasksPerWorker,
			tasksBegun,
			start: url,
			name,
			data: workerData,
		};
		let worker;
		try {
			worker = new Worker(workerFile, {
				...given,
				name: 'p-lanes',
				workerData: {pLanes: context},
				transferList: [port2],
			});
		} catch (error) {
			port1.close();
			this.#workerRefused(error);
			return;
		}

		const thread = new Thread(id, onlineOnly, worker, port1, tasksBegun);
		this.#threads.set(id, thread);
		this.#reserved += Number(onlineOnly);
		this.#starting++;
		thread.terminateAfter(startTimeout, () => notReady(thread.waitsFor, startTimeout));
		port1.on('message', message => {
			this.#handleMessage(thread, message);
		});
		worker.on('message', message => {
			this.#emit('message', message);
		});
		// After the listeners above, each of which keeps the process alive.
		port1.unref();
		worker.unref();
		worker.on('error', error => {
			thread.failure = {cause: error};
		});
		worker.on('exit', code => {
			this.#exited(thread, code);
		});
		this.#emit('workerCreate', worker);
	}

	/** Handles an error of the `Worker` constructor. */
	#workerRefused(error) {
		if (error.code === 'ERR_WORKER_INVALID_EXEC_ARGV') {
			// Another attempt would fail, too.
			this.hasGivenUp = true;
			const {execArgv} = this.#options.thread;
			this.#dispatcher.startFailed(invalid('execArgv', 'flags that a worker thread takes', execArgv, {cause: error}));
		} else {
			this.#attemptFailed(notStarted(undefined, {cause: error}));
		}
	}

	#handleMessage(thread, message) {
		const {waitsFor, ready, leaving, left, need, job} = message;
		if (waitsFor !== undefined) {
			thread.waitsFor = waitsFor;
		} else if (ready) {
			thread.stopTimer();
			thread.isReady = true;
			this.#starting--;
			this.#failures = 0;
			// Other starts may have been held back, and this thread may have come too late for its job.
			this.#dispatcher.ensureThreads();
			this.watchIdle();
		} else if (leaving) {
			const {closeTimeout} = this.#options;
			const timeout = closeTimeout === Number.POSITIVE_INFINITY ? TEARDOWN_TIMEOUT : closeTimeout;
			thread.isLeaving = true;
			thread.terminateAfter(timeout, () => notTornDown(timeout));
		} else if (left) {
			thread.isLeaving = false;
			thread.terminate();
		} else if (need !== undefined) {
			this.#dispatcher.sendPosted(need, thread.channel);
		} else {
			this.#dispatcher.takePosted(job, message);
		}
	}

	/** Handles the messages of a thread that are there. */
	#receive(thread) {
		for (
			let received = receiveMessageOnPort(thread.channel);
			received;
			received = receiveMessageOnPort(thread.channel)
		) {
			this.#handleMessage(thread, received.message);
		}
	}

	#exited(thread, code) {
		this.#receive(thread); // outcomes that it posted before its end
		this.#dispatcher.takeMessages();
		thread.channel.close();
		thread.stopTimer();
		this.#threads.delete(thread.id);
		this.#reserved -= Number(thread.onlineOnly);
		this.#starting -= thread.isReady ? 0 : 1;
		const error = thread.overdue ?? (thread.isReady ? endedEarly : notStarted)(code, thread.failure);
		for (const job of thread.crashed) {
			this.#dispatcher.jobCrashed(job, error, thread.tasksBegun[0]);
		}

		this.#emit('workerDestroy', thread.worker);
		if (!thread.isStopping) {
			this.#endedUnexpectedly(thread, code, error);
		} else if (thread.isLeaving) {
			this.#teardownFailed(thread);
		}

		this.#dispatcher.ensureThreads();
	}

	#endedUnexpectedly(thread, code, error) {
		if (!thread.isReady) {
			this.#attemptFailed(error);
		} else if (thread.crashed.length === 0) {
			// No job reports the error, and the next thread may fail, too.
			this.#dispatcher.report(thrownError(thread.failure, failure => endedIdle(code, failure)));
			this.#backOff(INITIAL_BACKOFF);
		}
	}

	/** Reports why a `teardown` did not end. There is no reason if the thread was terminated meanwhile. */
	#teardownFailed({failure, overdue}) {
		if (failure !== undefined) {
			this.#dispatcher.report(thrownError(failure, teardownFailed));
		} else if (overdue !== undefined) {
			this.#dispatcher.report(overdue);
		}
	}

	#attemptFailed(error) {
		if (this.#backoffTimer !== undefined) {
			return; // another failure of the same attempt
		}

		this.#failures++;
		if (this.#failures < MAX_FAILURES || [...this.#threads.values()].some(({isReady}) => isReady)) {
			this.#backOff(Math.min(INITIAL_BACKOFF * 2 ** (this.#failures - 1), MAX_BACKOFF));
			return;
		}

		this.#failures = 0;
		this.hasGivenUp = true;
		this.#dispatcher.startFailed(error);
	}

	/** Starts no threads for that time. */
	#backOff(milliseconds) {
		clearTimeout(this.#backoffTimer);
		this.#backoffTimer = setTimeout(() => {
			this.#backoffTimer = undefined;
			this.#dispatcher.ensureThreads();
		}, milliseconds).unref();
	}

	/** How many of the threads that serve both lanes, and how many of the reserve, may end. */
	#spare(threads, reserved) {
		const {minThreads} = this.#options;
		return {bothLanes: threads - reserved - minThreads, reserve: reserved - this.#dispatcher.wantedReserve};
	}

	/** Ends, later, threads beyond those to be kept that have been idle for `idleTimeout`. */
	watchIdle(after = this.#options.idleTimeout) {
		const {minThreads, maxThreads, idleTimeout} = this.#options;
		// A pool that keeps all its threads keeps the reserve, too.
		const keepsAll = minThreads === maxThreads || idleTimeout === Number.POSITIVE_INFINITY;
		if (keepsAll || this.#idleTimer !== undefined) {
			return;
		}

		const {bothLanes, reserve} = this.#spare(this.#threads.size, this.#reserved);
		if (bothLanes <= 0 && reserve <= 0) {
			return;
		}

		this.#idleTimer = setTimeout(
			() => {
				this.#idleTimer = undefined;
				this.#retireIdle();
			},
			Math.ceil(Math.max(after, 1)),
		).unref();
	}

	#retireIdle() {
		const {idleTimeout} = this.#options;
		if (this.#native.pending() > 0) {
			this.watchIdle(); // an idle thread is about to take one of the jobs that wait
			return;
		}

		const longest = this.#native
			.idle()
			.filter(({worker}) => this.#threads.get(worker)?.isStopping === false)
			.sort((a, b) => b.idle - a.idle);
		const staying = [...this.#threads.values()].filter(({isStopping}) => !isStopping);
		const spare = this.#spare(staying.length, staying.filter(({onlineOnly}) => onlineOnly).length);
		for (const {worker, idle} of longest) {
			const thread = this.#threads.get(worker);
			const kind = thread.onlineOnly ? 'reserve' : 'bothLanes';
			if (spare[kind] > 0) {
				if (idle < idleTimeout) {
					this.watchIdle(idleTimeout - idle);
					return; // busy threads are checked when they have ended a job
				}

				this.retire(thread);
				spare[kind]--;
			}
		}
	}

	/** Ends a thread once it runs no jobs. */
	retire(thread) {
		if (thread !== undefined) {
			thread.isStopping = true;
			this.#native.retire(thread.id);
		}
	}

	/**
	 * Ends all threads, at once or when they run no jobs. Returns a promise that resolves after the last one. With
	 * `isOverdue`, the time for an orderly end is over.
	 */
	async end({force, isOverdue = false}) {
		const threads = [...this.#threads.values()];
		for (const thread of threads) {
			this.#receive(thread); // it may be ready, and have run jobs, although the parent was not told yet
		}

		clearTimeout(this.#backoffTimer);
		clearTimeout(this.#idleTimer);
		this.#idleTimer = undefined;
		for (const thread of threads) {
			thread.worker.ref();
			if (isOverdue && thread.isLeaving) {
				thread.overdue = notTornDown(this.#options.closeTimeout);
			}

			if (force || !thread.isReady) {
				thread.terminate();
			} else {
				this.retire(thread);
			}
		}

		await Promise.all(threads.map(({exited}) => exited));
	}
}

module.exports = {Threads};
