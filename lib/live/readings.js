'use strict';

// All numbers of what is exported, at one moment.

const {KEYED_FAMILIES, LIMIT_FAMILIES, POOL_FAMILIES} = require('./families.js');
const {textOfKey} = require('./sources.js');

/** The limits of keyed limits by the text of their keys, up to a number of them. Of keys that look alike, as 1 and '1', it is the first. */
const limitsByKey = (keyed, maxKeys) => {
	const limits = new Map();
	for (const [key, limit] of keyed.entries()) {
		if (limits.size === maxKeys) {
			break;
		}

		const text = textOfKey(key);
		if (!limits.has(text)) {
			limits.set(text, limit);
		}
	}

	return limits;
};

/**
 * Reads each limit and pool once. Gives the snapshots, the families that read their values in them, and what they are of: `limit`,
 * perhaps a `key`, or `pool`.
 */
const readAll = function* ({limits, keyed, pools}, maxKeys) {
	for (const [limit, source] of limits) {
		yield {families: LIMIT_FAMILIES, snapshot: source.snapshot(), labels: {limit}};
	}

	for (const [limit, source] of keyed) {
		yield {families: KEYED_FAMILIES, snapshot: source, labels: {limit}};
		for (const [key, ofKey] of limitsByKey(source, maxKeys)) {
			yield {families: LIMIT_FAMILIES, snapshot: ofKey.snapshot(), labels: {limit, key}};
		}
	}

	for (const [pool, source] of pools) {
		yield {families: POOL_FAMILIES, snapshot: source.snapshot(), labels: {pool}};
	}
};

/** How many keys are exported by default. */
const DEFAULT_MAX_KEYS = 100;

module.exports = {DEFAULT_MAX_KEYS, readAll};
