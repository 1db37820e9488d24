'use strict';

// A call with options that plain ones do not have: it can be given up while it waits or runs, and run again.
//
// Giving it up settles its promise at once. A slot that it holds is given back when the work in it has ended all the
// same, so that no more than the limit ever runs.

const {Attempts} = require('./attempts.js');
const {Deadline} = require('./deadlines.js');
const {watch} = require('./promises.js');

/** In place of a ticket: it has none (yet, or any more); it had one and was taken out of the queue. */
const NONE = -1;
const TAKEN_OUT = -2;

/** It is its own deadline: of the wait first, of the run then. */
class Task extends Deadline {
	/** The ticket that it waits under; negative where it does not. */
	ticket = NONE;

	/**
	 * Where it waits: ends the turn, with its slot or with the reason why there will be none. Where it runs and can be given
	 * up: rejects.
	 */
	#tell = undefined;
	#gate;
	#options;
	#fn;
	#args;
	/** Why nobody waits for it any more. */
	#givenUp = undefined;
	#attempts = undefined;
	/** The same call at a limit over this one, where there is one; see `above.js`. */
	#above = undefined;

	constructor(gate, options, fn, args) {
		super();
		this.#gate = gate;
		this.#options = options;
		this.#fn = fn;
		this.#args = args;
	}

	/** It waits under a ticket. */
	waits(ticket, open) {
		this.ticket = ticket;
		this.#tell = open;
		const {queueTimeout} = this.#options;
		if (queueTimeout !== undefined) {
			this.#gate.deadlines.add(this, queueTimeout);
		}
	}

	/** It waits in the queue of a limit over this one, too: what ends the wait here ends it there. */
	waitsAbove(task) {
		this.#above = task;
	}

	/** Milliseconds; nothing where any wait will do. */
	get queueTimeout() {
		return this.#options.queueTimeout;
	}

	/** It was let in. */
	watch() {
		const {signal} = this.#options;
		if (signal !== undefined) {
			this.#gate.signals.add(signal, this);
		}
	}

	/** The signal has aborted: out of the queue, if it waits. */
	leave() {
		if (this.ticket >= 0) {
			this.#gate.cancel(this.ticket, this);
			this.ticket = TAKEN_OUT;
		}

		this.#above?.leave();
	}

	abort(reason, isTimeout = false) {
		this.#giveUp(reason, isTimeout);
		this.#gate.startNext();
	}

	begin(gate, slot) {
		this.ticket = NONE;
		gate.deadlines.remove(this);
		gate.running[slot] = this;
		const open = this.#tell;
		this.#tell = undefined;
		open(slot);
	}

	/** It was cleared; without a reason nobody is told. */
	drop(reason) {
		this.ticket = NONE;
		this.ended();
		if (reason !== undefined) {
			this.#tell({reason});
		}
	}

	/** Has it wait in the online lane, if it waits. */
	lift() {
		if (this.ticket >= 0) {
			this.#gate.lift(this.ticket);
		}

		this.#above?.lift();
	}

	run(slot) {
		if (this.#givenUp !== undefined) {
			throw this.#givenUp.reason;
		}

		const {timeout, retry} = this.#options;
		if (timeout !== undefined) {
			this.#gate.deadlines.add(this, timeout);
		}

		if (retry === undefined) {
			return this.#fn(...this.#args);
		}

		this.#attempts = new Attempts(this.#gate, retry, error => this.attemptFailed(slot, error));
		return this.#attempts.run(this.#fn, this.#args);
	}

	/** An attempt in its slot has failed, and there will be another one. */
	attemptFailed(slot, error) {
		this.#gate.attemptFailed(slot, error);
		this.#above?.attemptFailedBelow(error);
	}

	/** A promise of what running it has given, unless that is given up. */
	follow(result, ends) {
		const {signal, timeout} = this.#options;
		if (signal === undefined && timeout === undefined) {
			return watch(result, ends.fulfilled, ends.rejected);
		}

		return new Promise((resolve, reject) => {
			this.#tell = reject;
			if (this.#givenUp !== undefined) {
				reject(this.#givenUp.reason); // by itself
			}

			watch(
				result,
				value => {
					this.tellFulfilled(ends);
					this.ended();
					resolve(value);
				},
				error => {
					this.tellRejected(ends, error);
					this.ended();
					reject(error);
				},
			);
		});
	}

	/** The work has ended well, if perhaps too late: that is for a limit to learn from. */
	tellFulfilled({fulfilled, rejected}) {
		if (this.#givenUp?.isTimeout) {
			rejected(this.#givenUp.reason);
		} else {
			fulfilled();
		}
	}

	/** The same where it has failed. */
	tellRejected({rejected}, error) {
		rejected(this.#givenUp?.reason ?? error);
	}

	value(result) {
		this.ended();
		if (this.#givenUp !== undefined) {
			throw this.#givenUp.reason;
		}

		return result;
	}

	/** It can't be given up any more. */
	ended() {
		const {signal} = this.#options;
		this.#gate.deadlines.remove(this);
		if (signal !== undefined) {
			this.#gate.signals.remove(signal, this);
		}
	}

	/** It has waited or run for too long. */
	due() {
		const {queueTimeout, timeout} = this.#options;
		if (this.ticket >= 0) {
			this.leave();
			this.#giveUp(
				this.late('ERR_QUEUE_TIMEOUT', `the call has waited for its \`queueTimeout\` of ${queueTimeout} ms`),
			);
			this.#gate.startNext();
		} else {
			const error = this.late('ERR_TASK_TIMEOUT', `the task has run for its \`timeout\` of ${timeout} ms`);
			this.#giveUp(error, true);
		}
	}

	/** The error of what was due. */
	late(code, message) {
		return this.#gate.refusalOf({code, message});
	}

	#giveUp(reason, isTimeout = false) {
		this.#givenUp = {reason, isTimeout};
		this.ended();
		// Between the grant and the begin nobody is told: it does not begin, and that tells.
		this.#tell?.(this.ticket === TAKEN_OUT ? this.#givenUp : reason);

		this.#above?.abort(reason, isTimeout);
		this.#attempts?.stop();
	}
}

module.exports = {Task};
