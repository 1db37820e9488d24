'use strict';

// Runs a task again when it fails (option `retry`). The task keeps its slot meanwhile. When the next attempt may begin,
// and whom a server that asks for a wait pauses, is decided in Rust.

const {TIMEOUT_MAX} = require('../common/checks.js');
const {resolved} = require('../common/promises.js');
const {addWatcher, removeWatcher} = require('../common/signals.js');
const {now} = require('../common/time.js');
const {Alarm} = require('../gate/deadlines.js');
const {WakeTimer} = require('../gate/wake-timer.js');
const {readRetryAfter} = require('../options/retry-after.js');
const {backoff} = require('../options/retry-options.js');
const {abortedWith, isBug} = require('./final-errors.js');

class RetryLoop {
	#task;
	#gate;
	#slot;
	#retry;
	#began = now();
	#attempts = 0;
	#isStopped = false;
	/** `{reason}`, once the signal of `retry` has aborted: what the call rejects with. */
	aborted = undefined;
	/** `{cause}`, the error of the last attempt that has failed; `undefined` before. */
	lastFailure = undefined;
	/** Ends the wait for the next attempt. */
	#wake = undefined;

	/** `task` makes the attempts, is told of each one that fails if another one follows, and words its own errors. */
	constructor(task, gate, slot, retry) {
		this.#task = task;
		this.#gate = gate;
		this.#slot = slot;
		this.#retry = retry;
	}

	/** Makes attempts until one has succeeded, or none follows the last one. */
	async run() {
		const {signal} = this.#retry;
		if (signal === undefined) {
			return this.#run();
		}

		addWatcher(signal, this);
		try {
			return await this.#run();
		} finally {
			removeWatcher(signal, this);
			this.#throwIfAborted();
		}
	}

	async #run() {
		for (;;) {
			const attempts = ++this.#attempts;
			try {
				return await this.#task.attempt();
			} catch (thrown) {
				const original = abortedWith(thrown);
				const error = original ?? thrown;
				this.lastFailure = {cause: error};
				const delay = await this.#delayAfter(error, attempts, original !== undefined);
				if (delay !== undefined && !this.#isStopped) {
					this.#task.attemptFailed(this.#slot, error, attempts, delay);
					await this.#wait(delay);
				}

				if (delay === undefined || this.#isStopped) {
					throw error;
				}
			}
		}
	}

	/** Whether another attempt may follow the one that runs, for all that is known before it has failed. */
	get mayTryAgain() {
		return !this.#isStopped && this.#attempts <= this.#retry.retries && this.#timeLeft > 0;
	}

	/** Prevents further attempts. */
	stop() {
		this.#isStopped = true;
		this.#wake?.();
	}

	/** Nobody waits for the outcome any more. The function may never end, and is not to keep this. */
	giveUp() {
		this.stop();
		removeWatcher(this.#retry.signal, this);
	}

	/** The next two are called when the signal of `retry` aborts. */
	dequeue() {}

	abort(reason) {
		this.aborted = {reason};
		this.stop();
	}

	#throwIfAborted() {
		if (this.aborted !== undefined) {
			throw this.aborted.reason;
		}
	}

	/** What is left of `maxRetryTime`, in milliseconds. */
	get #timeLeft() {
		return this.#retry.maxRetryTime - (now() - this.#began);
	}

	/** Returns the delay until the next attempt; `undefined` if there will be none. */
	async #delayAfter(error, attempts, isFinal) {
		const retry = this.#retry;
		// First: every answer is heard, also to the last attempt.
		const asked = retry.retryAfter === undefined ? 0 : readRetryAfter(await retry.retryAfter(error), error);
		const serverDelay = Math.min(asked, TIMEOUT_MAX);
		if (asked > 0 && asked <= retry.maxRetryAfter && this.#task.holdsSlot) {
			this.#gate.retryAfter(this.#slot, serverDelay, retry.scope);
		}

		if (isFinal || this.#isStopped || !(await this.#isRetried(error, attempts)) || this.#isStopped) {
			return undefined;
		}

		if (asked > retry.maxRetryAfter) {
			throw this.#task.askedTooMuch(error, asked, retry.maxRetryAfter);
		}

		const left = this.#timeLeft;
		if (left <= 0 || serverDelay > left) {
			return undefined; // an attempt before the end of that wait would be refused
		}

		return Math.min(Math.max(backoff(retry, attempts - 1), serverDelay), left);
	}

	/** Asks the user's functions whether another attempt follows, in p-retry's order. */
	async #isRetried(error, attempts) {
		const {retries, onFailedAttempt, shouldRetry} = this.#retry;
		const retriesConsumed = attempts - 1;
		const retriesLeft = retries - retriesConsumed;
		const context = Object.freeze({error, attemptNumber: attempts, retriesLeft, retriesConsumed});
		if (onFailedAttempt !== undefined) {
			await onFailedAttempt(context);
		}

		const isOver = retriesLeft <= 0 || this.#timeLeft <= 0;
		if (isOver || isBug(error) || this.#isStopped) {
			return false;
		}

		return shouldRetry === undefined || Boolean(await shouldRetry(context));
	}

	/**
	 * Waits for `delay`, and then until the next attempt may begin: in the limit, and in its `total`. There will be none if
	 * a pause or a rate makes it wait beyond `maxRetryTime`.
	 */
	async #wait(delay) {
		await this.#sleep(delay);
		// By Rust's clock, as the pause and the rate.
		const tooLate = new WakeTimer(() => {
			if (this.#timeLeft > 0) {
				tooLate.set(this.#timeLeft);
			} else {
				this.stop();
			}
		});
		tooLate.set(this.#timeLeft);
		const begun = [];
		for (const place of this.#task.placesIn(this.#slot)) {
			if (await this.#mayBegin(place)) {
				begun.push(place);
			}
		}

		tooLate.clear();
		if (this.#isStopped && this.#task.holdsSlot) {
			for (const {gate, slot} of begun) {
				gate.unsent(slot); // no attempt follows
			}
		}
	}

	#sleep(duration) {
		if (this.#isStopped) {
			return resolved; // `isOverload` or another wait may have stopped it
		}

		return new Promise(resolve => {
			const alarm = new Alarm(resolve);
			this.#wake = () => {
				this.#gate.deadlines.remove(alarm);
				resolve();
			};
			this.#gate.deadlines.add(alarm, duration);
		});
	}

	/** Returns a promise of whether the attempt begins in a limit. It does not if there will be none. */
	#mayBegin({gate, slot}) {
		if (this.#isStopped) {
			return Promise.resolve(false);
		}

		return new Promise(resolve => {
			const begin = () => resolve(true);
			this.#wake = () => {
				gate.attempts.cancel(slot, begin);
				resolve(false);
			};
			gate.attempts.ask(slot, begin);
		});
	}
}

module.exports = {RetryLoop};
