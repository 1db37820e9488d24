'use strict';

// Calls made inside tasks of the same limit (option `nested`), known by the async context that they are made in.

const {AsyncLocalStorage} = require('node:async_hooks');

/** A task that runs in a slot. */
class Outer {
	/** It holds the slot. */
	isRunning = true;

	/** Inner calls that run in the same slot. */
	#inner = 0;

	/** Gives the slot back, if only inner calls keep it. */
	#end = undefined;

	constructor(slot) {
		this.slot = slot;
	}

	/** Keeps the slot until an inner call has ended, too. */
	hold(promise) {
		this.#inner++;
		const end = () => {
			this.#inner--;
			if (this.#inner === 0) {
				this.#end?.();
			}
		};
		promise.then(end, end);
		return promise;
	}

	/** The task has ended: `end` gives the slot back, now or when the last inner call has ended. */
	ended(end) {
		const over = () => {
			this.isRunning = false;
			end();
		};
		if (this.#inner === 0) {
			over();
		} else {
			this.#end = over;
		}
	}
}

class Nested {
	#storage = new AsyncLocalStorage();
	#inherits;

	/** By slot. */
	#outers = [];

	constructor(mode) {
		this.#inherits = mode === 'inherit';
	}

	/** Runs a call in a slot, so that calls inside it are known. */
	run(slot, call) {
		const outer = new Outer(slot);
		this.#outers[slot] = outer;
		return this.#storage.run(outer, () => call.run());
	}

	/** What ran in a slot has ended. */
	ended(slot, end) {
		this.#outers[slot].ended(end);
	}

	/** The task that this is called in, if its slot is still held. */
	get outer() {
		const outer = this.#storage.getStore();
		return outer?.isRunning ? outer : undefined;
	}

	/** The same where inner calls run in its slot. */
	get inherited() {
		return this.#inherits ? this.outer : undefined;
	}
}

module.exports = {Nested};
