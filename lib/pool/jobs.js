'use strict';

// The jobs of a pool that have not ended, by the numbers that Rust knows them by.

/** A job, from `run` until its worker has done with it. */
class Job {
	constructor(sink, index) {
		/** Who is told the outcome: `fulfil(value, index, ran)` or `reject(error, index)`. */
		this.sink = sink;
		this.index = index;
		/** The tasks, where it is several. */
		this.tasks = undefined;
		/** Microseconds for which it has run. */
		this.ran = 0;
		/** Whether its outcome was told. A worker may be busy with it all the same. */
		this.isSettled = false;
		/** Where there is a signal: ends the wait for it. */
		this.stopWatching = undefined;
		this.timeout = 0;
		this.timer = undefined;
		/** The two ends of the way of a task that is posted, until a worker has it. */
		this.ports = undefined;
		/** What came first of an outcome that is posted: its `news`, or its `value`. */
		this.posted = undefined;
	}

	fulfil(value) {
		if (!this.isSettled) {
			this.isSettled = true;
			if (this.tasks === undefined) {
				this.sink.fulfil(value, this.index, this.ran);
			} else {
				this.sink.fulfilTasks(value, this.index, this.tasks, this.ran);
			}
		}
	}

	reject(error) {
		if (!this.isSettled) {
			this.isSettled = true;
			this.sink.reject(error, this.index);
		}
	}

	/** Nothing aborts it any more. */
	forgetAbort() {
		this.stopWatching?.();
		clearTimeout(this.timer);
	}

	/** Lets go of all that lives longer than the job. */
	release() {
		this.forgetAbort();
		this.ports?.port1.close();
		this.ports?.port2.close();
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

	/** Forgets a job that has ended. Its number is given to another. */
	remove(number) {
		const job = this.#jobs[number];
		this.#jobs[number] = undefined;
		this.#free.push(number);
		this.size--;
		job.release();
		return job;
	}

	/** All numbers in use. */
	*numbers() {
		for (const [number, job] of this.#jobs.entries()) {
			if (job !== undefined) {
				yield number;
			}
		}
	}
}

module.exports = {Job, Jobs};
