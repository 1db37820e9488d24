'use strict';

// In place of functions that were already replaced when the package was loaded: the same from parts of Node that fake
// timers leave alone.

/** Required here and below where they are used: almost no program needs them. */
const threads = () => require('node:worker_threads');

/**
 * Returns whether a function is missing or not Node's own. Node's functions have their names and no properties.
 * @sinonjs/fake-timers, on which Jest, Vitest and Sinon are built, adds a `clock`; `node:test` binds its own.
 */
const isReplaced = (fn, name) => typeof fn !== 'function' || fn.name !== name || Object.keys(fn).length > 0;

/** A timer by the timeout of a socket, which Node starts without the functions that others replace. */
class SocketTimer {
	#fn;
	#duration;
	/** Undefined when the timer has fired or was closed. */
	#socket = undefined;
	/** Open while the timer keeps the process alive: the timeout of a socket does not. */
	#keeper = undefined;
	#isRef = true;

	constructor(fn, duration) {
		this.#fn = fn;
		this.#duration = Math.max(1, duration);
		this.refresh();
	}

	refresh() {
		this.close();
		this.#socket = new (require('node:net').Socket)();
		this.#socket.setTimeout(this.#duration, () => {
			this.close();
			this.#fn();
		});
		this.#keep();
		return this;
	}

	ref() {
		this.#isRef = true;
		this.#keep();
		return this;
	}

	unref() {
		this.#isRef = false;
		this.#letGo();
		return this;
	}

	/** Does not stop the timeout, because Node stops it by the `clearTimeout` that was replaced. */
	close() {
		this.#socket?.removeAllListeners('timeout');
		this.#socket = undefined;
		this.#letGo();
	}

	#keep() {
		if (this.#isRef && this.#socket !== undefined && this.#keeper === undefined) {
			this.#keeper = new (threads().MessageChannel)().port1;
			this.#keeper.ref();
		}
	}

	#letGo() {
		this.#keeper?.close();
		this.#keeper = undefined;
	}
}

/** Calls a function in a later turn of the event loop. */
const turnByPort = fn => {
	const {port1, port2} = new (threads().MessageChannel)();
	port2.on('message', () => {
		port2.close();
		fn();
	});
	port1.postMessage(undefined);
};

/** Returns a structured clone. Throws a `DataCloneError` if the value can't be cloned. */
const cloneByPort = value => {
	const {port1, port2} = new (threads().MessageChannel)();
	try {
		port1.postMessage(value);
		return threads().receiveMessageOnPort(port2).message;
	} finally {
		port1.close();
	}
};

module.exports = {SocketTimer, cloneByPort, isReplaced, turnByPort};
