'use strict';

// Promises of a shorter queue: `ready`, `onSizeLessThan`, `onEmpty`, `onIdle`.

const process = require('node:process');

const {resolved} = require('./promises.js');

class Waits {
	#gate;

	/** Each with the condition that it waits for, and the lane that it wants to enter, if it does. */
	#waiting = [];

	/** Lanes that somebody was just told to enter. */
	#told = new Set();

	constructor(gate) {
		this.#gate = gate;
	}

	/** Resolves as soon as the condition holds. */
	until(isMet) {
		return isMet() ? resolved : this.#wait({isMet});
	}

	/** Resolves when a lane has room, for one after the other in the order they came. */
	ready(lane) {
		const isMet = () => !this.#told.has(lane) && this.#gate.hasRoom(lane);
		if (isMet() && !this.#waiting.some(wait => wait.lane === lane)) {
			this.#tell(lane);
			return resolved;
		}

		return this.#wait({isMet, lane});
	}

	/** Nobody gets in any more. */
	close(error) {
		const entering = this.#waiting.filter(({lane}) => lane !== undefined);
		this.#waiting = this.#waiting.filter(({lane}) => lane === undefined);
		for (const {reject} of entering) {
			reject(error);
		}
	}

	/** Something has begun, ended or left. */
	look() {
		const met = [];
		this.#waiting = this.#waiting.filter(wait => {
			if (!wait.isMet()) {
				return true;
			}

			if (wait.lane !== undefined) {
				this.#tell(wait.lane);
			}

			met.push(wait);
			return false;
		});
		if (this.#waiting.length === 0) {
			this.#gate.setWaits(undefined);
		}

		for (const {resolve} of met) {
			resolve();
		}
	}

	#wait(wait) {
		return new Promise((resolve, reject) => {
			this.#waiting.push(Object.assign(wait, {resolve, reject}));
			this.#gate.setWaits(this);
		});
	}

	/** Somebody goes on now, and enters the lane in the microtasks that follow; then others may. */
	#tell(lane) {
		this.#told.add(lane);
		queueMicrotask(() => {
			process.nextTick(() => {
				this.#told.delete(lane);
				this.look();
			});
		});
	}
}

module.exports = {Waits};
