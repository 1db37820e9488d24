'use strict';

// One limit's gate as the shim sees it: what waits under which ticket, and what to call when the work
// in a slot has ended. Who is next is decided in Rust.

const {Deadlines} = require('./deadlines.js');
const {refusalOf, refusing} = require('./errors.js');
const {
	port,
	ONLINE,
	OFFLINE,
	IDLE,
	concurrencyOf,
	dropGate,
	enqueue,
	enqueueBatch,
	enqueueRequest,
	setConcurrency,
	fulfil,
	reject,
	followUp,
	isTimed,
	next,
	nextSlot,
	overload,
} = require('./native.js');

const {isOverload} = require('./overload.js');
const {Signals} = require('./signals.js');
const {Waits} = require('./waits.js');
const {Wakeup} = require('./wakeup.js');

const BOTH = [ONLINE, OFFLINE];

const forgotten = new FinalizationRegistry(dropGate);

/** A timer is kept for the next deadline, which nobody sets any more. */
const withTimer = new FinalizationRegistry(deadlines => {
	deadlines.stop();
});

/** In place of the slot that a call is made in: nobody asks; see `nested.js`. */
const NO_SLOT = -1;

/** How many slots' functions, and how many places for tickets and slots, an idle gate keeps. */
const KEPT = 1024;

class Gate {
	/** By ticket: the call or batch, which can `begin` a unit in a slot and `drop` what waits for a reason. */
	waiting = [];

	/** By slot: the call that begins in it in the next microtask. */
	running = [];

	/** By slot: the functions to call when the work in it has ended. */
	ends = [];

	/** Those that wait for the queue to get shorter, while there are any; see `waits.js`. */
	waits = undefined;

	/** The concurrency, where nobody but this can change it. */
	fixedConcurrency;

	/** Has what is called run in a slot of a limit over this one, too; see `above.js`. */
	total = undefined;

	/** Which errors tell an adaptive limit that it is too high. */
	isOverload = undefined;

	/** What `followUp` gives where there is nothing to do. */
	calm = 0;

	/** What not every limit needs is made when it is first asked for. */
	#deadlines = undefined;
	#flights = undefined;
	#isClosed = false;
	#promises = undefined;
	#signals = undefined;
	#wakeup = undefined;

	#name;

	/** Whether who does not wait for room in a full lane (`ready`) is let in all the same. */
	overflows;

	/** `handle` is its number in Rust. */
	constructor({name, concurrency, adaptive, overflow}, handle) {
		this.handle = handle;
		this.overflows = overflow === 'wait';
		this.fixedConcurrency = concurrency;
		this.#name = name;
		this.isOverload = adaptive && (adaptive.isOverload ?? isOverload);
		forgotten.register(this, this.handle);
	}

	/** What is due some day. */
	get deadlines() {
		if (this.#deadlines === undefined) {
			this.#deadlines = new Deadlines();
			withTimer.register(this, this.#deadlines);
		}

		return this.#deadlines;
	}

	/** What is under way by `once`, by key. */
	get flights() {
		this.#flights ??= new Map();
		return this.#flights;
	}

	/** Promises of a shorter queue. */
	get promises() {
		this.#promises ??= new Waits(this);
		return this.#promises;
	}

	get signals() {
		this.#signals ??= new Signals();
		return this.#signals;
	}

	/** The slot of a call that runs now, or the complement of its ticket. Throws where it may not come in. */
	enqueue(asked) {
		return asked.isPlain ? enqueue(this.handle, asked.lane) : enqueueRequest(this.handle, asked, NO_SLOT);
	}

	/** What was let in is in its place: others may start now that it has come, or it waits for the end of a pause. */
	letIn() {
		const todo = followUp();
		if (todo !== this.calm) {
			this.follow(todo);
		}
	}

	/** Does what is still to be done after a call. */
	follow() {
		this.startNext();
	}

	/** The ticket of a batch. Throws where it may not come in. */
	enqueueBatch(asked, units) {
		return enqueueBatch(this.handle, asked, NO_SLOT, units);
	}

	/** Queues a call, and has `run` called with its slot when it has one. Throws where it may not come in. */
	start(call, asked, run) {
		const promise = turnOf(call, this, asked).then(run);
		this.letIn();
		return promise;
	}

	/** The task whose slot calls that are made now run in; see `nested.js`. */
	get inherited() {
		return undefined;
	}

	/** Somebody waits, from a lane, for work that is queued or runs already. Throws where that could never end. */
	joins() {}

	/** Runs a call in its slot, for which it asked so. */
	run(slot, call, asked) {
		return this.total === undefined ? call.run(slot) : this.total(slot, call, asked);
	}

	/** What runs in a slot has failed, and is tried again in it: for a limit that learns from it. */
	attemptFailed(slot, error) {
		if (this.isOverload !== undefined) {
			port.attemptFailed(this.handle, slot, this.#isOverload(error));
			this.waits?.look();
		}
	}

	/** Ends what ran in a slot, and starts what runs next. */
	fulfilled(slot) {
		this.#settled(fulfil(this.handle, slot), slot, followUp());
	}

	/** The same where the work failed. */
	rejected(slot, error) {
		const settle = this.#isOverload(error) ? overload : reject;
		this.#settled(settle(this.handle, slot), slot, followUp());
	}

	#isOverload(error) {
		try {
			return this.isOverload?.(error) === true;
		} catch {
			return false; // it is to judge errors, not to make them
		}
	}

	/** The same for a unit of a batch, which goes on in its slot where it is next. */
	unitFulfilled(batch, runner) {
		const ticket = fulfil(this.handle, runner.slot);
		const todo = followUp();
		if (todo !== this.calm || this.waits !== undefined || !batch.isNext(ticket)) {
			this.#settled(ticket, runner.slot, todo);
		} else {
			batch.goOn(ticket, runner);
		}
	}

	#settled(ticket, slot, todo) {
		this.handOver(ticket, slot);
		if (todo !== this.calm) {
			this.follow(todo);
		} else {
			this.waits?.look();
		}
	}

	/** The error of what Rust has thrown at a call, or of what else has a code: with the limit's name. */
	refusalOf(error) {
		return refusalOf(error, this.#name === undefined ? '' : `limit '${this.#name}': `);
	}

	/** Starts a ticket's work in its slot; a negative number is no ticket. */
	handOver(ticket, slot) {
		if (ticket >= 0) {
			const work = this.waiting[ticket];
			this.waiting[ticket] = undefined;
			work.begin(this, slot);
		} else if (ticket === IDLE) {
			this.trim();
		}
	}

	/** Starts all that free slots allow, after a batch came or the concurrency was raised. */
	startNext() {
		for (let ticket = next(this.handle); ticket >= 0; ticket = next(this.handle)) {
			this.handOver(ticket, nextSlot());
		}

		if (isTimed()) {
			// It names no time where nobody waits, so the process may end then.
			this.#wakeup ??= new Wakeup(() => this.startNext());
			this.#wakeup.set(port.wakesIn(this.handle));
		} else {
			this.#wakeup?.clear();
		}

		this.waits?.look();
	}

	/** Takes work that waits under a ticket out of its queue. Follow it by `startNext`. */
	cancel(ticket, work) {
		if (this.waiting[ticket] === work) {
			this.waiting[ticket] = undefined;
			port.cancel(this.handle, ticket);
		}
	}

	/** Has what waits under a ticket wait in the online lane. */
	lift(ticket) {
		port.lift(this.handle, ticket);
		this.startNext();
	}

	get isPaused() {
		return port.isPaused(this.handle);
	}

	/** Milliseconds until the last pause for a time ends; 0 where there is none. */
	get pauseEndsIn() {
		return port.pauseEndsIn(this.handle);
	}

	/** Starts nothing until `resume`. */
	pause() {
		port.pause(this.handle);
		this.startNext();
	}

	/** Starts nothing for so many milliseconds. */
	pauseFor(duration) {
		port.pauseFor(this.handle, duration);
		this.startNext();
	}

	/** Ends all pauses, or only what `pause` has begun. */
	resume({onlyHeld = false} = {}) {
		port.resume(this.handle, onlyHeld);
		this.startNext();
	}

	/** Whether there is room for one more call that asks for this. */
	hasRoom(asked) {
		return this.roomIn(asked) === 0;
	}

	/** In how many milliseconds there is, by time alone; `Infinity` where it takes more than that. */
	roomIn({lane, priority, weight, cost}) {
		return port.roomIn(this.handle, lane, priority, weight, cost);
	}

	/** Refuses all calls from now on. */
	close() {
		port.close(this.handle);
		this.hasClosed();
	}

	get isClosed() {
		return this.#isClosed;
	}

	/** All calls are refused from now on. */
	hasClosed() {
		this.#isClosed = true;
		this.waits?.close(this.closed());
	}

	/** There is somebody who waits for the queue to get shorter, or nobody any more. */
	setWaits(waits) {
		this.waits = waits;
	}

	/** Somebody was looked at and goes on waiting for that. */
	waitsOn() {}

	/** The error of who comes after that. */
	closed() {
		return this.refusalOf({code: 'ERR_LIMIT_CLOSED', message: 'the limit takes no more calls: it was drained'});
	}

	/** Gives back the memory of a long queue, or of many calls at once, when all have ended. */
	trim() {
		if (this.waiting.length > KEPT) {
			this.waiting = [];
		}

		if (this.running.length > KEPT) {
			this.running = [];
		}
	}

	/** Counts units over the lanes: `active` or `pending` ones. */
	count(units, lanes = BOTH) {
		let total = 0;
		for (const lane of lanes) {
			total += units(this.handle, lane);
		}

		return total;
	}

	/** Drops what waits in the lanes; with a reason, their promises reject with it. `everywhere`: see `shared.js`. */
	clear(lanes, reason, everywhere = false) {
		const dropped = [];
		for (const lane of lanes) {
			for (const ticket of port.clear(this.handle, lane, everywhere)) {
				dropped.push(this.waiting[ticket]);
				this.waiting[ticket] = undefined;
			}
		}

		// Last: what is dropped may take other work along.
		for (const work of dropped) {
			work.drop(reason);
		}

		this.startNext();
	}

	get concurrency() {
		return this.fixedConcurrency ?? concurrencyOf(this.handle);
	}

	set concurrency(concurrency) {
		refusing(setConcurrency, this.handle, concurrency);
		if (this.fixedConcurrency !== undefined) {
			this.fixedConcurrency = concurrency;
		}

		queueMicrotask(() => {
			this.startNext();
		});
	}

	/** What a limit was made without it can't be given. */
	get rate() {
		return port.rate(this.handle) ?? undefined;
	}

	set rate(rate) {
		refusing(() => port.setRate(this.handle, rate));
		this.startNext();
	}

	/** Takes a cost from the rate, or gives it back where it is negative. */
	charge(cost) {
		port.charge(this.handle, cost);
		this.startNext();
	}

	stats() {
		return port.stats(this.handle);
	}
}

let opened;
const open = resolve => {
	opened = resolve;
};

/** A promise of a slot. */
const turnOf = (call, gate, asked) => {
	const place = gate.enqueue(asked);
	if (place >= 0) {
		gate.running[place] = call;
		return Promise.resolve(place);
	}

	const turn = new Promise(open);
	call.waits(~place, opened);
	opened = undefined;
	gate.waiting[~place] = call;
	return turn;
};

/** The functions to call when the work in a slot has ended well or badly. */
const endsOf = (gate, slot) => {
	const ends = {
		fulfilled() {
			gate.fulfilled(slot);
		},
		rejected(error) {
			gate.rejected(slot, error);
		},
	};
	if (slot < KEPT) {
		gate.ends[slot] = ends;
	}

	return ends;
};

module.exports = {Gate, endsOf, BOTH, NO_SLOT};
