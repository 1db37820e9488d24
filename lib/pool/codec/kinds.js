'use strict';

// The kinds of payloads: the number that travels with a payload tells how to decode it.

const kinds = {
	nothing: 0,
	json: 1,
	text: 2,
	bytes: 3,
	clone: 4,
	cloneWithErrors: 5,
	port: 6,
	bundle: 7,
	bundleOfNothing: 8,
	bundleOfKinds: 9,
	/** Text that V8 stores with a byte for each character. Rust knows this number. */
	oneByteText: 10,
	/** The pieces of a deep value and the records of its errors. */
	pieces: 11,
	/** The symbol `skip`. */
	skip: 12,
};

module.exports = {kinds};
