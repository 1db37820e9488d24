'use strict';

// One limit's gate as the shim sees it: what waits under which ticket, and what to call when the work
// in a slot has ended. Who is next is decided in Rust.

const {refusing} = require('./errors.js');
const {
	port,
	ONLINE,
	OFFLINE,
	createGate,
	dropGate,
	concurrencyOf,
	setConcurrency,
	fulfil,
	reject,
	next,
	nextSlot,
	pending,
} = require('./native.js');

const forgotten = new FinalizationRegistry(dropGate);

/** How many slots keep their functions; those above get new ones for every task. */
const KEPT_SLOTS = 1024;

/** How many tickets' places an idle gate keeps. */
const KEPT_TICKETS = 1024;

class Gate {
	/** By ticket: the function that starts its work, given its slot, or drops it, given a reason. */
	waiting = [];

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
			const begin = this.waiting[ticket];
			this.waiting[ticket] = undefined;
			begin(slot);
		} else if (this.waiting.length > KEPT_TICKETS) {
			this.trim();
		}
	}

	/** Starts all that free slots allow, after a batch came or the concurrency was raised. */
	startNext() {
		for (let ticket = next(this.handle); ticket >= 0; ticket = next(this.handle)) {
			this.handOver(ticket, nextSlot());
		}
	}

	/** Gives back the memory of a long queue that is no more. */
	trim() {
		if (pending(this.handle, ONLINE) + pending(this.handle, OFFLINE) === 0) {
			this.waiting = [];
		}
	}

	/** Drops what waits in the lanes; with a reason, their promises reject with it. */
	clear(lanes, reason) {
		for (const lane of lanes) {
			for (const ticket of port.clear(this.handle, lane)) {
				const begin = this.waiting[ticket];
				this.waiting[ticket] = undefined;
				if (reason !== undefined) {
					begin(reason);
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
	if (slot < KEPT_SLOTS) {
		gate.ends[slot] = ends;
	}

	return ends;
};

module.exports = {Gate, endsOf};
