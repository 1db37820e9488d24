'use strict';

// The jobs of a pool that have not ended, by their numbers in Rust.

const {stopTimer} = require('../common/timers.js');

/** A job, from `submit` until its worker has ended it. */
class Job {
	constructor(sink, index) {
		/** Gets the outcome by `fulfil(value, index, runMicros)` or `reject(error, index)`. Of a bundle, see below. */
		this.sink = sink;
		this.index = index;
		/** Its number in Rust, once it was admitted. */
		this.number = undefined;
		/** Of a job that publishes what happens to it. */
		this.trace = undefined;
		/** The encoded tasks, if it has several. */
		this.tasks = undefined;
		/** How long it ran, in microseconds. */
		this.runMicros = 0;
		/** Whether the sink has its outcome. A worker may still run it. */
		this.isSettled = false;
		/** Stops watching the signal, if there is one. */
		this.stopWatching = undefined;
		/** The number of its function, for errors. */
		this.fn = undefined;
		this.timeout = undefined;
		this.timer = undefined;
		/** The channel of a posted task, until a worker has taken the task. */
		this.ports = undefined;
		/** The part of a posted outcome that came first: its `news` or its `message`. */
		this.posted = undefined;
	}

	fulfil(value) {
		if (!this.isSettled) {
			this.isSettled = true;
			this.sink.fulfil(value, this.index, this.runMicros);
		}
	}

	reject(error) {
		if (this.tasks !== undefined) {
			this.rejectTasks(error, this.tasks.size);
		} else if (!this.isSettled) {
			this.isSettled = true;
			this.sink.reject(error, this.index);
		}
	}

	/** Ends a bundle whose first tasks have these results. If there is a `failure`, `{error}`, the next task has failed. */
	endTasks(results, failure) {
		if (!this.isSettled) {
			this.isSettled = true;
			this.sink.tasksEnded(results, failure, this.index, this.tasks, this.runMicros);
		}
	}

	/** Ends a bundle whose first tasks, so many, have all failed with this error. */
	rejectTasks(error, failed) {
		if (!this.isSettled) {
			this.isSettled = true;
			this.sink.tasksFailed(error, failed, this.index, this.tasks);
		}
	}

	/** Removes the watcher and the timer that can abort it. */
	clearAbort() {
		this.stopWatching?.();
		stopTimer(this.timer);
	}

	/** Releases everything that would outlive the job. */
	release() {
		this.clearAbort();
		this.ports?.port1.close();
		this.ports?.port2.close();
	}
}

/** A job of one task that publishes what happens to it; see `observe/trace.js`. */
class TracedJob extends Job {
	constructor(sink, index, trace) {
		super(sink, index);
		this.trace = trace;
	}

	fulfil(value) {
		this.trace.settled('fulfilled', undefined, this.runMicros / 1000);
		super.fulfil(value);
	}

	reject(error, reason = 'rejected') {
		this.trace.settled(reason, error);
		super.reject(error);
	}
}

class Jobs {
	#jobs = [];
	#free = [];
	size = 0;

	add(job) {
		this.size++;
		const number = this.#free.pop() ?? this.#jobs.length;
		this.#jobs[number] = job;
		return number;
	}

	get(number) {
		return this.#jobs[number];
	}

	/** Removes a job that has ended. Its number is reused. */
	remove(number) {
		const job = this.#jobs[number];
		this.#jobs[number] = undefined;
		this.#free.push(number);
		this.size--;
		job.release();
		return job;
	}

	/** Yields all numbers in use. */
	*numbers() {
		for (const [number, job] of this.#jobs.entries()) {
			if (job !== undefined) {
				yield number;
			}
		}
	}
}

module.exports = {Job, Jobs, TracedJob};
