'use strict';

// What ends a gate before its work has ended: back-offs and signals of work that runs, and those who are told that the
// gate takes no more calls.

const {setMaxListeners} = require('node:events');
const {AbortController} = require('../common/environment.js');

/** Deletes the references to listeners that were collected. */
const listenersFinalizer = new FinalizationRegistry(({listeners, ref}) => {
	listeners.delete(ref);
});

/** Errors of calls that a drain dropped before they began, although they may have had slots: of limits before others in a chain. */
const dropErrors = new WeakSet();

/** Records an error as one of such calls, and returns it. */
const asDropError = error => {
	dropErrors.add(error);
	return error;
};

const isDropError = error => dropErrors.has(error);

class Shutdown {
	#gate;

	/** Work that runs and can be told to end: by `endRetries()`, and by `interrupt(reason)`. */
	#endable = new Set();

	/** Weak references, as a stream that nobody reads any more is not kept. */
	#closeListeners = new Set();

	#controller = undefined;

	/** The reason of all signals, once a drain has given up. */
	#reason = undefined;

	/**
	 * The error of all that drains drop, once one has dropped what waits. From then on no attempt follows another one, and
	 * no call waits for a slot of a limit behind this one in a chain.
	 */
	dropReason = undefined;

	/** By lane: calls that had their slot then, and were dropped when they began. */
	droppedLate = [0, 0];

	/** `{label}` of each function that still runs although its slot was released. */
	abandoned = new Set();

	constructor(gate) {
		this.#gate = gate;
	}

	/** Aborted when a drain gives up. */
	get signal() {
		if (this.#controller === undefined) {
			this.#controller = new AbortController();
			setMaxListeners(0, this.#controller.signal); // all calls of a limit may share it
			if (this.#reason !== undefined) {
				this.#controller.abort(this.#reason);
			}
		}

		return this.#controller.signal;
	}

	/** Adds work that runs and can be told to end. It is told at once if it had its slot before, but has only begun now. */
	add(work) {
		this.#endable.add(work);
		if (this.dropReason !== undefined) {
			work.endRetries();
		}

		if (this.#reason !== undefined) {
			work.interrupt(this.#reason);
		}
	}

	remove(work) {
		this.#endable.delete(work);
	}

	/** Calls the `onLimitClosed(error)` of a listener when the gate is closed. */
	onClosed(listener) {
		const ref = new WeakRef(listener);
		this.#closeListeners.add(ref);
		listenersFinalizer.register(listener, {listeners: this.#closeListeners, ref});
	}

	closed() {
		const listeners = [...this.#closeListeners];
		this.#closeListeners.clear();
		for (const listener of listeners) {
			listener.deref()?.onLimitClosed(this.#gate.closed());
		}
	}

	/** Ends all waits for a next attempt, and prevents further attempts. The calls reject with their last errors. */
	endRetries() {
		for (const work of [...this.#endable]) {
			work.endRetries();
		}
	}

	/** Aborts all signals that running functions have. */
	interrupt(reason) {
		this.#reason ??= reason;
		for (const work of [...this.#endable]) {
			work.interrupt(reason);
		}

		this.#controller?.abort(reason);
	}
}

module.exports = {Shutdown, asDropError, isDropError};
