'use strict';

// The global timers by a manual clock, for the code under test.

const {Context} = require('../common/context.js');
const {replaceGlobals} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {ManualTimer} = require('./manual-timers.js');

/** As in Node, the function sees the stores of the code that sets the timer. */
const callIn = (fn, args) => {
	if (typeof fn !== 'function') {
		throw invalid('callback', 'a function', fn);
	}

	const context = new Context();
	return () => context.run(fn, ...args);
};

/** Replaces the timers of the global object. Returns a function that puts them back, and drops what they wait for. */
const replaceTimers = timers => {
	const own = new Set();

	const setTimeout = (fn, delay, ...args) => {
		const call = callIn(fn, args);
		const timer = new ManualTimer(
			timers,
			() => {
				own.delete(timer);
				call();
			},
			delay,
		);
		own.add(timer);
		return timer;
	};

	const setInterval = (fn, delay, ...args) => {
		const call = callIn(fn, args);
		const timer = new ManualTimer(
			timers,
			() => {
				timer.refresh(); // first: the function may clear it
				call();
			},
			delay,
		);
		own.add(timer);
		return timer;
	};

	const clear = given => timers.clear(given);
	const putBack = replaceGlobals({setTimeout, setInterval, clearTimeout: clear, clearInterval: clear});

	return () => {
		putBack();
		for (const timer of own) {
			timer.close();
		}
	};
};

module.exports = {replaceTimers};
