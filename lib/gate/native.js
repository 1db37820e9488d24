'use strict';

// The Rust side: the port of this environment, and its hot calls, whose numbers are passed on the wire.

const {kind, Port} = require('../binding/binding.js');

const port = new Port();
const hot = port.hotCalls();
const {ints, reals} = hot;

/** Bits of a request: the slot that it is made in is lent to it; it is of a flow. */
const LENDS = 1;
const OF_FLOW = 2;

/**
 * The arrays of the leases, of 64 gates each. Rust may write there in any call of a gate, so they live as long as calls
 * can be made.
 */
const leases = [];
/** They are replaced in this list when the memory of WebAssembly has grown. */
port.leases = leases;
hot.leases = leases;

/** Whether Rust has threads here: one watches the time for shared gates, which are those that all threads can reach. */
const hasThreads = kind !== 'wasm';

/** The numbers of the lanes in Rust. */
const ONLINE = 0;
const OFFLINE = 1;

/** The numbers of the causes for which work is given up: its queue was cleared, its signal aborted, it took too long. */
const CLEARED = 0;
const ABORTED = 1;
const TIMED_OUT = 2;

/** In place of a ticket: there is none, and nothing runs. Other negative numbers mean no ticket. */
const IDLE = -2;

/**
 * In place of a ticket: the work in the slot makes its next attempt. Numbers below it: work has left a full lane, and
 * `port.takeDropped` returns which.
 */
const ATTEMPT = -3;

/** Returns the slot of a call that runs now, or the complement (negative) of the ticket that it waits under. */
const enqueue = (gate, lane) => {
	ints[0] = gate;
	ints[1] = lane;
	hot.enqueue();
	return ints[0];
};

/**
 * Does the same for a plain call of the online lane. If it is queued, `isInLine` returns whether the ticket is that of the
 * gate's line.
 */
const enterLine = gate => {
	ints[0] = gate;
	hot.enterLine();
	return ints[0];
};

const isInLine = () => ints[2] === 1;

/** In place of a slot: none. */
const NO_SLOT = -1;

/** A bit in place of whether a slot is lent: the call takes no place in a queue. */
const TRY = 4;

/** Stands for a cost that is equal to the weight. */
const COST_IS_WEIGHT = -1;

/** In place of a cost: there is one for each quota. */
const COST_BY_QUOTA = -2;

/** In place of a quota: each. */
const EACH_QUOTA = -1;

/** Where the costs of the quotas begin. */
const COSTS = 8;

const writeRequest = (gate, {lane, priority, weight, cost, costs, flow}, outer, lends) => {
	ints[0] = gate;
	ints[1] = lane;
	ints[2] = priority;
	ints[3] = weight;
	ints[4] = cost;
	ints[5] = outer;
	ints[7] = lends ? LENDS : 0;
	if (costs !== undefined) {
		ints[4] = COST_BY_QUOTA;
		ints.fill(COST_IS_WEIGHT, COSTS);
		ints.set(costs, COSTS);
	}

	if (flow !== undefined) {
		ints[7] |= OF_FLOW;
		reals[0] = flow.number;
		reals[1] = flow.share;
	}
};

/**
 * Does the same for a call with a priority, weight or cost. `outer` is the slot that it is made in; `lends` tells whether
 * that slot is lent to it.
 */
const enqueueRequest = (gate, request, outer = NO_SLOT, lends = false) => {
	writeRequest(gate, request, outer, lends);
	hot.enqueueRequest();
	return ints[0];
};

/** Returns the slot of a call that runs now; negative if it has to wait, and then nothing has changed. `followUp`: as for `fulfil`. */
const tryRequest = (gate, request) => {
	writeRequest(gate, request, NO_SLOT, false);
	ints[7] |= TRY;
	hot.enqueueRequest();
	return ints[0];
};

/** Returns the ticket of a batch. Its units get slots from `next` and from slots that settle. */
const enqueueBatch = (gate, request, units, outer = NO_SLOT, lends = false) => {
	writeRequest(gate, request, outer, lends);
	ints[6] = units;
	hot.enqueueBatch();
	return ints[0];
};

/**
 * In how many milliseconds a call would start at once, or could wait in its lane, if nothing else happens: 0 for now,
 * `Infinity` if time alone does not allow it. `lender` is the slot that is lent to it.
 */
const roomIn = (gate, request, lender = NO_SLOT) => {
	writeRequest(gate, request, lender, lender !== NO_SLOT);
	hot.roomIn();
	return reals[0];
};

/**
 * Ends the work in a slot. Returns the ticket whose work starts there now; negative for none. Then `followUp` returns
 * what else is to be done.
 */
const fulfil = (gate, slot) => {
	ints[0] = gate;
	ints[1] = slot;
	hot.fulfil();
	return ints[0];
};

/** Does the same for work that failed. */
const reject = (gate, slot) => {
	ints[0] = gate;
	ints[1] = slot;
	hot.reject();
	return ints[0];
};

/** Does the same for work that failed because a resource that it uses is overloaded. */
const overload = (gate, slot) => {
	ints[0] = gate;
	ints[1] = slot;
	hot.overload();
	return ints[0];
};

/** Returns what is to be done after `enqueue`, `fulfil` or `reject`: 0 for nothing, or the bits below. */
const followUp = () => ints[1];

/** Call `next`, as other work may start; messages will come for work that waits; there are messages now. */
const MORE = 1;
const EXPECTS_MESSAGES = 2;
const HAS_MESSAGES = 4;

/**
 * Gives a free slot to the next ticket, or lets an attempt begin. Returns the ticket, `ATTEMPT` or below, or another negative
 * number for none of these. `nextSlot` returns the slot.
 */
const next = gate => {
	ints[0] = gate;
	hot.next();
	return ints[0];
};

const nextSlot = () => ints[1];

/** Returns, after `next` found no ticket, whether time alone may let work start. `port.wakesIn` returns when. */
const isTimed = () => ints[1] === 1;

/** Returns the handle of a gate with messages that came since this last returned it; negative if there is none. */
const gateWithMessages = () => {
	hot.gateWithMessages();
	return ints[0];
};

/**
 * Takes the oldest message of a shared gate and returns its kind; negative if there is none. Read `messageTicket` and
 * `messageSlot` before any other call.
 */
const takeMessage = gate => {
	ints[0] = gate;
	hot.takeMessage();
	return ints[0];
};

/** Returns, after `takeMessage` found none, whether messages will come whatever this thread does. */
const expectsMessages = () => ints[1] === 1;

/** Returns the same at any time. */
const expectsMessagesNow = gate => {
	ints[0] = gate;
	hot.expectsMessages();
	return expectsMessages();
};

const messageTicket = () => ints[1];
const messageSlot = () => ints[2];

const active = (gate, lane) => {
	ints[0] = gate;
	ints[1] = lane;
	hot.active();
	return ints[0];
};

const pending = (gate, lane) => {
	ints[0] = gate;
	ints[1] = lane;
	hot.pending();
	return ints[0];
};

/** Creates a gate and returns its number. `undefined` is Rust's default. Throws what Rust refuses. */
const createGate = (concurrency, reserve, offlineShare, maxOnline, maxOffline, overflow = 0) => {
	reals[0] = concurrency;
	reals[1] = reserve;
	reals[2] = offlineShare;
	reals[3] = maxOnline;
	reals[4] = maxOffline;
	reals[5] = overflow;
	hot.createGate();
	return ints[0];
};

/** Drops a gate that no caller can reach any more, with all its tickets. */
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
	leases,
	hasThreads,
	createGate,
	dropGate,
	concurrencyOf,
	setConcurrency,
	ONLINE,
	OFFLINE,
	CLEARED,
	ABORTED,
	TIMED_OUT,
	IDLE,
	ATTEMPT,
	NO_SLOT,
	COST_IS_WEIGHT,
	EACH_QUOTA,
	enqueue,
	enterLine,
	isInLine,
	enqueueBatch,
	enqueueRequest,
	roomIn,
	tryRequest,
	fulfil,
	reject,
	overload,
	followUp,
	MORE,
	EXPECTS_MESSAGES,
	HAS_MESSAGES,
	gateWithMessages,
	takeMessage,
	expectsMessages,
	expectsMessagesNow,
	messageTicket,
	messageSlot,
	next,
	nextSlot,
	isTimed,
	active,
	pending,
};
