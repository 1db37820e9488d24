'use strict';

// The options of `pLimit`.

const {TIMEOUT_MAX, checkFunction, checkOfflineShare, checkWhole, isWhole} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {taskNames} = require('./call-options.js');
const {nativeRates, readRate} = require('./rate-options.js');

const limitNames = new OptionNames([
	'concurrency',
	'rate',
	'rejectOnClear',
	'reserve',
	'offlineShare',
	'maxQueue',
	'overflow',
	'name',
	'nested',
	...taskNames, // the defaults of its calls
]);

const adaptiveNames = new OptionNames(['min', 'max', 'initial', 'algorithm', 'isOverload']);

const reserveNames = new OptionNames(['wait']);

const maxQueueNames = new OptionNames(['online', 'offline']);

/** The shortest interval that the clock can measure, in milliseconds. */
const NANOSECOND = 1e-6;

/** Throws p-limit's own error, word for word, if the value is not a concurrency. */
const checkConcurrency = concurrency => {
	if (!((Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY) && concurrency > 0)) {
		throw new TypeError('Expected `concurrency` to be a number from 1 and up');
	}
};

const checkQueueLimit = (name, limit) => {
	if (!(limit === undefined || limit === Number.POSITIVE_INFINITY || isWhole(limit, 0))) {
		throw invalid(name, 'a whole number from 0, or Infinity', limit);
	}
};

const readMaxQueue = given => {
	if (typeof given !== 'object' || given === null) {
		checkQueueLimit('maxQueue', given);
		return {online: given, offline: given};
	}

	const {online, offline} = maxQueueNames.read(given, 'maxQueue.');
	checkQueueLimit('maxQueue.online', online);
	checkQueueLimit('maxQueue.offline', offline);
	return {online, offline};
};

const checkOneOf = (name, allowed, value) => {
	if (value !== undefined && !allowed.includes(value)) {
		throw invalid(name, allowed.map(one => `'${one}'`).join(' or '), value);
	}
};

/** By their numbers in Rust. */
const OVERFLOWS = ['reject', 'wait', 'drop-oldest', 'drop-lowest'];

/** Returns the overflow of a number of Rust. */
const overflowOf = number => OVERFLOWS[number];

/** Returns the number of an overflow in Rust; `undefined` if it was not given. */
const overflowNumber = overflow => (overflow === undefined ? undefined : OVERFLOWS.indexOf(overflow));

const ALGORITHMS = ['latency', 'gradient', 'aimd'];

const readAdaptive = given => {
	const {min, max, initial, algorithm, isOverload} = adaptiveNames.read(given, 'concurrency.');
	for (const [name, value] of Object.entries({min, max, initial})) {
		if (value !== undefined) {
			checkWhole(`concurrency.${name}`, value, 1);
		}
	}

	checkOneOf('concurrency.algorithm', ALGORITHMS, algorithm);
	if (isOverload !== undefined) {
		checkFunction('concurrency.isOverload', isOverload);
	}

	return {min, max, initial, algorithm, isOverload};
};

/**
 * Returns whether a concurrency is adaptive. p-limit refuses all objects, so at least one option must be set. An unknown
 * one counts, so that it is refused by its name.
 */
const isAdaptiveOptions = given =>
	typeof given === 'object' &&
	given !== null &&
	!Array.isArray(given) &&
	[...adaptiveNames, ...Object.keys(given)].some(name => (given[name] ?? undefined) !== undefined);

/** Returns a reserve in Rust's form: a number of slots; below 0, the promised milliseconds; Infinity for 'auto'. */
const readReserve = (given, concurrency) => {
	if (given === undefined) {
		return undefined;
	}

	if (given === 'auto') {
		return Number.POSITIVE_INFINITY;
	}

	if (typeof given === 'object') {
		const {wait} = reserveNames.read(given, 'reserve.');
		if (!(typeof wait === 'number' && wait >= NANOSECOND && wait <= TIMEOUT_MAX)) {
			throw invalid('reserve.wait', `a number of milliseconds from 0.000001 to ${TIMEOUT_MAX}`, wait);
		}

		return -wait;
	}

	// If the concurrency is adaptive or left out, Rust checks the upper bound.
	if (!(isWhole(given, 0) && given < (concurrency ?? Number.POSITIVE_INFINITY))) {
		const below = concurrency === undefined ? '' : ` to below \`concurrency\` (${concurrency})`;
		throw invalid('reserve', `a whole number from 0${below}, 'auto' or {wait}`, given);
	}

	return given;
};

/** Converts the options to Rust's form. */
const nativeOptions = ({concurrency, adaptive, reserve, offlineShare, maxQueue, overflow, rate}) => ({
	concurrency,
	adaptive: adaptive && {
		min: adaptive.min,
		max: adaptive.max,
		initial: adaptive.initial,
		algorithm: adaptive.algorithm === undefined ? undefined : ALGORITHMS.indexOf(adaptive.algorithm),
	},
	reserve,
	offlineShare,
	maxOnline: maxQueue?.online,
	maxOffline: maxQueue?.offline,
	overflow: overflowNumber(overflow),
	...nativeRates(rate),
});

/** Reads a bare number or an object. Options that were not given stay `undefined`. */
const readOptions = given => {
	const isObject = typeof given === 'object' && given !== null;
	const options = isObject ? given : {concurrency: given};
	if (isObject) {
		limitNames.checkNear(options); // p-limit ignores what it does not know
	}

	const {rejectOnClear} = options;
	// p-limit refuses `null` for its own options. For all others it stands for an option that is not given.
	const givenReserve = options.reserve ?? undefined;
	const offlineShare = options.offlineShare ?? undefined;
	const maxQueue = options.maxQueue ?? undefined;
	const overflow = options.overflow ?? undefined;
	const name = options.name ?? undefined;
	const nested = options.nested ?? undefined;
	const rate = options.rate ?? undefined;
	const isAdaptive = isAdaptiveOptions(options.concurrency);
	const adaptive = isAdaptive ? readAdaptive(options.concurrency) : undefined;
	const concurrency = isAdaptive ? undefined : options.concurrency;
	if (name !== undefined && typeof name !== 'string') {
		throw invalid('name', 'a string', name);
	}

	// A caller that joins an existing limit by its name may leave the concurrency out.
	if (!isAdaptive && (concurrency !== undefined || name === undefined)) {
		checkConcurrency(concurrency);
	}

	if (!(rejectOnClear === undefined || typeof rejectOnClear === 'boolean')) {
		throw new TypeError('Expected `rejectOnClear` to be a boolean');
	}

	const reserve = readReserve(givenReserve, concurrency);
	checkOfflineShare(offlineShare);
	checkOneOf('overflow', OVERFLOWS, overflow);
	if (nested === 'inherit') {
		throw invalid('nested', "'lend' or 'detect' ('lend' is what replaces 'inherit', which was no limit)", nested);
	}

	checkOneOf('nested', ['lend', 'detect'], nested);

	return {
		concurrency,
		adaptive,
		rate: rate === undefined ? undefined : readRate(rate),
		rejectOnClear,
		reserve,
		offlineShare,
		maxQueue: maxQueue === undefined ? undefined : readMaxQueue(maxQueue),
		overflow,
		name,
		nested,
	};
};

/** Returns those of the options that are defaults of the limit's calls; `undefined` if there are none. */
const pickDefaults = given =>
	typeof given === 'object' && given !== null && taskNames.areIn(given) ? taskNames.pick(given) : undefined;

module.exports = {
	adaptiveNames,
	checkConcurrency,
	limitNames,
	maxQueueNames,
	nativeOptions,
	overflowNumber,
	overflowOf,
	pickDefaults,
	reserveNames,
	readMaxQueue,
	readOptions,
	readReserve,
};
