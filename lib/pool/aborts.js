'use strict';

// Cancels and aborts jobs. A job that waits leaves the queue. If a job runs, its signal is aborted, and it has some
// time to end. If it does not end in that time, its thread is replaced: at once if the thread is blocked and has not
// even aborted the signal, and otherwise when it runs no other jobs.

const {setImmediate, setTimeout} = require('../common/environment.js');
const {TaskTimeoutError} = require('../common/errors.js');

/** Milliseconds after which a thread that has not taken an abort is blocked. A busy machine may need some to wake it. */
const BLOCKED_AFTER = 1000;

const blocked = milliseconds =>
	new Error(`the thread was ended: one of its jobs blocked it for ${milliseconds} ms after an abort or a timeout`);

class Aborts {
	#jobs;
	#native;
	#threads;
	/** Milliseconds that an aborted job has to end. */
	#grace;
	/** Removes a job from the pool and returns it. */
	#remove;

	/**
	 * By the number of a stuck thread, which runs a job that exceeded its grace: the other jobs that it still runs. It is
	 * terminated when there are none.
	 */
	#stuck = new Map();

	constructor({jobs, native, threads, grace, remove}) {
		this.#jobs = jobs;
		this.#native = native;
		this.#threads = threads;
		this.#grace = grace;
		this.#remove = remove;
	}

	/** Removes a job from the queue and rejects it, if it waits there. */
	cancel(number, reason) {
		if (this.#native.cancel(number)) {
			this.#remove(number).reject(reason, reason === undefined ? 'cleared' : 'aborted');
		}
	}

	/** Rejects a job that runs, and aborts its signal. */
	abort(number, job, reason) {
		if (job.isSettled) {
			return;
		}

		job.reject(reason, reason instanceof TaskTimeoutError ? 'timeout' : 'aborted');
		job.clearAbort();
		this.#interrupt(number, job);
		job.timer = setTimeout(() => {
			this.#replaceThreadOf(number, job);
		}, this.#grace);
	}

	/** Has the worker abort the signal of a running job. */
	#interrupt(number, job) {
		// Rust names no thread for a job that was just taken or has just ended. Soon it is clear which.
		if (this.#jobs.get(number) === job && this.#native.interrupt(number) === null) {
			setImmediate(() => {
				this.#interrupt(number, job);
			});
		}
	}

	/** Replaces the thread of a job that exceeded its grace. */
	#replaceThreadOf(number, job) {
		const thread = this.#threads.get(this.#native.workerOf(number)?.worker);
		if (thread === undefined) {
			return; // the job has just ended
		}

		if (!this.#stuck.has(thread.id)) {
			this.#threads.retire(thread); // it takes no more jobs
			this.#stuck.set(thread.id, new Set(this.#native.running(thread.id)));
		}

		this.leftThread(number, thread.id);
		if (this.#stuck.has(thread.id)) {
			this.#endIfBlocked(number, job, Math.max(0, BLOCKED_AFTER - this.#grace));
		}
	}

	/** Watches the thread of a stuck job beside which other jobs run. The thread may be blocked now or later. */
	#endIfBlocked(number, job, milliseconds) {
		job.timer = setTimeout(() => {
			const {worker, isBlocked} = this.#native.workerOf(number) ?? {};
			const thread = this.#threads.get(worker);
			if (isBlocked) {
				this.#stuck.delete(worker);
				thread?.terminate(blocked(Math.max(this.#grace, BLOCKED_AFTER)));
			} else if (thread !== undefined) {
				this.#native.interrupt(number); // once more: is it taken?
				this.#endIfBlocked(number, job, BLOCKED_AFTER);
			}
		}, milliseconds);
	}

	/** Called when a thread has ended a job, or the job has exceeded its grace there. */
	leftThread(number, id) {
		const others = this.#stuck.get(id);
		if (others === undefined) {
			return;
		}

		others.delete(number);
		if (others.size === 0) {
			this.#stuck.delete(id);
			this.#threads.get(id)?.terminate();
		}
	}
}

module.exports = {Aborts};
