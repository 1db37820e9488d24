'use strict';

// The attempts of one gate that wait: work that has failed, and is tried again in its slot when Rust says so.

class Attempts {
	#gate;
	/** By slot: the function to call when the attempt begins. */
	#waiting = new Map();

	constructor(gate) {
		this.#gate = gate;
	}

	/** Calls `begin` when the work in a slot may be tried again: now, or after a pause or for the rate. */
	ask(slot, begin) {
		if (this.#gate.native.port.attempt(this.#gate.handle, slot)) {
			begin();
		} else {
			this.#waiting.set(slot, begin);
			this.#gate.startNext();
		}
	}

	/** Takes back an attempt, unless it has begun. */
	cancel(slot, begin) {
		if (this.#waiting.get(slot) === begin) {
			this.#waiting.delete(slot);
			this.#gate.native.port.cancelAttempt(this.#gate.handle, slot);
			this.#gate.startNext();
		}
	}

	/** Begins the attempt that waits in a slot. There is none if it was taken back meanwhile. */
	begin(slot) {
		const begin = this.#waiting.get(slot);
		this.#waiting.delete(slot);
		begin?.();
	}
}

module.exports = {Attempts};
