'use strict';

// The hot calls of the WebAssembly module. The wire that the shim sees is memory of JavaScript: that of the module is
// detached whenever it grows. So a call copies the few numbers that it takes and gives.

/** The numbers on the wire; see `src/port/hot_calls.rs`. */
const INTS = 16;
const REALS = 6;

const createHotCalls = instance => {
	const {exports, wire} = instance;
	const ints = new Int32Array(INTS);
	const reals = new Float64Array(REALS);
	let theirInts;
	let theirReals;
	instance.view(buffer => {
		theirInts = new Int32Array(buffer, wire, INTS);
		theirReals = new Float64Array(buffer, wire + INTS * Int32Array.BYTES_PER_ELEMENT, REALS);
	});

	const check = failed => {
		if (failed !== 0) {
			throw instance.failure();
		}
	};

	/** Takes a gate and a lane or slot. Gives a place, or what starts next, and what to do then. */
	const pair = call => () => {
		theirInts[0] = ints[0];
		theirInts[1] = ints[1];
		check(call());
		ints[0] = theirInts[0];
		ints[1] = theirInts[1];
	};

	/** Takes and gives all. */
	const whole = call => () => {
		theirInts.set(ints);
		theirReals.set(reals);
		check(call());
		ints.set(theirInts);
		reals.set(theirReals);
	};

	/** There are no shared gates, so there are no messages. */
	const none = () => {
		ints[0] = -1;
		ints[1] = 0;
	};

	// Those that every task makes are written out: an engine compiles each by what it calls.
	return {
		ints,
		reals,
		enqueue() {
			theirInts[0] = ints[0];
			theirInts[1] = ints[1];
			check(exports.enqueue());
			ints[0] = theirInts[0];
			ints[1] = theirInts[1];
		},
		enterLine() {
			theirInts[0] = ints[0];
			check(exports.enterLine());
			ints[0] = theirInts[0];
			ints[1] = theirInts[1];
			ints[2] = theirInts[2];
		},
		enqueueRequest: whole(exports.enqueueRequest),
		enqueueBatch: whole(exports.enqueueBatch),
		roomIn: whole(exports.roomIn),
		fulfil() {
			theirInts[0] = ints[0];
			theirInts[1] = ints[1];
			check(exports.fulfil());
			ints[0] = theirInts[0];
			ints[1] = theirInts[1];
		},
		reject: pair(exports.reject),
		overload: pair(exports.overload),
		next() {
			theirInts[0] = ints[0];
			check(exports.next());
			ints[0] = theirInts[0];
			ints[1] = theirInts[1];
		},
		active: pair(exports.active),
		pending: pair(exports.pending),
		createGate: whole(exports.createGate),
		dropGate: pair(exports.dropGate),
		concurrency: whole(exports.concurrency),
		setConcurrency: whole(exports.setConcurrency),
		takeMessage: none,
		expectsMessages: none,
		gateWithMessages: none,
	};
};

module.exports = {createHotCalls};
