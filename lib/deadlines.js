'use strict';

// One timer for all that is due some day: calls that wait or run too long, retries, the end of a pause.
//
// As in Node's own timers there is a list for every duration, which is in the order of its deadlines by itself, so
// that adding and removing take the same few steps however many there are.

const {LONGEST} = require('./checks.js');

const now = () => performance.now();

/** Something that is due some day: its kinds have a method `due`, which is called once unless it is removed before. */
class Deadline {
	at = 0;
	list = undefined;
	before = undefined;
	behind = undefined;
}

/** A deadline that calls a function. */
class Alarm extends Deadline {
	constructor(due) {
		super();
		this.due = due;
	}
}

class List {
	head = undefined;
	tail = undefined;

	push(deadline) {
		deadline.list = this;
		deadline.before = this.tail;
		if (this.tail === undefined) {
			this.head = deadline;
		} else {
			this.tail.behind = deadline;
		}

		this.tail = deadline;
	}

	remove(deadline) {
		const {before, behind} = deadline;
		if (before === undefined) {
			this.head = behind;
		} else {
			before.behind = behind;
		}

		if (behind === undefined) {
			this.tail = before;
		} else {
			behind.before = before;
		}

		deadline.list = undefined;
		deadline.before = undefined;
		deadline.behind = undefined;
	}
}

/** In place of the list of a deadline whose time has come, and that will be called. */
const DUE = new List();

class Deadlines {
	/** By duration in milliseconds; a list that is empty stays, as durations are few. */
	#lists = new Map();
	#size = 0;
	#timer;
	/** When the timer fires. */
	#wakesAt = Number.POSITIVE_INFINITY;

	/** Has a deadline be due in so many milliseconds. */
	add(deadline, duration) {
		if (duration > LONGEST) {
			return; // as good as never
		}

		let list = this.#lists.get(duration);
		if (list === undefined) {
			list = new List();
			this.#lists.set(duration, list);
		}

		deadline.at = now() + duration;
		list.push(deadline);
		this.#size++;
		if (deadline.at < this.#wakesAt) {
			this.#wakeAt(deadline.at);
		} else if (this.#size === 1) {
			this.#timer.ref();
		}
	}

	/** It is no longer due. */
	remove(deadline) {
		const {list} = deadline;
		if (list === undefined) {
			return;
		}

		if (list === DUE) {
			deadline.list = undefined;
			return;
		}

		list.remove(deadline);
		this.#size--;
		if (this.#size === 0) {
			// The process may end. The timer is kept: the next deadline is most often a later one.
			this.#timer.unref();
		}
	}

	#wakeAt(at) {
		clearTimeout(this.#timer);
		this.#wakesAt = at;
		// Rounded up, as a timer that fires early has to be set once more.
		this.#timer = setTimeout(() => this.#wake(), Math.ceil(at - now()));
	}

	#wake() {
		this.#wakesAt = Number.POSITIVE_INFINITY;
		const due = [];
		const time = now();
		for (const [duration, list] of this.#lists) {
			while (list.head !== undefined && list.head.at <= time) {
				const {head} = list;
				due.push(head);
				this.remove(head);
				head.list = DUE;
			}

			if (list.head === undefined) {
				this.#lists.delete(duration);
			}
		}

		let next = Number.POSITIVE_INFINITY;
		for (const {head} of this.#lists.values()) {
			next = Math.min(next, head.at);
		}

		if (next < Number.POSITIVE_INFINITY) {
			this.#wakeAt(next);
		}

		// Last: what is called may add and remove.
		for (const deadline of due.sort((a, b) => a.at - b.at)) {
			if (deadline.list === DUE) {
				deadline.list = undefined;
				deadline.due();
			}
		}
	}
}

module.exports = {Alarm, Deadline, Deadlines, now};
