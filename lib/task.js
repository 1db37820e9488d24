'use strict';

// A call with options that plain ones do not have: it can be given up while it waits or runs, and run again.
//
// Giving it up settles its promise at once. A slot that it holds is given back when the work in it has ended all the
// same, so that no more than the limit ever runs.

const {Deadline} = require('./deadlines.js');
const {QueueTimeoutError, TaskTimeoutError} = require('./errors.js');
const {backoff} = require('./retry.js');

class Task {
	/** Begins it in the slot that it is given. */
	open = undefined;

	/** Called when it is cleared. */
	dropped = undefined;

	/** The ticket that it waits under. */
	#ticket = undefined;

	#gate;
	#options;
	#fn;
	#args;
	#reject;
	#deadline = undefined;
	#stopWatching = undefined;
	/** Why nobody waits for it any more. */
	#givenUp = undefined;
	/** Ends the wait for the next attempt. */
	#tryAgain = undefined;

	constructor(gate, options, fn, args) {
		this.#gate = gate;
		this.#options = options;
		this.#fn = fn;
		this.#args = args;
	}

	/** It waits under a ticket. */
	waits(ticket, open) {
		this.#ticket = ticket;
		this.open = open;
		const {queueTimeout} = this.#options;
		if (queueTimeout !== undefined) {
			this.#giveUpIn(queueTimeout, () => {
				this.#dropTicket();
				this.#giveUp(new QueueTimeoutError(`the call has waited for ${queueTimeout} ms`));
				this.#gate.startNext();
			});
		}
	}

	/** A promise of what comes of it, unless it is given up. */
	outcome(end) {
		const {signal} = this.#options;
		return new Promise((resolve, reject) => {
			this.#reject = reject;
			if (signal !== undefined) {
				this.#stopWatching = this.#gate.signals.watch(signal, {
					drop: () => this.#dropTicket(),
					abort: reason => {
						this.#giveUp(reason);
						this.#gate.startNext();
					},
				});
			}

			end.then(
				value => {
					this.#end();
					resolve(value);
				},
				error => {
					this.#end();
					reject(error);
				},
			);
		});
	}

	begin(gate, slot) {
		this.#ticket = undefined;
		gate.running[slot] = this;
		this.open(slot);
	}

	/** It was cleared; without a reason nobody is told. */
	drop(reason) {
		this.#ticket = undefined;
		this.dropped?.();
		if (reason !== undefined) {
			this.open(reason);
		}
	}

	/** Has it wait in the online lane, if it waits. */
	lift() {
		if (this.#ticket !== undefined) {
			this.#gate.lift(this.#ticket);
		}
	}

	run() {
		if (this.#givenUp !== undefined) {
			throw this.#givenUp.reason;
		}

		this.#removeDeadline();
		const {timeout, retry} = this.#options;
		if (timeout !== undefined) {
			this.#giveUpIn(timeout, () => {
				this.#giveUp(new TaskTimeoutError(`the task has run for ${timeout} ms`));
			});
		}

		return retry === undefined ? this.#fn(...this.#args) : this.#attempts(retry);
	}

	async #attempts(retry) {
		for (let retries = 0; ; retries++) {
			try {
				return await this.#fn(...this.#args);
			} catch (error) {
				const delay = await this.#delayAfter(error, retry, retries);
				if (delay === undefined || this.#givenUp !== undefined) {
					throw error;
				}

				await this.#pass(delay);
				if (this.#givenUp !== undefined) {
					throw error;
				}
			}
		}
	}

	/** How long to wait until the next attempt; nothing where there will be none. */
	async #delayAfter(error, retry, retries) {
		if (retries >= retry.retries || (retry.shouldRetry && !(await retry.shouldRetry(error)))) {
			return undefined;
		}

		const asked = await retry.retryAfter?.(error);
		const delay = backoff(retry, retries);
		if (!(asked > 0)) {
			return delay;
		}

		// Whoever asked is asked by all others too.
		this.#gate.pause.beginFor(asked);
		return Math.max(delay, asked);
	}

	#pass(duration) {
		return new Promise(resolve => {
			const deadline = new Deadline(resolve);
			this.#tryAgain = () => {
				this.#gate.deadlines.remove(deadline);
				resolve();
			};
			this.#gate.deadlines.add(deadline, duration);
		});
	}

	#dropTicket() {
		if (this.#ticket !== undefined) {
			this.#gate.cancel(this.#ticket);
			this.#ticket = undefined;
		}
	}

	#giveUp(reason) {
		this.#givenUp = {reason};
		this.#end();
		this.#reject(reason);
		this.#tryAgain?.();
	}

	#giveUpIn(duration, due) {
		this.#deadline = new Deadline(due);
		this.#gate.deadlines.add(this.#deadline, duration);
	}

	#removeDeadline() {
		if (this.#deadline !== undefined) {
			this.#gate.deadlines.remove(this.#deadline);
			this.#deadline = undefined;
		}
	}

	#end() {
		this.#removeDeadline();
		this.#stopWatching?.();
	}
}

module.exports = {Task};
