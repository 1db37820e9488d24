'use strict';

// What `util.inspect` and `console.log` show of limits and pools: the numbers that matter, and nothing that could run
// code of the user.

/** Node's symbol for it. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * Returns a method for `INSPECT` that shows a title and fields. It does not use its `this`, which is a proxy if one is
 * shown: its traps would run.
 */
const shownAs = (title, read) => (depth, options, inspect) => {
	if (depth < 0) {
		return options.stylize(`[${title}]`, 'special');
	}

	const inner = {...options, depth: options.depth === null ? null : options.depth - 1};
	return `${title} ${inspect(read(), inner)}`;
};

module.exports = {INSPECT, shownAs};
