'use strict';

// Whose call it is, in a fair limit: the number by which Rust knows a key of keyed limits (`src/limiter/types/flow.rs`).

/** Numbers are whole ones below this: 53 bits. */
const HIGH = 2 ** 21;
const LOW = 2 ** 32;

/** Objects of several threads get numbers that are most likely not the same. */
let last = Math.floor(Math.random() * HIGH * LOW);

/** Mixes the bits of a 32-bit integer, so that each of them depends on all. */
const mixed = bits => {
	let mix = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
	mix = Math.imul(mix ^ (mix >>> 12), 0x297a2d39);
	return (mix ^ (mix >>> 15)) >>> 0;
};

/** Hashes a text to a number of 53 bits: two hashes with different multipliers, each mixed with the other. */
const hashed = text => {
	let [one, other] = [text.length, ~text.length];
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		one = Math.imul(one ^ code, 0x01000193);
		other = Math.imul(other, 0x5bd1e995) ^ code;
		other ^= other >>> 13;
	}

	const low = mixed(one ^ Math.imul(other, 0x9e3779b1));
	const high = mixed(other ^ Math.imul(low, 0x85ebca6b));
	return (high % HIGH) * LOW + low;
};

/** Returns what names a key in every thread; `undefined` for one that no other thread has. */
const textOf = key => {
	switch (typeof key) {
		case 'object':
			return key === null ? 'null' : undefined;
		case 'function':
			return undefined;
		case 'symbol': {
			const registered = Symbol.keyFor(key);
			return registered === undefined ? undefined : `symbol ${registered}`;
		}
		default:
			return `${typeof key} ${key}`;
	}
};

/**
 * Returns the number of a key. Equal texts and numbers have the same one in all threads, because threads may share a total.
 * Zero is the number of the calls that are of no key.
 */
const flowNumberOf = key => {
	const text = textOf(key);
	if (text !== undefined) {
		return Math.max(1, hashed(text));
	}

	last = (last + 1) % (HIGH * LOW);
	return Math.max(1, last);
};

module.exports = {flowNumberOf};
