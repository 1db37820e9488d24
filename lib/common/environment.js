'use strict';

// What the package uses of its environment: timers, microtasks, the clock, and the classes of the web.
//
// All of it is taken here, once, when the package is loaded. The rest of `lib/` may not use the globals, because they
// can't be trusted: tests replace them (fake timers) and put them back, and a test environment may lack them (jsdom has
// no `structuredClone`, and its `setTimeout` returns a number). What is taken here is Node's own, so a callback that
// is given to it is called, whatever a test does later.
//
// The package may itself be loaded while the functions are replaced. Then substitutes are used that nothing replaces.
//
// Timers and immediates are made in the empty async context. They may be kept longer than the call that makes them, and
// would keep its stores. So their functions run there, too.

const {performance} = require('node:perf_hooks');
const process = require('node:process');
const timers = require('node:timers');
const vm = require('node:vm');
const {ambientTimersOf} = require('./ambient-timers.js');
const {outside} = require('./context.js');
const {cloneByPort, isReplaced, SocketTimer, turnByPort} = require('./substitutes.js');
const {resolved} = require('./promises.js');

/**
 * Classes of Node's own global object; Jest gives each test file another object, with less on it. They are read by code
 * of Node's own context: Node 24 makes `DOMException` when it is first read, and aborts if another context reads it.
 */
const node = vm.runInThisContext(`({
	AbortController: globalThis.AbortController,
	DOMException: globalThis.DOMException,
	asyncDispose: Symbol.asyncDispose,
	dispose: Symbol.dispose,
	structuredClone: globalThis.structuredClone,
})`);

/** Compiles a function that belongs to no module and keeps none alive. A test runner loads this package again and again. */
const compileGlobally = source => vm.runInThisContext(source);

/** The global object of the code that loads the package. */
const ambient = globalThis;

const areTimersReplaced =
	isReplaced(timers.setTimeout, 'setTimeout') || isReplaced(timers.clearTimeout, 'clearTimeout');

const makeTimer = areTimersReplaced ? (fn, duration) => new SocketTimer(fn, duration) : timers.setTimeout;

/** As in Node. The timer has `ref`, `unref` and `refresh`. */
const setTimeout = (fn, duration) => outside(makeTimer, fn, duration);

const clearTimeout = areTimersReplaced
	? timer => {
			timer?.close();
		}
	: timers.clearTimeout;

const makeImmediate = isReplaced(timers.setImmediate, 'setImmediate') ? turnByPort : timers.setImmediate;

/** Calls a function in the next turn of the event loop. */
const setImmediate = fn => outside(makeImmediate, fn);

/** Calls a function in the next turn if there is one: this keeps the event loop from nothing. Never with a substitute. */
const setWeakImmediate =
	makeImmediate === turnByPort
		? () => {}
		: fn => {
				setImmediate(fn).unref();
			};

/** Calls a function when all microtasks have run. */
const nextTick = isReplaced(process.nextTick, 'nextTick') ? setImmediate : process.nextTick;

/** Calls a function in a microtask. A promise can't be faked, whereas the global `queueMicrotask` can. */
const queueMicrotask = fn => {
	resolved.then(fn);
};

/** The prototype's method, because fake timers replace the one of the object. */
const readClock = Object.getPrototypeOf(performance).now ?? performance.now;

/** Milliseconds of a clock that never goes back. */
const now = () => readClock.call(performance);

/** Milliseconds since 1970, by that clock. */
const timeOfDay = () => performance.timeOrigin + now();

const structuredClone = isReplaced(node.structuredClone, 'structuredClone') ? cloneByPort : node.structuredClone;

/** `AbortController` of Node: its signals are seen only by this package and by workers. */
const {AbortController} = node;

/** Errors that callers get have the class that `DOMException` is to them. */
const DOMException = ambient.DOMException ?? node.DOMException;

/** Returns the error of work that is cancelled without a reason, as `AbortSignal.abort().reason` is. */
const abortError = () => new DOMException('This operation was aborted', 'AbortError');

/** Node's own symbols. On Node 20 and 22 they are not built in, so a context that a test runner makes may lack them. */
const {asyncDispose, dispose} = node;

const {ambientTimers, isClockFaked, replaceGlobals} = ambientTimersOf(ambient, makeTimer);

/** Warns the user of the process. */
const emitWarning = (message, options) => {
	process.emitWarning(message, options);
};

module.exports = {
	AbortController,
	DOMException,
	abortError,
	ambientTimers,
	asyncDispose,
	clearTimeout,
	compileGlobally,
	dispose,
	emitWarning,
	isClockFaked,
	nextTick,
	now,
	queueMicrotask,
	replaceGlobals,
	setImmediate,
	setTimeout,
	setWeakImmediate,
	structuredClone,
	timeOfDay,
};
