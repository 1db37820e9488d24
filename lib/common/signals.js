'use strict';

// Abort signals that callers give: AbortSignals of any realm, and those of packages that stand in for them, which may
// have no `reason`. Their getters and methods are user code. Each of them may throw, abort the signal, or call this
// package again.
//
// Node warns of a signal with many listeners, and many calls may share one signal. So a signal has one listener in this
// thread, for all limits, pools and kernels together. It is removed with the last watcher.

const {addAbortListener} = require('node:events');
const {abortError} = require('./environment.js');
const {invalid} = require('./errors.js');

/**
 * Returns the options with which Node itself listens to signals. With them the listener gets the event even if another
 * listener stops its propagation. Node tells them to the signal alone.
 */
const readNodeOptions = () => {
	let options;
	const signal = {
		aborted: false,
		addEventListener(_type, _listener, given) {
			options = given;
		},
	};
	try {
		addAbortListener(signal, () => {});
	} catch {
		// Node before 20.5 does not have the function, and another runtime may not take this signal.
	}

	return options;
};

const listenerOptions = {...readNodeOptions(), once: true};

/** Throws if a value can't be used as a signal. An `aborted` that throws is the caller's error. */
const checkSignal = (signal, name = 'signal') => {
	if (
		!(
			typeof signal === 'object' &&
			signal !== null &&
			typeof signal.aborted === 'boolean' &&
			typeof signal.addEventListener === 'function' &&
			typeof signal.removeEventListener === 'function'
		)
	) {
		throw invalid(name, 'an AbortSignal', signal);
	}
};

/** By signal without a reason: the `AbortError` in place of one, which is the same for all calls. */
const defaultReasons = new WeakMap();

/** Returns the reason of an aborted signal. If the signal throws instead of giving it, that is the reason. */
const reasonOf = signal => {
	let reason;
	try {
		({reason} = signal);
	} catch (error) {
		reason = error;
	}

	if (reason !== undefined) {
		return reason;
	}

	if (!defaultReasons.has(signal)) {
		defaultReasons.set(signal, abortError());
	}

	return defaultReasons.get(signal);
};

/** Throws the reason if the signal is given and has aborted. */
const throwIfAborted = signal => {
	if (signal?.aborted) {
		throw reasonOf(signal);
	}
};

/** From this length on, an array of watchers is packed when more than half of it is empty. */
const PACKED_FROM = 64;

/** The watchers of one signal, and their listener. */
class Watchers {
	#signal;

	/** In order, with holes. A `Set` would take several times as long for the many calls that share a signal. */
	#places = [];
	#size = 0;
	#isListening = false;

	/** How many calls are adding the listener now. The signal's own code may make another one meanwhile. */
	#adding = 0;

	constructor(signal) {
		this.#signal = signal;
	}

	add(watcher) {
		if (!this.#isListening) {
			this.#listen();
		}

		if (this.#places.length >= PACKED_FROM && this.#places.length > 2 * this.#size) {
			this.#pack();
		}

		watcher.watchIndex = this.#places.length;
		this.#places.push(watcher);
		this.#size++;
	}

	remove(watcher) {
		if (this.#places[watcher.watchIndex] === watcher) {
			this.#places[watcher.watchIndex] = undefined;
			this.#size--;
			this.#stopIfUnused();
		}
	}

	#pack() {
		this.#places = this.#places.filter(watcher => watcher !== undefined);
		for (const [index, watcher] of this.#places.entries()) {
			watcher.watchIndex = index;
		}
	}

	/** Always the same function, so adding it twice has no effect, even if the signal failed to remove it. */
	#onAbort = () => {
		this.#isListening = false;
		const reason = reasonOf(this.#signal);
		const watchers = this.#places.filter(watcher => watcher !== undefined);
		this.#places = [];
		this.#size = 0;
		for (const watcher of watchers) {
			watcher.dequeue(reason);
		}

		for (const watcher of watchers) {
			watcher.abort(reason);
		}
	};

	#listen() {
		this.#adding++;
		try {
			this.#signal.addEventListener('abort', this.#onAbort, listenerOptions);
			throwIfAborted(this.#signal);
			this.#isListening = true;
		} finally {
			this.#adding--;
			if (!this.#isListening) {
				this.#stopIfUnused();
			}
		}
	}

	#stopIfUnused() {
		if (this.#size + this.#adding > 0) {
			return;
		}

		if (this.#places.length > PACKED_FROM) {
			this.#places = []; // the signal may live on
		}

		this.#isListening = false;
		try {
			this.#signal.removeEventListener('abort', this.#onAbort, listenerOptions);
		} catch {
			// The call that is watched has its outcome. A listener that stays finds no watchers.
		}
	}
}

/** By signal, as long as somebody keeps the signal. */
const watchersBySignal = new WeakMap();

/**
 * Adds a watcher to a signal. When the signal aborts, the `dequeue` of each watcher is called with the reason, and then
 * the `abort` of each. So no work that waits begins before all other work is aborted.
 *
 * A watcher watches one signal at a time, and keeps its place there as its `watchIndex`.
 *
 * This runs the signal's own code, so call it before anything else is registered, and look at the own state again
 * after it. Throws the reason if the signal has aborted, and whatever the signal throws. Then no watcher was added.
 */
const addWatcher = (signal, watcher) => {
	throwIfAborted(signal);
	let watchers = watchersBySignal.get(signal);
	if (watchers === undefined) {
		watchers = new Watchers(signal);
		watchersBySignal.set(signal, watchers);
	}

	watchers.add(watcher);
};

/** Removes a watcher. This runs the signal's own code, but never throws. */
const removeWatcher = (signal, watcher) => {
	watchersBySignal.get(signal)?.remove(watcher);
};

/** Adds a watcher and returns a function that removes it. */
const watchSignal = (signal, watcher) => {
	addWatcher(signal, watcher);
	return () => {
		removeWatcher(signal, watcher);
	};
};

module.exports = {addWatcher, checkSignal, removeWatcher, throwIfAborted, watchSignal};
