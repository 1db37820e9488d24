'use strict';

// The option `rate`: one rate, or several quotas by name.

const {INT32_MAX, TIMEOUT_MAX, checkObject, checkWhole} = require('../common/checks.js');
const {timeOfDay} = require('../common/time.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');

const rateNames = new OptionNames(['limit', 'interval', 'burst', 'window', 'offset']);

const WINDOWS = ['sliding', 'fixed'];

/** So many quotas may be taken together. */
const MOST_QUOTAS = 8;

/** The shortest interval that the clock can measure, in milliseconds. */
const NANOSECOND = 1e-6;

const ENDLESS = Number.POSITIVE_INFINITY;

/** Throws if an option was given that the rate does not have, for a reason. */
const checkLeftOut = (path, name, value, where) => {
	if (value !== undefined) {
		throw invalid(`${path}.${name}`, `left out ${where}`, value);
	}
};

const readInterval = (path, interval) => {
	const isTimed = typeof interval === 'number' && interval >= NANOSECOND && interval <= TIMEOUT_MAX;
	if (!isTimed && interval !== ENDLESS) {
		throw invalid(
			`${path}.interval`,
			`a number of milliseconds from 0.000001 to ${TIMEOUT_MAX}, or Infinity for a budget`,
			interval,
		);
	}
};

/** Reads a rate. Errors name it by `path`. */
const readOne = (given, path) => {
	checkObject(path, given);
	const {limit, interval, burst, window, offset} = rateNames.read(given, `${path}.`);
	checkWhole(`${path}.limit`, limit, 1);
	readInterval(path, interval);
	if (window !== undefined && !WINDOWS.includes(window)) {
		throw invalid(`${path}.window`, "'sliding' or 'fixed'", window);
	}

	if (interval === ENDLESS) {
		checkLeftOut(path, 'window', window, 'where the `interval` never ends');
		checkLeftOut(path, 'burst', burst, 'where the `interval` never ends');
	} else if (window !== undefined) {
		checkLeftOut(path, 'burst', burst, 'with a `window`, whose whole `limit` may start at once');
	} else if (burst !== undefined) {
		checkWhole(`${path}.burst`, burst, 1);
	}

	if (window !== 'fixed') {
		checkLeftOut(path, 'offset', offset, "without `window: 'fixed'`");
		return {limit, interval, burst, window};
	}

	if (offset !== undefined && !Number.isFinite(offset)) {
		throw invalid(`${path}.offset`, 'a number of milliseconds', offset);
	}

	const rest = (offset ?? 0) % interval;
	return {limit, interval, window, offset: rest < 0 ? rest + interval : rest};
};

/** Whether quotas by name are given: all values are objects, and no name is that of an option. */
const isByName = given => {
	if (typeof given !== 'object' || given === null || Array.isArray(given)) {
		return false;
	}

	const names = Object.keys(given).filter(name => given[name] !== undefined);
	const known = [...rateNames];
	return names.length > 0 && names.every(name => !known.includes(name) && typeof given[name] === 'object');
};

/** Reads a rate, or `{quotas}`: a list of rates with names. */
const readRate = given => {
	if (!isByName(given)) {
		return readOne(given, 'rate');
	}

	const entries = Object.entries(given).filter(([, rate]) => rate !== undefined);
	if (entries.length > MOST_QUOTAS) {
		throw invalid('rate', `one rate, or up to ${MOST_QUOTAS} quotas by name`, given);
	}

	return {quotas: entries.map(([name, rate]) => ({name, ...readOne(rate, `rate.${name}`)}))};
};

/** Converts a rate to Rust's form: it does not know the time of day at which windows begin. */
const nativeRate = rate => {
	if (rate.window !== 'fixed') {
		return rate;
	}

	const {interval, offset} = rate;
	const passed = (timeOfDay() - offset) % interval;
	return {...rate, endsIn: interval - (passed < 0 ? passed + interval : passed)};
};

/** Converts what `readRate` gives to Rust's form, for a new limit. */
const nativeRates = given => {
	const {quotas} = given ?? {};
	return {
		rate: given === undefined || quotas !== undefined ? undefined : nativeRate(given),
		quotas: quotas?.map(nativeRate),
	};
};

/** Returns the rate without what only Rust needs. */
const shownRate = ({limit, interval, burst, window, offset}) => ({
	limit,
	interval,
	...(typeof burst === 'number' ? {burst} : undefined),
	...(typeof window === 'string' ? {window} : undefined),
	...(typeof offset === 'number' && offset > 0 ? {offset} : undefined),
});

/**
 * Reads a cost: a number, or numbers by quota, of which it returns a copy. Whether the quotas are there depends on the
 * limit.
 */
const readCost = (cost, min = 0) => {
	if (typeof cost !== 'object' || cost === null) {
		checkWhole('cost', cost, min, INT32_MAX);
		return cost;
	}

	const entries = Object.entries(cost).filter(([, value]) => value !== undefined);
	for (const [name, value] of entries) {
		checkWhole(`cost.${name}`, value, min, INT32_MAX);
	}

	return Object.fromEntries(entries);
};

module.exports = {nativeRate, nativeRates, rateNames, readCost, readRate, shownRate};
