'use strict';

// A pause of a limit: until it is resumed, or for a while.
//
// The end of a pause keeps the process alive only where somebody waits for it.

const {LONGEST} = require('./checks.js');
const {now} = require('./deadlines.js');
const {pending} = require('./native.js');

class Pause {
	#gate;
	#isHeld = false;
	#timer = undefined;
	#endsAt = 0;

	constructor(gate) {
		this.#gate = gate;
	}

	get isPaused() {
		return this.#isHeld || this.#timer !== undefined;
	}

	/** Nothing begins until it is ended. */
	begin() {
		this.#isHeld = true;
		this.#gate.setPaused(true);
	}

	/** Nothing begins for so many milliseconds; of several the one that ends last counts. */
	beginFor(duration) {
		const endsAt = now() + duration;
		if (endsAt <= this.#endsAt) {
			return;
		}

		this.#stop();
		this.#endsAt = endsAt;
		this.#timer = setTimeout(() => this.#due(), Math.min(duration, LONGEST));
		this.look();
		this.#gate.setPaused(true);
	}

	/** Ends it, or only what `begin` began. */
	end({onlyHeld = false} = {}) {
		this.#isHeld = false;
		if (!onlyHeld) {
			this.#stop();
		}

		if (!this.isPaused) {
			this.#gate.setPaused(false);
		}
	}

	/** Somebody has come, or left. */
	look() {
		if (this.#gate.count(pending) > 0) {
			this.#timer?.ref();
		} else {
			this.#timer?.unref();
		}
	}

	#due() {
		this.#stop();
		if (!this.#isHeld) {
			this.#gate.setPaused(false);
		}
	}

	#stop() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#endsAt = 0;
	}
}

module.exports = {Pause};
