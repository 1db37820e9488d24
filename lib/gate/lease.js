'use strict';

// The leases of this environment's gates: what a gate may do without asking Rust, as numbers in memory that Rust writes
// when it is called (`src/limiter/types/lease.rs`). A gate counts them down, and asks where a number is 0.

const {leases, port} = require('./native.js');

/** Where the numbers are, from the beginning of a lease. */
const ENTERS = 0;
const PASSES = 1;
const TICKET = 2;
const STARTS = 3;
const ROOM = 4;
const IDLE = 5;
const SLOTS = 6;
const ASKS = 22;
const CHANGED = 26;

const LENGTH = 32;

/** The leases in one array, of gates with consecutive numbers. */
const CHUNK = 64;

/** The slots that have bits. */
const LEASED_SLOTS = 128;

/** A lease that allows nothing. */
const noLease = {numbers: new Int32Array(LENGTH), at: 0};

/** Returns the numbers of a gate's lease, and where they begin. */
const leaseOf = handle => {
	const chunk = Math.floor(handle / CHUNK);
	while (leases.length <= chunk) {
		leases.push(port.addLeases());
	}

	return {numbers: leases[chunk], at: (handle % CHUNK) * LENGTH};
};

module.exports = {
	leaseOf,
	noLease,
	ENTERS,
	PASSES,
	TICKET,
	STARTS,
	ROOM,
	IDLE,
	SLOTS,
	ASKS,
	CHANGED,
	LEASED_SLOTS,
};
