'use strict';

// What single calls are of, as it was given: a limit, a key of keyed limits, or a pool.

const {LANE_NAMES} = require('../common/checks.js');
const {Lane, claimedGate} = require('../limit/lane.js');
const {attributesOf} = require('./otel-metrics.js');
const {textOfKey} = require('./sources.js');

/** By lane: the attributes of calls. They are the same for all calls, and there may be many calls. */
const attributesByLane = labels =>
	Object.fromEntries(LANE_NAMES.map(lane => [lane, Object.freeze(attributesOf({...labels, lane}))]));

class Origin {
	/** @param labels - `{limit}`, `{limit, key}` or `{pool}`. */
	constructor(labels) {
		const {key, ...others} = labels;
		this.isPool = labels.pool !== undefined;
		this.name = labels.limit ?? labels.pool;
		this.attributes = attributesByLane(labels);
		/** Of all keys together. */
		this.attributesWithoutKey = key === undefined ? this.attributes : attributesByLane(others);
	}
}

/** The limit that messages name: the first one of its gate. A limit that was joined by its `name`, or a chain, has another object. */
const firstOf = limit => {
	const internals = Lane.internalsOf(limit);
	return internals === undefined ? limit : claimedGate(internals).limit;
};

/** Returns a function that gives the origin of a call; undefined if it is not among the sources. */
const createOriginOf = ({limits, keyed, pools}) => {
	const known = new WeakMap([
		...limits.map(([limit, source]) => [firstOf(source), new Origin({limit})]),
		...pools.map(([pool, source]) => [source, new Origin({pool})]),
	]);

	/** The limit of a key is there before its first call, so each limit is looked for once. */
	const lookUp = source => {
		for (const [limit, limitsByKey] of keyed) {
			for (const [key, ofKey] of limitsByKey.entries()) {
				if (ofKey === source) {
					return new Origin({limit, key: textOfKey(key)});
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

module.exports = {createOriginOf};
