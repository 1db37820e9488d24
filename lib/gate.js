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
	createGate,
	dropGate,
	enqueue,
	enqueueBatch,
	enqueueRequest,
	setConcurrency,
	fulfil,
	reject,
	followUp,
	next,
	nextSlot,
} = require('./native.js');

const {Pause} = require('./pause.js');
const {Signals} = require('./signals.js');
const {Waits} = require('./waits.js');

const BOTH = [ONLINE, OFFLINE];

const forgotten = new FinalizationRegistry(dropGate);

/** Has a gate made in Rust; gives its number. */
const createOwn = ({concurrency, reserve, offlineShare, maxQueue, overflow}) =>
	refusing(createGate, concurrency, reserve, offlineShare, maxQueue?.online, maxQueue?.offline, overflow === 'wait');

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

	/** What `followUp` gives where there is nothing to do. */
	calm = 0;

	/** What not every limit needs is made when it is first asked for. */
	#deadlines = undefined;
	#flights = undefined;
	#isClosed = false;
	#pause = undefined;
	#promises = undefined;
	#signals = undefined;

	#name;

	/** As Rust was told last. */
	#concurrency;

	/** `handle` is the number of the gate in Rust. */
	constructor({concurrency, name}, handle) {
		this.handle = handle;
		this.#name = name;
		this.#concurrency = concurrency;
		forgotten.register(this, this.handle);
	}

	/** What is due some day. */
	get deadlines() {
		this.#deadlines ??= new Deadlines();
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

	get pause() {
		this.#pause ??= new Pause(this);
		return this.#pause;
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

	/** Somebody waits for work that is queued or runs already. Throws where that could never end. */
	joins() {}

	/** Runs a call in its slot. */
	run(_, call) {
		return call.run();
	}

	/** Ends what ran in a slot, and starts what runs next. */
	fulfilled(slot) {
		this.#settled(fulfil(this.handle, slot), slot, followUp());
	}

	/** The same where the work failed. */
	rejected(slot) {
		this.#settled(reject(this.handle, slot), slot, followUp());
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

	/** The error of what Rust has thrown at a call. */
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

		this.#pause?.look();
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

	/** Starts nothing, or again. */
	setPaused(isPaused) {
		port.setPaused(this.handle, isPaused);
		if (!isPaused) {
			this.startNext();
		}
	}

	get isPaused() {
		return this.pause.isPaused;
	}

	/** Whether a lane has room for one more call. */
	hasRoom(lane) {
		return port.hasRoom(this.handle, lane);
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

	/** The error of who comes after that. */
	closed() {
		return this.refusalOf({code: 'ERR_LIMIT_CLOSED', message: 'the limit takes no more calls'});
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
		return this.#concurrency;
	}

	set concurrency(concurrency) {
		refusing(setConcurrency, this.handle, concurrency);
		this.#concurrency = concurrency;
		queueMicrotask(() => {
			this.startNext();
		});
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
		rejected() {
			gate.rejected(slot);
		},
	};
	if (slot < KEPT) {
		gate.ends[slot] = ends;
	}

	return ends;
};

module.exports = {Gate, createOwn, endsOf, BOTH, NO_SLOT};
