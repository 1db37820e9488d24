'use strict';

// What time alone lets start or come in: has somebody look again when Rust says so.

const {LONGEST} = require('./checks.js');

class Wakeup {
	#look;
	#timer = undefined;

	constructor(look) {
		this.#look = look;
	}

	/** In so many milliseconds, or sooner where Node can't wait that long: then it is to be set again. What was set before counts no more. */
	set(duration) {
		this.clear();
		if (duration < Number.POSITIVE_INFINITY) {
			// Rounded up, or it would look too early.
			this.#timer = setTimeout(this.#look, Math.min(Math.ceil(duration), LONGEST));
		}
	}

	/** There is nothing that time alone would change. */
	clear() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}

module.exports = {Wakeup};
