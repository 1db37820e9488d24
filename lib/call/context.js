'use strict';

// The attempts of a call whose function is told of them (`run`, and the option `context`), or that may take only so long
// (`attemptTimeout`).

const {AbortController} = require('../common/environment.js');
const {isError, labelled} = require('../common/errors.js');
const {isPrimitive, watch} = require('../common/promises.js');
const {Deadline} = require('../gate/deadlines.js');
const {readCost} = require('../options/rate-options.js');

/** What tells a function to stop. The signal is made when it is first read: many functions do without. */
class Interrupt {
	#controller = undefined;

	/** `{reason}`, once it was aborted. */
	#aborted = undefined;

	get signal() {
		if (this.#controller === undefined) {
			this.#controller = new AbortController();
			if (this.#aborted !== undefined) {
				this.#controller.abort(this.#aborted.reason);
			}
		}

		return this.#controller.signal;
	}

	/** Only the first reason counts. */
	abort(reason) {
		if (this.#aborted === undefined) {
			this.#aborted = {reason};
			this.#controller?.abort(reason);
		}
	}
}

/** What the function gets: one for each attempt. */
class CallContext {
	#attempts;
	#interrupt;

	constructor(attempts, interrupt, attempt, lane) {
		this.#attempts = attempts;
		this.#interrupt = interrupt;
		this.attempt = attempt;
		this.lane = lane;
	}

	// The two functions may be taken out of the context.

	/** Says what the attempt has really cost. Without an effect once it has ended. */
	get settle() {
		return cost => {
			this.#attempts.spent(this.attempt, readCost(cost));
		};
	}

	/** The limit learns from the answer to a request of this attempt. */
	get observe() {
		return (response, options) => this.#attempts.observe(this.attempt, response, options);
	}

	get signal() {
		return this.#interrupt.signal;
	}
}

/** An attempt that may take only so long. */
class TimedAttempt extends Deadline {
	#attempts;
	#number;
	#interrupt;
	#settle;

	/** What the attempt fails with, once it has taken too long and another one may follow. */
	#failure = undefined;

	constructor(attempts, number, interrupt) {
		super();
		this.#attempts = attempts;
		this.#number = number;
		this.#interrupt = interrupt;
	}

	/** Returns a promise of the attempt's outcome. */
	follow(result) {
		return new Promise((resolve, reject) => {
			this.#settle = {resolve, reject};
			watch(
				result,
				value => this.#ended(resolve, value),
				error => this.#ended(reject, this.failureWith(error)),
			);
		});
	}

	#ended(settle, value) {
		this.#attempts.ended(this);
		settle(value);
	}

	/** Returns what the attempt fails with if its function has failed with an error. */
	failureWith(error) {
		const failure = this.#failure;
		if (failure === undefined || failure === error) {
			return error;
		}

		if (isError(failure) && !Object.hasOwn(failure, 'cause')) {
			Object.defineProperty(failure, 'cause', {value: error, configurable: true, writable: true});
		}

		return failure;
	}

	onDue() {
		const failure = this.#attempts.tookTooLong(this, this.#number);
		if (failure === undefined) {
			return; // the call has ended with that
		}

		this.#failure = failure;
		if (this.#attempts.leavesBehind) {
			this.#settle.reject(failure); // what the function comes to is ignored
		}

		this.#interrupt.abort(failure);
	}
}

/** How many attempts have begun. */
let begun = 0;

/** The attempts of one task. */
class CallAttempts {
	#task;
	#gate;
	#options;
	#number = 0;

	/** The place of the attempt that runs, or ran last, among all attempts of all calls. */
	#begun = 0;

	/** Whether the attempt that runs, or ran last, has said what it has cost. */
	hasSettled = false;

	/** Of the attempt that runs, or ran last. Attempts that may take any time share one. */
	#interrupt = undefined;

	/** The attempt that runs, if it may take only so long. */
	#timed = undefined;

	constructor(task, gate, options) {
		this.#task = task;
		this.#gate = gate;
		this.#options = options;
	}

	/** Makes an attempt: calls `call` with its context. */
	run(call) {
		const {attemptTimeout, lane} = this.#options;
		this.#number++;
		this.#begun = begun++;
		this.hasSettled = false;
		if (this.#interrupt === undefined || attemptTimeout !== undefined) {
			this.#interrupt = new Interrupt();
		}

		const context = new CallContext(this, this.#interrupt, this.#number, lane);
		return attemptTimeout === undefined ? call(context) : this.#runTimed(call, context);
	}

	#runTimed(call, context) {
		const timed = new TimedAttempt(this, this.#number, this.#interrupt);
		this.#start(timed);
		let result;
		try {
			result = call(context);
		} catch (error) {
			this.ended(timed);
			throw error;
		}

		if (isPrimitive(result)) {
			this.ended(timed);
			return result;
		}

		if (this.#timed === undefined && this.#options.releaseSlot) {
			this.#start(timed); // the function has aborted the signal of its call, and still has to leave its slot
		}

		return timed.follow(result);
	}

	#start(timed) {
		this.#timed = timed;
		this.#gate.deadlines.add(timed, this.#options.attemptTimeout);
	}

	/** Called when the function of an attempt has ended. */
	ended(timed) {
		this.#gate.deadlines.remove(timed);
		this.#gate.shutdown.abandoned.delete(timed);
		if (this.#timed === timed) {
			this.#timed = undefined;
		}
	}

	/** The attempt that runs may take any time from now on. */
	stop() {
		if (this.#timed !== undefined) {
			this.#gate.deadlines.remove(this.#timed);
			this.#timed = undefined;
		}
	}

	/** Whether an attempt that took too long has failed although its function still runs. */
	get leavesBehind() {
		return this.#options.releaseSlot;
	}

	/** Called when an attempt has taken too long. Returns its error, unless it was the last one: then the call ends. */
	tookTooLong(timed, number) {
		const {attemptTimeout} = this.#options;
		const name = this.#task.label;
		const error = this.#task.timeoutError({
			code: 'ERR_TASK_TIMEOUT',
			message: `attempt ${number} of ${labelled('the task', name)} timed out after ${attemptTimeout} ms`,
		});
		if (!this.#task.mayTryAgain) {
			this.#task.ranTooLong(this.#task.finalError(error));
			return undefined;
		}

		if (this.leavesBehind) {
			timed.label = name;
			this.#gate.shutdown.abandoned.add(timed);
		}

		return error;
	}

	observe(number, response, options) {
		const {observeForCall} = require('../responses/observe.js');
		const slot = this.#task.heldSlot;
		return observeForCall(this.#gate, response, options, {
			attempt: this.#begun,
			isPast: number !== this.#number,
			...(slot >= 0 && {slot}),
		});
	}

	/** Called when an attempt says what it has really cost. */
	spent(number, cost) {
		if (number === this.#number) {
			this.#task.spent(cost);
			this.hasSettled = true;
		}
	}

	/** Tells the function that runs to stop. */
	interrupt(reason) {
		this.#interrupt?.abort(reason);
	}
}

module.exports = {CallAttempts};
