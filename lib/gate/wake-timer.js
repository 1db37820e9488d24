'use strict';

// A timer for work that time alone lets start or enter. Rust names the time, by a clock that no test can replace.

const {TIMEOUT_MAX} = require('../common/checks.js');
const {clearTimeout, setTimeout} = require('../common/environment.js');

class WakeTimer {
	#onWake;
	#timer = undefined;

	constructor(onWake) {
		this.#onWake = onWake;
	}

	/**
	 * Calls `onWake` in `duration` milliseconds, and no longer at the time set before. If Node's timers can't wait that
	 * long, it is called sooner and must set the timer again.
	 */
	set(duration) {
		this.clear();
		if (duration < Number.POSITIVE_INFINITY) {
			// Rounded up, so that it is never too early.
			this.#timer = setTimeout(this.#onWake, Math.min(Math.ceil(duration), TIMEOUT_MAX));
		}
	}

	clear() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}

module.exports = {WakeTimer};
