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

/** In place of a slot or a ticket: Rust has to be asked. */
const ASK = -1;

/**
 * The lease of one gate. Each method takes what it returns: Rust counts it when it ends the lease.
 *
 * The memory of WebAssembly is detached when it grows. What is read there is `undefined` then, which is not above 0: a
 * detached lease allows nothing.
 */
class Lease {
	/** The numbers, and where those of this lease begin. */
	#numbers;
	#at;

	constructor(numbers, at) {
		this.#numbers = numbers;
		this.#at = at;
	}

	get isDetached() {
		return this.#numbers.length === 0;
	}

	/** Whether a plain call of the online lane may join the line. */
	takePlace() {
		const numbers = this.#numbers;
		const at = this.#at;
		if (!(numbers[at + ENTERS] > 0)) {
			return false;
		}

		numbers[at + ENTERS]--;
		return true;
	}

	/** Returns a slot in which such a call may start, or `ASK`. */
	takeIdle() {
		const numbers = this.#numbers;
		const at = this.#at;
		if (!(numbers[at + IDLE] > 0) || numbers[at + STARTS] === 0) {
			return ASK;
		}

		numbers[at + STARTS]--;
		numbers[at + ROOM]++;
		const slot = numbers[at + SLOTS + --numbers[at + IDLE]];
		this.#changed(slot);
		return slot;
	}

	/** Returns the ticket of which the next unit gets a slot whose work has ended, or `ASK`. */
	takePass(slot) {
		const numbers = this.#numbers;
		const at = this.#at;
		if (!(numbers[at + PASSES] > 0) || this.#asksFor(slot)) {
			return ASK;
		}

		numbers[at + PASSES]--;
		this.#changed(slot);
		return numbers[at + TICKET];
	}

	/** Makes a slot idle whose work has ended. Returns whether that is allowed. */
	makeIdle(slot) {
		const numbers = this.#numbers;
		const at = this.#at;
		if (!(numbers[at + ROOM] > 0) || this.#asksFor(slot)) {
			return false;
		}

		numbers[at + ROOM]--;
		numbers[at + SLOTS + numbers[at + IDLE]++] = slot;
		return true;
	}

	/** Whether the end of the work in a slot has to be asked for. */
	#asksFor(slot) {
		return slot >= LEASED_SLOTS || (this.#numbers[this.#at + ASKS + (slot >>> 5)] & (1 << (slot & 31))) !== 0;
	}

	/** Other work has the slot now. */
	#changed(slot) {
		this.#numbers[this.#at + CHANGED + (slot >>> 5)] |= 1 << (slot & 31);
	}
}

/** A lease that allows nothing. */
const noLease = new Lease(new Int32Array(LENGTH), 0);

/** Returns the lease of a gate. */
const leaseOf = handle => {
	const chunk = Math.floor(handle / CHUNK);
	while (leases.length <= chunk) {
		leases.push(port.addLeases());
	}

	return new Lease(leases[chunk], (handle % CHUNK) * LENGTH);
};

module.exports = {leaseOf, noLease};
