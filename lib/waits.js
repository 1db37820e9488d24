'use strict';

// Promises of a shorter queue: `ready`, `onSizeLessThan`, `onEmpty`, `onIdle`.

const process = require('node:process');

const resolved = Promise.resolve();

class Waits {
	#gate;

	/** Each with the condition that it waits for. */
	#waiting = [];

	/** Conditions that somebody has just been told of who will make them untrue again. */
	#told = new Set();

	constructor(gate) {
		this.#gate = gate;
	}

	/** Resolves as soon as the condition holds. */
	until(isMet) {
		return isMet() ? resolved : this.#wait({isMet, isTurn: false});
	}

	/**
	 * The same for who makes the condition untrue again, as by taking a place in the queue: one after the other, in
	 * the order they came.
	 */
	turn(isMet) {
		if (isMet() && !this.#told.has(isMet) && !this.#waiting.some(wait => wait.isTurn && wait.isMet === isMet)) {
			this.#tell(isMet);
			return resolved;
		}

		return this.#wait({isMet, isTurn: true});
	}

	/** Nobody gets a turn any more. */
	close(error) {
		const turns = this.#waiting.filter(({isTurn}) => isTurn);
		this.#waiting = this.#waiting.filter(({isTurn}) => !isTurn);
		for (const {reject} of turns) {
			reject(error);
		}
	}

	/** Something has begun, ended or left. */
	look() {
		const met = [];
		this.#waiting = this.#waiting.filter(wait => {
			const {isMet, isTurn} = wait;
			if ((isTurn && this.#told.has(isMet)) || !isMet()) {
				return true;
			}

			if (isTurn) {
				this.#tell(isMet);
			}

			met.push(wait);
			return false;
		});
		if (this.#waiting.length === 0) {
			this.#gate.waits = undefined;
		}

		for (const {resolve} of met) {
			resolve();
		}
	}

	#wait(wait) {
		return new Promise((resolve, reject) => {
			this.#waiting.push(Object.assign(wait, {resolve, reject}));
			this.#gate.waits = this;
		});
	}

	/** Somebody goes on now, and does what it has waited for in the microtasks that follow; then others may. */
	#tell(isMet) {
		this.#told.add(isMet);
		queueMicrotask(() => {
			process.nextTick(() => {
				this.#told.delete(isMet);
				this.look();
			});
		});
	}
}

module.exports = {Waits};
