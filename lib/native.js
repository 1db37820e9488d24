'use strict';

// The Rust side: this environment's port, and its hot calls with their numbers put on the wire.

const {Port} = require('../binding.js');

const port = new Port();
const {wire, ...hot} = port.hotCalls();

/** The lanes by the numbers that Rust knows them by. */
const ONLINE = 0;
const OFFLINE = 1;

/** Gives the slot of a call that runs now, or the complement (negative) of the ticket it waits under. */
const enqueue = (gate, lane) => {
	wire[0] = gate;
	wire[1] = lane;
	hot.enqueue();
	return wire[0];
};

/** Gives the ticket of a batch; its units are granted by `next` and by the settling of slots. */
const enqueueBatch = (gate, lane, units) => {
	wire[0] = gate;
	wire[1] = lane;
	wire[2] = units;
	hot.enqueueBatch();
	return wire[0];
};

/** Ends what ran in a slot; gives the ticket whose work is to start in it now, negative for none. */
const fulfil = (gate, slot) => {
	wire[0] = gate;
	wire[1] = slot;
	hot.fulfil();
	return wire[0];
};

/** The same where the work failed. */
const reject = (gate, slot) => {
	wire[0] = gate;
	wire[1] = slot;
	hot.reject();
	return wire[0];
};

/** Takes a free slot for who is next; gives the ticket, negative for none. `nextSlot` gives the slot. */
const next = gate => {
	wire[0] = gate;
	hot.next();
	return wire[0];
};

const nextSlot = () => wire[1];

/** How many units of a lane hold a slot. */
const active = (gate, lane) => {
	wire[0] = gate;
	wire[1] = lane;
	hot.active();
	return wire[0];
};

/** How many units of a lane wait for a slot. */
const pending = (gate, lane) => {
	wire[0] = gate;
	wire[1] = lane;
	hot.pending();
	return wire[0];
};

module.exports = {port, ONLINE, OFFLINE, enqueue, enqueueBatch, fulfil, reject, next, nextSlot, active, pending};
