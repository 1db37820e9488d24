'use strict';

// One timer for all that is due some day: calls that wait or run too long, and retries.
//
// As in Node's own timers there is a list for every duration, which is in the order of its deadlines by itself, so
// that adding and removing take the same few steps however many there are. A queued call keeps its deadline as long as
// it waits, so that is small: two links, and a time in whole milliseconds.

const {LONGEST} = require('./checks.js');

const now = () => performance.now();

/** Something that is due some day: its kinds have a method `due`, which is called once unless it is removed before. */
class Deadline {
	/** Whole milliseconds: small integers take no memory of their own. */
	at = 0;
	before = undefined;
	behind = undefined;

	get isSet() {
		return this.behind !== undefined;
	}

	/** Puts it in front of another one. */
	link(behind) {
		const {before} = behind;
		this.before = before;
		this.behind = behind;
		before.behind = this;
		behind.before = this;
	}

	unlink() {
		const {before, behind} = this;
		before.behind = behind;
		behind.before = before;
		this.before = undefined;
		this.behind = undefined;
	}
}

/** A deadline that calls a function. */
class Alarm extends Deadline {
	constructor(due) {
		super();
		this.due = due;
	}
}

/** The ends of a ring of deadlines, the earliest behind it. */
class Ring extends Deadline {
	before = this;
	behind = this;

	get isEmpty() {
		return this.behind === this;
	}
}

class Deadlines {
	/** By duration in milliseconds. */
	#rings = new Map();
	/** Those whose time has come, and that are still to be called. */
	#due = new Ring();
	#size = 0;
	#timer;
	/** When the timer fires. */
	#wakesAt = Number.POSITIVE_INFINITY;

	/** Has a deadline be due in so many milliseconds. */
	add(deadline, duration) {
		if (duration > LONGEST) {
			return; // as good as never
		}

		let ring = this.#rings.get(duration);
		if (ring === undefined) {
			ring = new Ring();
			this.#rings.set(duration, ring);
		}

		// Rounded up: nothing is due too early, nor the timer that has to be set once more then.
		deadline.at = Math.ceil(now() + duration);
		deadline.link(ring);
		this.#size++;
		if (deadline.at < this.#wakesAt) {
			this.#wakeAt(deadline.at);
		} else if (this.#size === 1) {
			this.#timer.ref();
		}
	}

	/** It is no longer due. */
	remove(deadline) {
		if (deadline.isSet) {
			deadline.unlink();
			this.#size--;
			if (this.#size === 0) {
				// The process may end. The timer is kept: the next deadline is most often a later one.
				this.#timer.unref();
			}
		}
	}

	/** Nobody has anything due any more, nor ever will. */
	stop() {
		clearTimeout(this.#timer);
	}

	#wakeAt(at) {
		clearTimeout(this.#timer);
		this.#wakesAt = at;
		// Rounded up the longest is longer than that: it wakes a little early then, and once more.
		this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(0, Math.ceil(at - now())), LONGEST));
	}

	#wake() {
		this.#wakesAt = Number.POSITIVE_INFINITY;
		const due = this.#takeDue(now());
		for (const deadline of due) {
			deadline.link(this.#due);
			this.#size++;
		}

		let next = Number.POSITIVE_INFINITY;
		for (const [duration, ring] of this.#rings) {
			if (ring.isEmpty) {
				this.#rings.delete(duration);
			} else {
				next = Math.min(next, ring.behind.at);
			}
		}

		if (next < Number.POSITIVE_INFINITY) {
			this.#wakeAt(next);
		}

		// Last: what is called may add and remove, also those that are still to be called.
		while (!this.#due.isEmpty) {
			const deadline = this.#due.behind;
			this.remove(deadline);
			deadline.due();
		}
	}

	/** In the order in which they are due. */
	#takeDue(time) {
		const due = [];
		for (const ring of this.#rings.values()) {
			while (!ring.isEmpty && ring.behind.at <= time) {
				due.push(ring.behind);
				this.remove(ring.behind);
			}
		}

		return due.sort((a, b) => a.at - b.at);
	}
}

module.exports = {Alarm, Deadline, Deadlines, now};
