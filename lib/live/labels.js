'use strict';

// Under which names the limits and pools of calls are exported.

const {Lane} = require('../limit/lane.js');
const {textOfKey} = require('./sources.js');

/** The limit that messages name: the first one of its gate. A limit that was joined by its `name`, or a chain, has another object. */
const firstOf = limit => Lane.internalsOf(limit)?.gate.limit ?? limit;

/** Returns a function that gives the names of what a call is of: `{limit}`, `{limit, key}` or `{pool}`, or undefined. */
const createLabelsOf = ({limits, keyed, pools}) => {
	const known = new WeakMap();
	for (const [name, limit] of limits) {
		known.set(firstOf(limit), {limit: name});
	}

	for (const [name, pool] of pools) {
		known.set(pool, {pool: name});
	}

	/** The limit of a key is there before its first call, so each limit is looked for once. */
	const lookUp = limit => {
		for (const [name, source] of keyed) {
			for (const [key, ofKey] of source.entries()) {
				if (ofKey === limit) {
					return {limit: name, key: textOfKey(key)};
				}
			}
		}

		return undefined;
	};

	return ({limit, pool}) => {
		const source = pool ?? limit;
		if (source !== undefined && !known.has(source)) {
			known.set(source, lookUp(source));
		}

		return known.get(source);
	};
};

module.exports = {createLabelsOf};
