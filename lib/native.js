'use strict';

// The Rust side: this environment's port, and its hot calls with their numbers put on the wire.

const {Port} = require('../binding.js');

const port = new Port();
const hot = port.hotCalls();
const {ints, reals} = hot;

/** The lanes by the numbers that Rust knows them by. */
const ONLINE = 0;
const OFFLINE = 1;

/** In place of a ticket: there is none, and nothing runs either. Any other negative number is no ticket. */
const IDLE = -2;

/** Gives the slot of a call that runs now, or the complement (negative) of the ticket it waits under. */
const enqueue = (gate, lane) => {
	ints[0] = gate;
	ints[1] = lane;
	hot.enqueue();
	return ints[0];
};

const request = (gate, {lane, priority, weight, cost}, outer) => {
	ints[0] = gate;
	ints[1] = lane;
	ints[2] = priority;
	ints[3] = weight;
	ints[4] = cost;
	ints[5] = outer;
};

/** The same for what has a priority or a weight, or is made by what runs in a slot, negative for none. */
const enqueueRequest = (gate, asked, outer) => {
	request(gate, asked, outer);
	hot.enqueueRequest();
	return ints[0];
};

/** Gives the ticket of a batch; its units are granted by `next` and by the settling of slots. */
const enqueueBatch = (gate, asked, outer, units) => {
	request(gate, asked, outer);
	ints[6] = units;
	hot.enqueueBatch();
	return ints[0];
};

/**
 * Ends what ran in a slot; gives the ticket whose work is to start in it now, negative for none. `followUp` tells what
 * is to be done then.
 */
const fulfil = (gate, slot) => {
	ints[0] = gate;
	ints[1] = slot;
	hot.fulfil();
	return ints[0];
};

/** The same where the work failed. */
const reject = (gate, slot) => {
	ints[0] = gate;
	ints[1] = slot;
	hot.reject();
	return ints[0];
};

/** The same where the work failed as what it uses has too much to do. */
const overload = (gate, slot) => {
	ints[0] = gate;
	ints[1] = slot;
	hot.overload();
	return ints[0];
};

/** After `enqueue`, `fulfil` and `reject`, in one number: 0, or what is still to be done. */
const followUp = () => ints[1];

/** Bits of that: `next` is to be asked for others; letters will come for what waits; there are letters now. */
const MORE = 1;
const AWAITS_LETTERS = 2;
const HAS_LETTERS = 4;

/** Takes a free slot for who is next; gives the ticket, negative for none. `nextSlot` gives the slot. */
const next = gate => {
	ints[0] = gate;
	hot.next();
	return ints[0];
};

const nextSlot = () => ints[1];

/** After `next` has given nothing: whether time alone may let somebody start, which `port.wakesIn` tells. */
const isTimed = () => ints[1] === 1;

/** Gives the number of a shared gate that has got letters since it was given last; negative where there is none. */
const gateWithLetters = () => {
	hot.gateWithLetters();
	return ints[0];
};

/**
 * Takes the oldest letter of a shared gate; gives its kind, negative where there is none. The others give what it
 * names, before any other call.
 */
const letter = gate => {
	ints[0] = gate;
	hot.letter();
	return ints[0];
};

/** After `letter` has given none: whether some will come, whatever this thread does. */
const awaitsLetters = () => ints[1] === 1;

/** The same at any time. */
const awaitsLettersNow = gate => {
	ints[0] = gate;
	hot.awaitsLetters();
	return awaitsLetters();
};

const letterTicket = () => ints[1];
const letterSlot = () => ints[2];

/** How many units of a lane hold a slot. */
const active = (gate, lane) => {
	ints[0] = gate;
	ints[1] = lane;
	hot.active();
	return ints[0];
};

/** How many units of a lane wait for a slot. */
const pending = (gate, lane) => {
	ints[0] = gate;
	ints[1] = lane;
	hot.pending();
	return ints[0];
};

/** Makes a gate and gives its number; `undefined` is Rust's default. Throws what Rust refuses. */
const createGate = (concurrency, reserve, offlineShare, mostOnline, mostOffline, overflows) => {
	reals[0] = concurrency;
	reals[1] = reserve;
	reals[2] = offlineShare;
	reals[3] = mostOnline;
	reals[4] = mostOffline;
	reals[5] = overflows ? 1 : 0;
	hot.createGate();
	return ints[0];
};

/** Forgets a gate that nobody can call any more, with all its tickets. */
const dropGate = gate => {
	ints[0] = gate;
	hot.dropGate();
};

const concurrencyOf = gate => {
	ints[0] = gate;
	hot.concurrency();
	return reals[0];
};

const setConcurrency = (gate, concurrency) => {
	ints[0] = gate;
	reals[0] = concurrency;
	hot.setConcurrency();
};

module.exports = {
	port,
	createGate,
	dropGate,
	concurrencyOf,
	setConcurrency,
	ONLINE,
	OFFLINE,
	IDLE,
	enqueue,
	enqueueBatch,
	enqueueRequest,
	fulfil,
	reject,
	overload,
	followUp,
	MORE,
	AWAITS_LETTERS,
	HAS_LETTERS,
	gateWithLetters,
	letter,
	awaitsLetters,
	awaitsLettersNow,
	letterTicket,
	letterSlot,
	next,
	nextSlot,
	isTimed,
	active,
	pending,
};
