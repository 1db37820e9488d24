'use strict';

// Calls made inside tasks of the same limit (option `nested`), known by the async context that they are made in.

const {AsyncLocalStorage} = require('node:async_hooks');
const {Gate, NO_SLOT} = require('./gate.js');
const {enqueueBatch, enqueueRequest} = require('./native.js');
const {resolved} = require('./promises.js');

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

/** What is told at the end of a call that has no slot of its own. */
const noEnds = {fulfilled() {}, rejected() {}};

/** A gate that knows which of its calls are made inside others. */
class NestedGate extends Gate {
	#storage = new AsyncLocalStorage();
	#inherits;

	/** By slot. */
	#outers = [];

	constructor(settings) {
		super(settings);
		this.#inherits = settings.nested === 'inherit';
	}

	/** Rust knows by the slot which calls would wait for each other. */
	enqueue(asked) {
		return enqueueRequest(this.handle, asked, this.#outerSlot);
	}

	enqueueBatch(asked, units) {
		return enqueueBatch(this.handle, asked, this.#outerSlot, units);
	}

	/** A call that is made inside a task runs in its slot, where that is wanted. */
	start(call, asked, run) {
		const outer = this.#inherits ? this.#outer : undefined;
		return outer === undefined
			? super.start(call, asked, run)
			: call.follow(outer.hold(resolved.then(() => call.run())), noEnds);
	}

	/** So does a map, item by item. */
	inherits(work) {
		const outer = this.#inherits ? this.#outer : undefined;
		outer?.hold(work());
		return outer !== undefined;
	}

	run(slot, call) {
		const outer = new Outer(slot);
		this.#outers[slot] = outer;
		return this.#storage.run(outer, () => call.run());
	}

	fulfilled(slot) {
		this.#outers[slot].ended(() => super.fulfilled(slot));
	}

	rejected(slot) {
		this.#outers[slot].ended(() => super.rejected(slot));
	}

	unitFulfilled(_, {slot}) {
		this.fulfilled(slot);
	}

	get #outerSlot() {
		return this.#outer?.slot ?? NO_SLOT;
	}

	/** The task that this is called in, if its slot is still held. */
	get #outer() {
		const outer = this.#storage.getStore();
		return outer?.isRunning ? outer : undefined;
	}
}

module.exports = {NestedGate};
