'use strict';

// The manual clock of `p-lanes/testing`, as the specs use it: one for the whole file, also for the global timers. The
// runner takes Node's timers when it is loaded. Its own time limits have to go by those.
require('node:test');
const {manualClock} = require('p-lanes/testing');
const {timersOf} = require('../lib/testing/manual-clock.js');

class Clock {
	#clock;

	install() {
		this.#clock = manualClock({timers: true});
		return this;
	}

	get now() {
		return this.#clock.now;
	}

	/** Time goes on as while the event loop is busy: no timer fires. Back to an earlier time is another clock. */
	set now(now) {
		if (now < this.#clock.now) {
			this.install();
		}

		this.#clock.jump(now - this.#clock.now);
	}

	/** The timers that wait, as a set. */
	get timers() {
		return new Set(timersOf(this.#clock));
	}

	/** Goes on by so many milliseconds; what is due meanwhile happens in its order. */
	pass(duration) {
		return this.#clock.advance(duration);
	}

	/** Does the same in this very microtask: what is due does not wait for what happens now. */
	strike(duration) {
		this.#clock.jump(duration);
		return this.#clock.advance(0);
	}
}

module.exports = {Clock};
