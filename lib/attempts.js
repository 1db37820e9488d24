'use strict';

// A task that is run again when it fails (option `retry`). It keeps its slot meanwhile.

const {LONGEST} = require('./checks.js');
const {Alarm} = require('./deadlines.js');
const {backoff, readAsked} = require('./retry.js');

class Attempts {
	#gate;
	#retry;
	#failed;
	#isStopped = false;
	/** Ends the wait for the next attempt. */
	#wake = undefined;

	/** `failed(error)` is told of each attempt that another one follows. */
	constructor(gate, retry, failed) {
		this.#gate = gate;
		this.#retry = retry;
		this.#failed = failed;
	}

	async run(fn, args) {
		for (let retries = 0; ; retries++) {
			try {
				return await fn(...args);
			} catch (error) {
				const delay = this.#isStopped ? undefined : await this.#delayAfter(error, retries);
				if (delay !== undefined && !this.#isStopped) {
					this.#failed(error);
					await this.#wait(delay);
				}

				if (delay === undefined || this.#isStopped) {
					throw error;
				}
			}
		}
	}

	/** There will be no other attempt. */
	stop() {
		this.#isStopped = true;
		this.#wake?.();
	}

	/** How long to wait until the next attempt; nothing where there will be none. */
	async #delayAfter(error, retries) {
		const retry = this.#retry;
		if (retries >= retry.retries || (retry.shouldRetry && !(await retry.shouldRetry(error)))) {
			return undefined;
		}

		const asked = readAsked(await retry.retryAfter?.(error), error);
		const delay = backoff(retry, retries);
		if (asked === 0) {
			return delay;
		}

		// Whoever asked is asked by all others too.
		this.#gate.pauseFor(Math.min(asked, LONGEST));
		return Math.max(delay, asked);
	}

	/** Waits, and as long as the limit is paused for a time: whoever was asked to wait, all do. */
	async #wait(delay) {
		await this.#pass(delay);
		for (let rest = this.#gate.pauseEndsIn; rest > 0 && !this.#isStopped; rest = this.#gate.pauseEndsIn) {
			await this.#pass(Math.ceil(rest));
		}
	}

	#pass(duration) {
		return new Promise(resolve => {
			const alarm = new Alarm(resolve);
			this.#wake = () => {
				this.#gate.deadlines.remove(alarm);
				resolve();
			};
			this.#gate.deadlines.add(alarm, duration);
		});
	}
}

module.exports = {Attempts};
