'use strict';

// Calls made inside tasks of the same limit (option `nested`), known by the async context that they are made in.

const {AsyncLocalStorage} = require('node:async_hooks');
const {Gate, NO_SLOT} = require('./gate.js');
const {enqueueBatch, enqueueRequest, port} = require('./native.js');
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
	/** In which call one is: the task whose slot it runs in, the call, and that which it was made in. */
	#storage = new AsyncLocalStorage();
	#inherits;

	/** By slot. */
	#outers = [];

	constructor(settings, handle) {
		super(settings, handle);
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
		const outer = this.inherited;
		return outer === undefined ? super.start(call, asked, run) : this.#startInside(outer, call);
	}

	#startInside(outer, call) {
		const inner = resolved.then(() => this.#runWithin(outer, call, () => call.run(outer.slot)));
		outer.hold(inner);
		// The promise behind it is the caller's, for whom it is to handle a failure.
		return call.follow(inner, noEnds).then();
	}

	#runWithin(outer, call, run) {
		const frame = {outer, call, within: this.#storage.getStore()};
		return this.#storage.run(frame, run);
	}

	get inherited() {
		return this.#inherits ? this.#outer : undefined;
	}

	/** Work that a task waits for must not be one that it is made in, nor wait for a slot that it will never get. */
	joins(work, ticket, lane) {
		for (let frame = this.#storage.getStore(); frame?.outer.isRunning; frame = frame.within) {
			if (frame.call === work) {
				throw this.refusalOf({
					code: 'ERR_DEADLOCK',
					message: 'a task waits for itself: it calls `once` under its own key',
				});
			}
		}

		if (ticket >= 0 && this.#outerSlot !== NO_SLOT) {
			port.join(this.handle, ticket, this.#outerSlot, lane);
		}
	}

	run(slot, call, asked) {
		const outer = new Outer(slot);
		this.#outers[slot] = outer;
		return this.#runWithin(outer, call, () => super.run(slot, call, asked));
	}

	fulfilled(slot) {
		this.#outers[slot].ended(() => super.fulfilled(slot));
	}

	rejected(slot, error) {
		this.#outers[slot].ended(() => super.rejected(slot, error));
	}

	unitFulfilled(_, {slot}) {
		this.fulfilled(slot);
	}

	get #outerSlot() {
		return this.#outer?.slot ?? NO_SLOT;
	}

	/** The task that this is called in, if its slot is still held. */
	get #outer() {
		const outer = this.#storage.getStore()?.outer;
		return outer?.isRunning ? outer : undefined;
	}
}

module.exports = {NestedGate};
