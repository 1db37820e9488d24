'use strict';

// A clock that goes when it is told to, so that what is due some day is due at a known place of a test. Load it
// before the package: the package takes Node's functions when it is loaded (`lib/common/environment.js`), and takes
// these for Node's by their names.

// The runner takes Node's timers when it is loaded. Its own time limits have to go by those.
require('node:test');
const timers = require('node:timers');
const {setImmediate: turn} = require('node:timers/promises');

/** The longest that Node's timers can wait. */
const LONGEST = 2 ** 31 - 1;

class Timer {
	constructor(clock, fn, delay, args) {
		this.clock = clock;
		this.fire = () => fn(...args);
		if (delay > LONGEST) {
			throw new RangeError(`Node would warn, and fire at once instead of in ${delay} ms`);
		}

		this.delay = Math.max(1, delay || 0);
		this.refresh();
	}

	refresh() {
		this.at = this.clock.now + this.delay;
		this.clock.timers.add(this);
		return this;
	}

	close() {
		this.clock.timers.delete(this);
		return this;
	}

	ref() {
		this.isRef = true;
		return this;
	}

	unref() {
		this.isRef = false;
		return this;
	}

	hasRef() {
		return this.isRef;
	}

	isRef = true;
}

class Clock {
	timers = new Set();
	#now = 0;

	get now() {
		return this.#now;
	}

	set now(now) {
		this.#now = now;
		require('../lib/binding/binding.js').setClockByHand(now);
	}

	/** Takes the place of `performance.now`, of the timers of this thread, and of the time that limits have. */
	install() {
		const replaced = {
			setTimeout: (fn, delay, ...args) => new Timer(this, fn, delay, args),
			clearTimeout: timer => timer?.close(),
		};
		Object.assign(globalThis, replaced);
		Object.assign(timers, replaced);
		Object.getPrototypeOf(performance).now = () => this.now;
		this.now = 0; // last, because it loads a part of the package
		return this;
	}

	/** Goes on by so many milliseconds; what is due meanwhile happens in its order, each in a turn of its own. */
	async pass(duration) {
		const end = this.now + duration;
		for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
			this.now = Math.max(this.now, timer.at);
			this.timers.delete(timer);
			timer.fire();
			await turn();
		}

		this.now = end;
	}

	#next(end) {
		const due = [...this.timers].filter(({at}) => at <= end);
		return due.sort((a, b) => a.at - b.at)[0];
	}
}

module.exports = {Clock};
