'use strict';

// What the package uses of an environment that is not Node's; see `lib/common/environment.js`. It is taken from the
// global object, once. Fake timers that a test installs later replace none of it.

const {outside} = require('./context.js');
const {ambientTimersOf} = require('../../common/ambient-timers.js');
const {resolved} = require('../../common/promises.js');

const ambient = globalThis;

const {
	AbortController,
	DOMException,
	MessageChannel,
	clearTimeout: stopTimer,
	performance,
	setTimeout: startTimer,
	structuredClone,
} = ambient;

/** A timer with the methods of Node's. Where timers keep no process alive, `ref` and `unref` do nothing. */
class Timer {
	#id;

	constructor(fn, duration) {
		this.#id = startTimer(fn, duration);
	}

	ref() {
		this.#id.ref?.();
		return this;
	}

	unref() {
		this.#id.unref?.();
		return this;
	}

	stop() {
		stopTimer(this.#id);
	}
}

const makeTimer = (fn, duration) => new Timer(fn, duration);

const setTimeout = (fn, duration) => outside(makeTimer, fn, duration);

const clearTimeout = timer => {
	timer?.stop();
};

/** Browsers delay the timers of a page in the background, but no messages. */
const turnByMessage = fn => {
	const {port1, port2} = new MessageChannel();
	port1.onmessage = () => {
		port1.close();
		fn();
	};
	port2.postMessage(undefined);
};

const makeTurn = MessageChannel === undefined ? fn => startTimer(fn, 0) : turnByMessage;

/** Calls a function in a later turn of the event loop. */
const setImmediate = fn => {
	outside(makeTurn, fn);
};

/** The same, as all microtasks have run then. */
const nextTick = setImmediate;

const queueMicrotask = fn => {
	resolved.then(fn);
};

/** Milliseconds of a clock that never goes back. */
const now = performance.now.bind(performance);

/** Milliseconds since 1970, by that clock. */
const timeOfDay = () => performance.timeOrigin + now();

const abortError = () => new DOMException('This operation was aborted', 'AbortError');

const asyncDispose = Symbol.asyncDispose ?? Symbol('Symbol.asyncDispose');

const dispose = Symbol.dispose ?? Symbol('Symbol.dispose');

const {ambientTimers, isClockFaked} = ambientTimersOf(ambient, startTimer);

/** Where there is such a process: in Deno and Bun, for example. */
const emitWarning = (message, options) => {
	ambient.process?.emitWarning?.(message, options);
};

module.exports = {
	AbortController,
	DOMException,
	abortError,
	ambientTimers,
	asyncDispose,
	clearTimeout,
	dispose,
	emitWarning,
	isClockFaked,
	nextTick,
	now,
	queueMicrotask,
	setImmediate,
	setTimeout,
	structuredClone,
	timeOfDay,
};
