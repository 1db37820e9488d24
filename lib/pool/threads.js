'use strict';

// The worker threads of a pool: started when there is work for them, replaced when they crash.

const path = require('node:path');
const {MessageChannel, receiveMessageOnPort, Worker} = require('node:worker_threads');
const {WorkerCrashedError, invalid} = require('../errors.js');

/** So many attempts to start fail in a row, with no worker running, and the jobs that wait are told. */
const MOST_FAILURES = 3;
/** Milliseconds before an attempt that follows a failed one, doubled with each. */
const FIRST_BACKOFF = 100;
const LONGEST_BACKOFF = 5000;

const crashed = (text, cause) => new WorkerCrashedError(text, cause === undefined ? undefined : {cause});

const endedEarly = (code, cause) => crashed(`the worker thread ended with code ${code} while it ran this job`, cause);

const notStarted = (cause, code) =>
	crashed(`the worker thread could not be started${cause === undefined ? `: it ended with code ${code}` : ''}`, cause);

/** One worker thread. */
class Thread {
	constructor(id, worker, channel) {
		this.id = id;
		this.worker = worker;
		this.channel = channel;
		this.isReady = false;
		/** It was told to end. */
		this.isLeaving = false;
		this.error = undefined;
		/** Jobs that it ran when it ended. */
		this.crashed = [];
		this.exited = new Promise(resolve => {
			worker.once('exit', resolve);
		});
	}

	terminate() {
		this.isLeaving = true;
		this.worker.terminate();
	}
}

class Threads {
	#engine;
	#emit;
	#native;
	#options;
	#threads = new Map();
	#nextId = 0;
	#failures = 0;
	#backoff;
	#idleTimer;
	/** No thread could be started, and none is until somebody asks for one again. */
	hasGivenUp = false;

	constructor(engine, native, options, emit) {
		this.#engine = engine;
		this.#emit = emit;
		this.#native = native;
		this.#options = options;
	}

	get workers() {
		return [...this.#threads.values()].map(({worker}) => worker);
	}

	get size() {
		return this.#threads.size;
	}

	get(id) {
		return this.#threads.get(id);
	}

	/** Has so many threads at least. */
	ensure(wanted) {
		const most = Math.min(wanted, this.#options.maxThreads);
		while (this.#threads.size < most && this.#mayStart) {
			this.#start();
		}
	}

	/** After a failure threads are started one at a time, until one of them is well. */
	get #mayStart() {
		const isStarting = () => [...this.#threads.values()].some(({isReady}) => !isReady);
		return !this.hasGivenUp && this.#backoff === undefined && (this.#failures === 0 || !isStarting());
	}

	#start() {
		const {url, workerData, thread: given, concurrentTasksPerWorker} = this.#options;
		const {port1, port2} = new MessageChannel();
		const id = this.#nextId++;
		const own = {
			pool: this.#native.id,
			worker: id,
			channel: port2,
			concurrentTasks: concurrentTasksPerWorker,
			start: url,
			data: workerData,
		};
		let worker;
		try {
			worker = new Worker(path.join(__dirname, 'worker.js'), {
				...given,
				name: 'p-lanes',
				workerData: {pLanes: own},
				transferList: [port2],
			});
		} catch (error) {
			port1.close();
			this.#refused(error);
			return;
		}

		const thread = new Thread(id, worker, port1);
		this.#threads.set(id, thread);
		port1.on('message', message => {
			this.#hear(thread, message);
		});
		worker.on('message', message => {
			this.#emit('message', message);
		});
		// After these listeners, each of which holds the process.
		port1.unref();
		worker.unref();
		worker.on('error', error => {
			thread.error = error;
		});
		worker.on('exit', code => {
			this.#exited(thread, code);
		});
		this.#emit('workerCreate', worker);
	}

	/** Node has refused to make a thread. */
	#refused(error) {
		if (error.code === 'ERR_WORKER_INVALID_EXEC_ARGV') {
			// Another attempt would fare no better.
			this.hasGivenUp = true;
			this.#engine.startFailed(invalid('execArgv', 'flags that a worker thread takes', this.#options.thread.execArgv));
		} else {
			this.#attemptFailed(notStarted(error));
		}
	}

	#hear(thread, message) {
		const {ready, left, need, job} = message;
		if (ready) {
			thread.isReady = true;
			this.#failures = 0;
			// Others may have been held back, and this one may have come too late for its job.
			this.#engine.ensureThreads();
			this.watchIdle();
		} else if (left) {
			thread.terminate();
		} else if (need !== undefined) {
			this.#engine.sendPosted(need, thread.channel);
		} else {
			this.#engine.takePosted(job, message);
		}
	}

	#exited(thread, code) {
		// What it had ended before comes first.
		for (let letter = receiveMessageOnPort(thread.channel); letter; letter = receiveMessageOnPort(thread.channel)) {
			this.#hear(thread, letter.message);
		}

		this.#engine.takeLetters();
		thread.channel.close();
		this.#threads.delete(thread.id);
		const error = thread.isReady ? endedEarly(code, thread.error) : notStarted(thread.error, code);
		for (const job of thread.crashed) {
			this.#engine.jobCrashed(job, error);
		}

		this.#emit('workerDestroy', thread.worker);
		if (!thread.isLeaving) {
			this.#crashed(thread, error);
		}

		this.#engine.ensureThreads();
	}

	#crashed(thread, error) {
		if (!thread.isReady) {
			this.#attemptFailed(error);
		} else if (thread.crashed.length === 0) {
			// No job tells of it, and nothing says that the next thread fares better.
			this.#engine.report(thread.error ?? error);
			this.#waitFor(FIRST_BACKOFF);
		}
	}

	#attemptFailed(error) {
		if (this.#backoff !== undefined) {
			return; // of the same attempt as the one before
		}

		this.#failures++;
		if (this.#failures < MOST_FAILURES || [...this.#threads.values()].some(({isReady}) => isReady)) {
			this.#waitFor(Math.min(FIRST_BACKOFF * 2 ** (this.#failures - 1), LONGEST_BACKOFF));
			return;
		}

		this.#failures = 0;
		this.hasGivenUp = true;
		this.#engine.startFailed(error);
	}

	/** Starts no thread for so long. */
	#waitFor(milliseconds) {
		clearTimeout(this.#backoff);
		this.#backoff = setTimeout(() => {
			this.#backoff = undefined;
			this.#engine.ensureThreads();
		}, milliseconds).unref();
	}

	/** Ends threads beyond `minThreads` that have had nothing to do for `idleTimeout`. */
	watchIdle(after = this.#options.idleTimeout) {
		const {minThreads, idleTimeout} = this.#options;
		if (this.#idleTimer !== undefined || idleTimeout === Number.POSITIVE_INFINITY || this.#threads.size <= minThreads) {
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
		const {minThreads, idleTimeout} = this.#options;
		const longest = this.#native
			.idle()
			.filter(({worker}) => this.#threads.get(worker)?.isLeaving === false)
			.sort((a, b) => b.idle - a.idle);
		let spare = [...this.#threads.values()].filter(thread => !thread.isLeaving).length - minThreads;
		for (const {worker, idle} of longest) {
			if (spare <= 0) {
				return;
			}

			if (idle < idleTimeout) {
				this.watchIdle(idleTimeout - idle);
				return; // those that work now are looked at when they have ended a job
			}

			this.retire(this.#threads.get(worker));
			spare--;
		}
	}

	/** Has a thread end once it runs nothing. */
	retire(thread) {
		if (thread !== undefined) {
			thread.isLeaving = true;
			this.#native.retire(thread.id);
		}
	}

	/** Ends all threads, at once or when they run nothing; gives a promise of the end of the last. */
	async end({force}) {
		clearTimeout(this.#backoff);
		clearTimeout(this.#idleTimer);
		this.#idleTimer = undefined;
		const threads = [...this.#threads.values()];
		for (const thread of threads) {
			thread.worker.ref();
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
