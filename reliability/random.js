'use strict';

// Chance that a seed decides.

/** Whole numbers from 0 to below a limit (mulberry32). */
const chanceOf = seed => {
	let state = seed;
	return limit => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
	};
};

module.exports = {chanceOf};
