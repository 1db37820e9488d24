'use strict';

// The time that limits go by: Node's, or that of a clock that a test moves on (`p-lanes/testing`). No time goes back:
// when such a clock is gone, time goes on from where the clock stood.

const environment = require('./environment.js');

/** The clock in the place of Node's. */
let manual;

/** By how many milliseconds the time is ahead of Node's, without such a clock. */
let ahead = 0;

/**
 * What waits for a time, and has a timer for it. `clockReplaced()` sets the timer again. The timer keeps it alive, and this
 * set does so no longer.
 */
const waiting = new Set();

/** Milliseconds; never less than before. */
const now = () => (manual === undefined ? environment.now() + ahead : manual.time);

/** Milliseconds since 1970. */
const timeOfDay = () => (manual === undefined ? environment.timeOfDay() : manual.timeOfDay);

/** The same as the wall clock tells it, with which the dates of servers are compared. */
const date = () => (manual === undefined ? Date.now() : Math.floor(manual.timeOfDay));

/** Returns a timer with `ref` and `unref`. */
const setTimeout = (fn, duration) =>
	manual === undefined ? environment.setTimeout(fn, duration) : manual.setTimer(fn, duration);

const clearTimeout = timer => {
	if (timer?.isManual === true) {
		timer.close();
	} else {
		environment.clearTimeout(timer);
	}
};

/** Whether a test has replaced the global timers, and they count beside Node's. */
const isClockFaked = () => manual === undefined && environment.isClockFaked();

/** Puts a clock in the place of Node's; `undefined` puts Node's back. */
const replaceClock = clock => {
	const before = now();
	manual = clock;
	if (clock === undefined) {
		ahead = Math.max(ahead, before - environment.now());
	}
};

/** Called when the clock was replaced, also for Rust. */
const clockReplaced = () => {
	for (const waiter of [...waiting]) {
		waiter.clockReplaced();
	}
};

module.exports = {clearTimeout, clockReplaced, date, isClockFaked, now, replaceClock, setTimeout, timeOfDay, waiting};
