'use strict';

const {Fifo} = require('../common/fifo.js');

/** The plain calls of the online lane that wait behind each other, under one ticket. */
class Line {
	#calls = new Fifo();
	#ticket;

	/** Adds a call to the line, which waits under a ticket. */
	push(gate, ticket, call) {
		this.#ticket = ticket;
		gate.waiting[ticket] = this;
		this.#calls.push(call);
	}

	/** Adds a call to the line under the ticket under which it waits already. */
	add(call) {
		this.#calls.push(call);
	}

	/** Begins the first call in a slot that the gate gives. */
	begin(gate, slot) {
		const call = this.#calls.shift();
		gate.waiting[this.#ticket] = this.#calls.size === 0 ? undefined : this; // until its last call has a slot
		call.begin(gate, slot);
	}

	/** Begins the first of several calls in a slot, without asking. */
	pass(gate, slot) {
		this.#calls.shift().begin(gate, slot);
	}

	/** Its calls, in order. */
	get calls() {
		return this.#calls.toArray();
	}

	/** Drops all calls. Without a reason, their promises stay pending. */
	drop(reason) {
		for (const call of this.#calls.clear()) {
			call.drop(reason);
		}
	}
}

module.exports = {Line};
