'use strict';

// Timers for the times that a user names, such as `timeout`. They go by two clocks, whichever is first.
//
// One is Node's. The other is there while a test has replaced the global `setTimeout`: a test that moves its own clock
// on expects that what is due happens. A test may put Node's timers back, and then its clock stands still for ever. So
// Node's clock counts in any case, and no timer gets lost. While a manual clock is in place (`time.js`), it alone counts.

const {outside} = require('./context.js');
const {ambientTimers, queueMicrotask} = require('./environment.js');
const {clearTimeout, isClockFaked, setTimeout} = require('./time.js');

/** A timer of the clock that a test has put in the place of Node's. Calls `fn` once, unless it is stopped before. */
class FakeTimer {
	/** Kept, because only the clock that made the timer can stop it. */
	#timers = ambientTimers();
	#timer;
	#fn;

	constructor(fn, duration) {
		this.#fn = fn;
		let isSetting = true;
		// The global is the user's: it may throw, or call at once.
		try {
			const onDue = () => {
				if (isSetting) {
					queueMicrotask(() => this.#fire());
				} else {
					this.#fire();
				}
			};
			this.#timer = outside(this.#timers.setTimeout, onDue, duration);
		} catch {
			this.#fn = undefined; // Node's clock counts
		}

		isSetting = false;
	}

	#fire() {
		const fn = this.#fn;
		this.#fn = undefined;
		fn?.();
	}

	stop() {
		this.#fn = undefined;
		try {
			this.#timers.clearTimeout(this.#timer);
		} catch {
			// It does nothing any more when it fires.
		}
	}

	/** Lets the process end, if that clock has a way to. Else stops the timer. */
	unref() {
		if (typeof this.#timer?.unref === 'function') {
			this.#timer.unref();
		} else {
			this.stop();
		}
	}
}

/** A timer on both clocks. */
class DoubleTimer {
	#real;
	#fake;

	constructor(fn, duration) {
		const fire = () => {
			this.stop();
			fn();
		};
		this.#real = setTimeout(fire, duration);
		this.#fake = new FakeTimer(fire, duration);
	}

	stop() {
		clearTimeout(this.#real);
		this.#fake.stop();
	}

	unref() {
		this.#real.unref();
		this.#fake.unref();
		return this;
	}
}

/** Calls a function in `duration` milliseconds of either clock. The timer has `unref`. */
const startTimer = (fn, duration) => (isClockFaked() ? new DoubleTimer(fn, duration) : setTimeout(fn, duration));

const stopTimer = timer => {
	if (timer instanceof DoubleTimer) {
		timer.stop();
	} else {
		clearTimeout(timer);
	}
};

module.exports = {FakeTimer, startTimer, stopTimer};
