'use strict';

// Timers that wait for a manual clock.

const {outside} = require('../common/context.js');
const {clearTimeout, setTimeout} = require('../common/environment.js');
const {Heap} = require('../common/heap.js');

/** As Node does: a delay that it can't wait for is 1 ms. */
const MAX = 2 ** 31 - 1;

const isDueBefore = (a, b) => a.at < b.at || (a.at === b.at && a.id < b.id);

/** A timer, with the methods of Node's. Whether it keeps the process alive makes no difference: only a test moves it on. */
class ManualTimer {
	isManual = true;

	/** Milliseconds of the clock. */
	at;
	id;

	#timers;
	#fn;
	#duration;
	#isRef = true;
	/** Node's timer in its place, once the clock is gone. */
	#real = undefined;

	constructor(timers, fn, duration) {
		this.#timers = timers;
		this.#fn = fn;
		this.#duration = duration >= 1 && duration <= MAX ? Number(duration) : 1;
		this.refresh();
	}

	fire() {
		this.close();
		this.#fn();
	}

	refresh() {
		this.close();
		this.#timers.add(this, this.#duration);
		return this;
	}

	close() {
		this.#timers.delete(this);
		clearTimeout(this.#real);
		return this;
	}

	ref() {
		this.#isRef = true;
		this.#real?.ref();
		return this;
	}

	unref() {
		this.#isRef = false;
		this.#real?.unref();
		return this;
	}

	hasRef() {
		return this.#isRef;
	}

	[Symbol.toPrimitive]() {
		return this.id;
	}

	/** Goes on by Node's clock. */
	goOn(duration) {
		this.#real = setTimeout(this.#fn, duration);
		if (!this.#isRef) {
			this.#real.unref();
		}
	}
}

/** The timers of a clock, by their times. */
class ManualTimers {
	#now;
	#lastId = 0;
	#byId = new Map();
	/** Also those that were deleted, until they are first. */
	#queue = new Heap(isDueBefore);

	/** `now()` is the time of the clock. */
	constructor(now) {
		this.#now = now;
	}

	/** For the package: calls a function in the empty async context, as its timers of Node do. */
	setTimer(fn, duration) {
		return new ManualTimer(this, () => outside(fn), duration);
	}

	/** Those that wait. */
	get all() {
		return [...this.#byId.values()];
	}

	/** When the first one is due. */
	get firstAt() {
		while (this.#queue.first !== undefined && !this.#waits(this.#queue.first)) {
			this.#queue.shift();
		}

		return this.#queue.first?.at ?? Number.POSITIVE_INFINITY;
	}

	#waits({timer, id}) {
		return this.#byId.get(id) === timer;
	}

	/** Removes and returns the first one. There must be one. */
	takeFirst() {
		const {timer} = this.#queue.shift();
		this.delete(timer);
		return timer;
	}

	add(timer, duration) {
		timer.id = ++this.#lastId;
		timer.at = this.#now() + duration;
		this.#byId.set(timer.id, timer);
		this.#queue.push({timer, id: timer.id, at: timer.at});
	}

	delete(timer) {
		this.#byId.delete(timer.id);
	}

	/** Deletes a timer that is given as callers have it: also by its number. */
	clear(given) {
		this.#byId.get(Number(typeof given === 'object' ? given?.id : given))?.close();
	}
}

module.exports = {ManualTimer, ManualTimers};
