'use strict';

// Work that has left a full lane for other work (`overflow: 'drop-oldest'` and `'drop-lowest'`). Rust says which.

const {LANE_NAMES} = require('../common/checks.js');
const {labelled} = require('../common/errors.js');

/** By the number of the overflow in Rust: which call it drops. */
const DROPS = [
	undefined,
	undefined,
	"`overflow: 'drop-oldest'` drops the call that came first",
	"`overflow: 'drop-lowest'` drops the call that would start last",
];

/** Returns the error of a call that has left a full lane, or was not let in there. */
const droppedError = (gate, lane, label) => {
	const {port} = gate.native;
	const most = port.maxQueue(gate.handle, lane);
	const rule = DROPS[port.overflow(gate.handle)];
	const full = `the ${LANE_NAMES[lane]} lane is full, \`maxQueue\` lets ${most} wait in it, and ${rule}`;
	return gate.refusalOf({code: 'ERR_DROPPED', message: `${labelled('the call', label)} was dropped: ${full}`});
};

const drop = (gate, work, lane) => {
	const error = droppedError(gate, lane, work.label);
	if (work.displaced === undefined) {
		work.drop(error);
	} else {
		work.displaced(error); // an item of a stream
	}
};

/** Drops the work that waits under a ticket, of which a message tells. */
const dropTicket = (gate, ticket, lane) => {
	const work = gate.waiting[ticket];
	gate.waiting[ticket] = undefined;
	drop(gate, work, lane);
};

/** Drops all work that Rust says has left. */
const dropDisplaced = gate => {
	const told = gate.native.port.takeDropped(gate.handle);
	const dropped = [];
	for (let index = 0; index < told.length; index += 2) {
		const ticket = told[index];
		dropped.push([gate.waiting[ticket], told[index + 1]]);
		gate.waiting[ticket] = undefined;
	}

	// Last, because `drop` may run code of the user: a new call may get the number of a ticket that has left.
	for (const [work, lane] of dropped) {
		drop(gate, work, lane);
	}
};

/**
 * Throws, as Rust does for a batch, if so many calls of a request could never wait in its lane at once: they come one by one,
 * and would drop each other. No more can start now than there are slots without a call.
 */
const checkFits = (gate, {lane, weight}, calls) => {
	const {active, port} = gate.native;
	const most = port.maxQueue(gate.handle, lane);
	const free = Math.max(0, Math.floor((gate.concurrency - gate.count(active)) / weight));
	if (calls - free > most && !gate.isClosed) {
		gate.countRefused(lane, calls);
		const full = `the ${LANE_NAMES[lane]} lane is full: \`maxQueue\` lets ${most} wait in it`;
		throw Object.assign(new Error(`${full}; wait until it has room (\`ready\`)`), {code: 'ERR_QUEUE_FULL'});
	}
};

module.exports = {checkFits, dropDisplaced, dropTicket, droppedError};
