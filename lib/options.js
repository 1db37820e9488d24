'use strict';

// What `pLimit` takes, and `with`.

const {
	HIGHEST,
	LONGEST,
	checkBoolean,
	checkFunction,
	checkMillis,
	checkObject,
	checkOfflineShare,
	checkSignal,
	checkWhole,
	isWhole,
	readLane,
} = require('./checks.js');
const {invalid} = require('./errors.js');
const {readRetry} = require('./retry.js');

/** In milliseconds: the shortest interval that the clock can tell. */
const NANOSECOND = 1e-6;

/** Throws p-limit's own error, word for word, for what is no concurrency. */
const checkConcurrency = concurrency => {
	if (!((Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY) && concurrency > 0)) {
		throw new TypeError('Expected `concurrency` to be a number from 1 and up');
	}
};

const checkMost = (name, most) => {
	if (!(most === undefined || most === Number.POSITIVE_INFINITY || isWhole(most, 0))) {
		throw invalid(name, 'a whole number from 0, or Infinity', most);
	}
};

/** How many calls may wait, by lane. */
const readMaxQueue = given => {
	if (typeof given !== 'object' || given === null) {
		checkMost('maxQueue', given);
		return {online: given, offline: given};
	}

	const {online, offline} = given;
	checkMost('maxQueue.online', online);
	checkMost('maxQueue.offline', offline);
	return {online, offline};
};

const checkOneOf = (name, allowed, value) => {
	if (value !== undefined && !allowed.includes(value)) {
		throw invalid(name, allowed.map(one => `'${one}'`).join(' or '), value);
	}
};

const ALGORITHMS = ['latency', 'gradient', 'aimd'];

/** A concurrency that is found instead of given. */
const readAdaptive = given => {
	const {min, max, initial, algorithm, isOverload} = given;
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

/** Whether a concurrency is such an object; p-limit refuses all objects, so at least one option has to be there. */
const isAdaptiveOptions = given =>
	typeof given === 'object' &&
	given !== null &&
	['min', 'max', 'initial', 'algorithm', 'isOverload'].some(name => given[name] !== undefined);

const readRate = given => {
	checkObject('rate', given);
	const {limit, interval, burst} = given;
	checkWhole('rate.limit', limit, 1);
	if (!(typeof interval === 'number' && interval >= NANOSECOND && interval <= LONGEST)) {
		throw invalid('rate.interval', `a number of milliseconds from 0.000001 to ${LONGEST}`, interval);
	}

	if (burst !== undefined) {
		checkWhole('rate.burst', burst, 1);
	}

	return {limit, interval, burst};
};

/** What is given of them, as Rust takes it. */
const givenOf = ({concurrency, adaptive, reserve, offlineShare, maxQueue, overflow, rate}) => ({
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
	overflows: overflow === undefined ? undefined : overflow === 'wait',
	rate,
});

/** The options in full, from a bare number or an object. */
const readOptions = given => {
	const options = typeof given === 'object' && given !== null ? given : {concurrency: given};
	const {rejectOnClear, reserve, offlineShare, maxQueue, overflow, name, nested, rate} = options;
	const isAdaptive = isAdaptiveOptions(options.concurrency);
	const adaptive = isAdaptive ? readAdaptive(options.concurrency) : undefined;
	const concurrency = isAdaptive ? undefined : options.concurrency;
	if (name !== undefined && typeof name !== 'string') {
		throw invalid('name', 'a string', name);
	}

	// Who names a limit that is there already need not say it again.
	if (!isAdaptive && (concurrency !== undefined || name === undefined)) {
		checkConcurrency(concurrency);
	}

	if (!(rejectOnClear === undefined || typeof rejectOnClear === 'boolean')) {
		throw new TypeError('Expected `rejectOnClear` to be a boolean');
	}

	// Beside one that is found, or left out, Rust looks at the rest.
	if (reserve !== undefined && !(isWhole(reserve, 0) && reserve < (concurrency ?? Number.POSITIVE_INFINITY))) {
		const below = concurrency === undefined ? '' : ` to below \`concurrency\` (${concurrency})`;
		throw invalid('reserve', `a whole number from 0${below}`, reserve);
	}

	checkOfflineShare(offlineShare);
	checkOneOf('overflow', ['reject', 'wait'], overflow);
	checkOneOf('nested', ['inherit', 'detect'], nested);

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

/** What `with` takes, beside what was bound before. */
const readTaskOptions = (given, bound) => {
	checkObject('options', given);
	const {lane, priority, weight, cost, signal, queueTimeout, timeout, retry} = given;
	const options = {...bound};
	if (lane !== undefined) {
		options.lane = readLane(lane);
	}

	if (priority !== undefined) {
		checkWhole('priority', priority, -HIGHEST, HIGHEST);
		options.priority = priority;
	}

	if (weight !== undefined) {
		checkWhole('weight', weight, 1, HIGHEST);
		options.weight = weight;
	}

	if (cost !== undefined) {
		checkWhole('cost', cost, 0, HIGHEST);
		options.cost = cost;
	}

	if (signal !== undefined) {
		checkSignal(signal);
		options.signal = signal;
	}

	for (const [name, value] of Object.entries({queueTimeout, timeout})) {
		if (value !== undefined && value !== Number.POSITIVE_INFINITY) {
			checkMillis(name, value, 0);
		}

		if (value !== undefined) {
			options[name] = value === Number.POSITIVE_INFINITY ? undefined : value;
		}
	}

	if (retry !== undefined) {
		options.retry = readRetry(retry);
	}

	return options;
};

/** What `map` takes as its third argument. */
const readMapOptions = given => {
	checkObject('options', given);
	const {signal, stopOnError, shuffle = false} = given;
	if (signal !== undefined) {
		checkSignal(signal);
	}

	if (stopOnError !== undefined) {
		checkBoolean('stopOnError', stopOnError);
	}

	checkBoolean('shuffle', shuffle);
	return {signal, stopOnError, shuffle};
};

/** What `stream` takes as its third argument. */
const readStreamOptions = (given, bound) => {
	checkObject('options', given);
	const {ordered = true, stopOnError = true, highWaterMark, signal = bound.signal} = given;
	checkBoolean('ordered', ordered);
	checkBoolean('stopOnError', stopOnError);
	if (highWaterMark !== undefined) {
		checkWhole('highWaterMark', highWaterMark, 0);
	}

	if (signal !== undefined) {
		checkSignal(signal);
	}

	return {ordered, stopOnError, highWaterMark, signal};
};

module.exports = {
	checkConcurrency,
	givenOf,
	readMapOptions,
	readOptions,
	readRate,
	readStreamOptions,
	readTaskOptions,
};
