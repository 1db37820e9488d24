'use strict';

// A timer for work that time alone lets start or enter. Rust names the time, by its own clock. No fake timers of a test
// replace that; a manual clock sets it, too.

const {TIMEOUT_MAX} = require('../common/checks.js');
const {clearTimeout, setTimeout, waiting} = require('../common/time.js');

class WakeTimer {
	#onWake;
	#timer = undefined;

	#wake = () => {
		waiting.delete(this);
		this.#onWake();
	};

	constructor(onWake) {
		this.#onWake = onWake;
	}

	/**
	 * Calls `onWake` in `duration` milliseconds, and no longer at the time set before. It may be called sooner and must set
	 * the timer again then: Node's timers can't wait that long, or the clock was replaced.
	 */
	set(duration) {
		this.clear();
		if (duration < Number.POSITIVE_INFINITY) {
			// Rounded up, so that it is never too early.
			this.#timer = setTimeout(this.#wake, Math.min(Math.ceil(duration), TIMEOUT_MAX));
			waiting.add(this);
		}
	}

	clear() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		waiting.delete(this);
	}

	/** What is called asks for the time again. */
	clockReplaced() {
		this.clear();
		this.#onWake();
	}
}

module.exports = {WakeTimer};
