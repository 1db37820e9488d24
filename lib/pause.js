'use strict';

// A pause of a limit: until it is resumed, or for a while.

const {Alarm, now} = require('./deadlines.js');

class Pause {
	#gate;
	#isHeld = false;
	#end;
	#endsAt = 0;

	constructor(gate) {
		this.#gate = gate;
		this.#end = new Alarm(() => {
			this.#endsAt = 0;
			if (!this.#isHeld) {
				gate.setPaused(false);
			}
		});
	}

	get isPaused() {
		return this.#isHeld || this.#endsAt !== 0;
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

		this.#endsAt = endsAt;
		this.#gate.deadlines.remove(this.#end);
		this.#gate.deadlines.add(this.#end, duration);
		this.#gate.setPaused(true);
	}

	/** Ends it, or only what `begin` began. */
	end({onlyHeld = false} = {}) {
		this.#isHeld = false;
		if (!onlyHeld) {
			this.#endsAt = 0;
			this.#gate.deadlines.remove(this.#end);
		}

		if (!this.isPaused) {
			this.#gate.setPaused(false);
		}
	}
}

module.exports = {Pause};
