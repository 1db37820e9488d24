'use strict';

// The options that all entries of this room take: which limits and pools to show, and under which names.

const {checkObject} = require('../common/checks.js');
const {InvalidArgError, invalid, shown} = require('../common/errors.js');

/** The names of the options, for the `OptionNames` of each entry. */
const sourceNames = ['limits', 'pools'];

const isLimit = value => typeof value === 'function' && typeof value.snapshot === 'function' && 'pendingCount' in value;

/** What `pLimit.keyed` returns. */
const isKeyed = value => typeof value === 'function' && typeof value.entries === 'function' && 'total' in value;

const isPool = value => typeof value?.snapshot === 'function' && typeof value.maxThreads === 'number';

/** Returns the entries of an object that holds what is to be shown, by name. */
const readNamed = (option, given, isRight, allowed) => {
	if (given === undefined) {
		return [];
	}

	checkObject(option, given);
	const entries = Object.entries(given);
	for (const [name, value] of entries) {
		if (name === '') {
			throw new InvalidArgError(`a name in \`${option}\` must be a string that is not empty, got ''`);
		}

		if (!isRight(value)) {
			throw invalid(`${option}.${name}`, allowed, value);
		}
	}

	return entries;
};

/**
 * Reads `limits` and `pools`. Returns three lists of names and what they stand for, one for each kind.
 *
 * @throws {InvalidArgError} Something in them is of the wrong kind, or nothing is in them.
 */
const readSources = ({limits, pools}) => {
	const named = readNamed(
		'limits',
		limits,
		value => isLimit(value) || isKeyed(value),
		'a limit, or what `pLimit.keyed` returns',
	);
	const sources = {
		limits: named.filter(([, value]) => isLimit(value)),
		keyed: named.filter(([, value]) => !isLimit(value)),
		pools: readNamed('pools', pools, isPool, 'a `Pool`'),
	};
	if (named.length + sources.pools.length === 0) {
		throw new InvalidArgError('there is nothing to show: give `limits` or `pools`, such as {limits: {api}}');
	}

	return sources;
};

const MAX_KEY_LENGTH = 200;

/** Returns a key of keyed limits as text. It may be anything. */
const textOfKey = key => (typeof key === 'string' ? key.slice(0, MAX_KEY_LENGTH) : shown(key));

module.exports = {readSources, sourceNames, textOfKey};
