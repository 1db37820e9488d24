'use strict';

// One timer for all deadlines of a gate: of calls that wait or run, and of retries. While a test fakes the clock, each
// deadline has a timer of that clock, too (see `common/timers.js`).
//
// As in Node's own timers, each duration has a list. New deadlines go to its end, so it stays in order, and adding and
// removing take constant time. The lists are in a heap: there may be many, because a backoff may be random. A queued
// call keeps its deadline as long as it waits, so deadlines are small: two links, and a time in whole milliseconds.

const {TIMEOUT_MAX} = require('../common/checks.js');
const {Heap} = require('../common/heap.js');
const {clearTimeout, isClockFaked, now, setTimeout, waiting} = require('../common/time.js');
const {FakeTimer} = require('../common/timers.js');

/** A deadline. Subclasses have a method `onDue`, which is called once unless the deadline is removed before. */
class Deadline {
	/** Whole milliseconds, because small integers need no allocation. */
	at = 0;
	previous = undefined;
	next = undefined;

	get isSet() {
		return this.next !== undefined;
	}

	insertBefore(next) {
		const {previous} = next;
		this.previous = previous;
		this.next = next;
		previous.next = this;
		next.previous = this;
	}

	unlink() {
		const {previous, next} = this;
		previous.next = next;
		next.previous = previous;
		this.previous = undefined;
		this.next = undefined;
	}
}

/** A deadline that calls a function. */
class Alarm extends Deadline {
	constructor(onDue) {
		super();
		this.onDue = onDue;
	}
}

/**
 * The sentinel of a circular list of deadlines. Its `next` is the earliest one. Its `at` is no later than that one: a
 * deadline that was first may have been removed.
 */
class DeadlineList extends Deadline {
	previous = this;
	next = this;

	constructor(duration) {
		super();
		this.duration = duration;
	}

	get isEmpty() {
		return this.next === this;
	}
}

const isDueBefore = (a, b) => a.at < b.at;

/** From so many empty lists on, beside as many as there are deadlines, they are dropped. */
const MOST_EMPTY = 64;

class Deadlines {
	/** Lists by duration, in milliseconds. */
	#lists = new Map();
	/** The same lists, by their `at`. */
	#queue = new Heap(isDueBefore);
	/** Deadlines whose time has come and whose `onDue` has not been called yet. */
	#due = new DeadlineList();
	#size = 0;
	#timer;
	/** By deadline: its timer of a fake clock. Undefined until a deadline has one. */
	#fakeTimers = undefined;
	/** When the timer fires. */
	#wakesAt = Number.POSITIVE_INFINITY;

	/** Adds a deadline that is due in `duration` milliseconds. */
	add(deadline, duration) {
		if (duration > TIMEOUT_MAX) {
			return; // longer than Node's timers can wait: never due
		}

		// Rounded up, so that neither a deadline nor the timer, which would have to be set again, is early.
		deadline.at = Math.ceil(now() + duration);
		const list = this.#lists.get(duration) ?? this.#addList(duration, deadline.at);
		deadline.insertBefore(list);
		this.#size++;
		if (deadline.at < this.#wakesAt) {
			this.#wakeAt(deadline.at);
		} else if (this.#size === 1) {
			this.#timer.ref();
		}

		if (isClockFaked()) {
			this.#addFakeTimer(deadline, duration);
		}
	}

	#addList(duration, at) {
		if (this.#lists.size > 2 * this.#size + MOST_EMPTY) {
			this.#dropEmptyLists();
		}

		const list = new DeadlineList(duration);
		list.at = at;
		this.#lists.set(duration, list);
		this.#queue.push(list);
		return list;
	}

	/** A list stays when its last deadline is removed, because the next one of that duration often follows soon. */
	#dropEmptyLists() {
		const lists = [...this.#lists.values()].filter(({isEmpty}) => !isEmpty);
		this.#lists = new Map(lists.map(list => [list.duration, list]));
		this.#queue = new Heap(isDueBefore);
		for (const list of lists) {
			this.#queue.push(list);
		}
	}

	#addFakeTimer(deadline, duration) {
		this.#fakeTimers ??= new Map();
		const onDue = () => {
			this.remove(deadline);
			deadline.onDue();
		};
		this.#fakeTimers.set(deadline, new FakeTimer(onDue, duration));
	}

	/** Removes a deadline, if it is set. */
	remove(deadline) {
		if (deadline.isSet) {
			deadline.unlink();
			this.#fakeTimers?.get(deadline)?.stop();
			this.#fakeTimers?.delete(deadline);
			this.#size--;
			if (this.#size === 0) {
				// The process may end. The timer stays set, because the next deadline is usually a later one.
				this.#timer.unref();
			}
		}
	}

	/** Clears the timer. Called when no deadline will ever be added again. */
	stop() {
		clearTimeout(this.#timer);
		waiting.delete(this);
	}

	/** Sets the timer again. It keeps the process alive as it did before. */
	clockReplaced() {
		this.#wakeAt(this.#wakesAt);
		if (this.#size === 0) {
			this.#timer.unref();
		}
	}

	#wakeAt(at) {
		clearTimeout(this.#timer);
		waiting.add(this);
		this.#wakesAt = at;
		// Rounding up may exceed `TIMEOUT_MAX`. The timer then fires a little early and is set again.
		this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(0, Math.ceil(at - now())), TIMEOUT_MAX));
	}

	#wake() {
		this.#wakesAt = Number.POSITIVE_INFINITY;
		waiting.delete(this);
		const due = this.#takeDue(now());
		for (const deadline of due) {
			deadline.insertBefore(this.#due);
			this.#size++;
		}

		const nextAt = this.#nextAt();
		if (nextAt < Number.POSITIVE_INFINITY) {
			this.#wakeAt(nextAt);
		}

		// Last, because `onDue` may add and remove deadlines, also those that are still to be called.
		while (!this.#due.isEmpty) {
			const deadline = this.#due.next;
			this.remove(deadline);
			deadline.onDue();
		}
	}

	/** Removes and returns the deadlines that are due, in order. */
	#takeDue(time) {
		const due = [];
		while (this.#queue.first?.at <= time) {
			const list = this.#queue.shift();
			while (!list.isEmpty && list.next.at <= time) {
				due.push(list.next);
				this.remove(list.next);
			}

			if (list.isEmpty) {
				this.#lists.delete(list.duration);
			} else {
				list.at = list.next.at;
				this.#queue.push(list);
			}
		}

		return due.sort((a, b) => a.at - b.at);
	}

	/** Returns when to look again; `Infinity` if there are no deadlines. */
	#nextAt() {
		while (this.#queue.first?.isEmpty) {
			this.#lists.delete(this.#queue.shift().duration);
		}

		return this.#queue.first?.at ?? Number.POSITIVE_INFINITY;
	}
}

module.exports = {Alarm, Deadline, Deadlines};
