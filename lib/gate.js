'use strict';

// One limit's gate as the shim sees it: what waits under which ticket, and what to call when the work
// in a slot has ended. Who is next is decided in Rust.

const {refusing} = require('./errors.js');
const {
	port,
	ONLINE,
	OFFLINE,
	IDLE,
	createGate,
	dropGate,
	concurrencyOf,
	setConcurrency,
	fulfil,
	reject,
	next,
	nextSlot,
} = require('./native.js');

const BOTH = [ONLINE, OFFLINE];

const forgotten = new FinalizationRegistry(dropGate);

/** How many slots' functions, and how many places for tickets and slots, an idle gate keeps. */
const KEPT = 1024;

class Gate {
	/** By ticket: the call or batch, which can `begin` a unit in a slot and `drop` what waits for a reason. */
	waiting = [];

	/** By slot: the call that begins in it in the next microtask. */
	running = [];

	/** By slot: the functions to call when the work in it has ended. */
	ends = [];

	constructor({concurrency, reserve, offlineShare}) {
		this.handle = refusing(createGate, concurrency, reserve, offlineShare);
		forgotten.register(this, this.handle);
	}

	/** Ends what ran in a slot, and starts what runs in it next. */
	fulfilled(slot) {
		this.handOver(fulfil(this.handle, slot), slot);
	}

	/** The same where the work failed. */
	rejected(slot) {
		this.handOver(reject(this.handle, slot), slot);
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

	/** Drops what waits in the lanes; with a reason, their promises reject with it. */
	clear(lanes, reason) {
		for (const lane of lanes) {
			for (const ticket of port.clear(this.handle, lane)) {
				const work = this.waiting[ticket];
				this.waiting[ticket] = undefined;
				if (reason !== undefined) {
					work.drop(reason);
				}
			}
		}
	}

	get concurrency() {
		return concurrencyOf(this.handle);
	}

	set concurrency(concurrency) {
		refusing(setConcurrency, this.handle, concurrency);
		queueMicrotask(() => {
			this.startNext();
		});
	}

	stats() {
		return port.stats(this.handle);
	}
}

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

module.exports = {Gate, endsOf, BOTH};
