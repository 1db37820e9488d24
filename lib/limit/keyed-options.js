'use strict';

// The options of `pLimit.keyed`.

const {checkBoolean, checkFunction, checkMillis, checkObject} = require('../common/checks.js');
const {invalid, withOptionPath} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {limitNames} = require('../options/limit-options.js');

/** `name` has a refusal of its own. */
const keyedNames = new OptionNames([...limitNames, 'total', 'fair', 'share', 'options', 'idleTimeout']);

/** Milliseconds. */
const DEFAULT_IDLE_TIMEOUT = 60_000;

const MIN_SHARE = 1e-6;
const MAX_SHARE = 1e6;

const refuseName = (name, path = '') => {
	if ((name ?? undefined) !== undefined) {
		throw invalid(`${path}name`, 'left out: every key has a limit of its own', name);
	}
};

/** Reads what `keyed` takes beside the options of all keys, which are in `common`. */
const readKeyedOptions = given => {
	checkObject('options', given);
	keyedNames.check(given);
	// `null` stays, because p-limit refuses it for its own options.
	const {total, fair, share, options, idleTimeout, ...common} = keyedNames.copy(given);
	const read = {
		common,
		total: total ?? undefined,
		fair: fair ?? false,
		share: share ?? undefined,
		optionsOf: options ?? undefined,
		idleTimeout: idleTimeout ?? DEFAULT_IDLE_TIMEOUT,
	};
	refuseName(common.name);
	if (read.idleTimeout !== Number.POSITIVE_INFINITY) {
		checkMillis('idleTimeout', read.idleTimeout, 1);
	}

	checkBoolean('fair', read.fair);
	if (read.fair && read.total === undefined) {
		throw invalid('fair', 'false or left out without a `total`, for which the keys take turns', fair);
	}

	if (read.share !== undefined) {
		checkFunction('share', share);
		if (!read.fair) {
			throw invalid('share', 'left out without `fair: true`', share);
		}
	}

	if (read.optionsOf !== undefined) {
		checkFunction('options', options);
	}

	return read;
};

/** Returns the share of a key. */
const readShare = (share, key) => {
	const given = share?.(key) ?? 1;
	if (!(typeof given === 'number' && given >= MIN_SHARE && given <= MAX_SHARE)) {
		throw invalid('share(key)', `a number from ${MIN_SHARE.toFixed(6)} to ${MAX_SHARE}`, given);
	}

	return given;
};

/** Makes a limit with the options of one key, which are given beside the common ones. */
const withOwnOptions = (given, common, create) => {
	const options = given ?? {};
	checkObject('options(key)', options);
	limitNames.check(options, 'options(key).');
	refuseName(options.name, 'options(key).');
	const own = Object.fromEntries(Object.entries(limitNames.copy(options)).filter(([, value]) => value !== undefined));
	try {
		return create({...common, ...own});
	} catch (error) {
		throw withOptionPath(error, 'options(key)', options);
	}
};

module.exports = {keyedNames, readKeyedOptions, readShare, withOwnOptions};
