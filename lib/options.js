'use strict';

// What `pLimit` takes, and `with`.

const {
	checkBoolean,
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

const HIGHEST = 2 ** 31 - 1;

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

/** The options in full, from a bare number or an object. */
const readOptions = given => {
	const options = typeof given === 'object' && given !== null ? given : {concurrency: given};
	const {concurrency, rejectOnClear, reserve, offlineShare, maxQueue, overflow, name, nested} = options;
	if (name !== undefined && typeof name !== 'string') {
		throw invalid('name', 'a string', name);
	}

	// Who names a limit that is there already need not say it again.
	if (concurrency !== undefined || name === undefined) {
		checkConcurrency(concurrency);
	}

	if (!(rejectOnClear === undefined || typeof rejectOnClear === 'boolean')) {
		throw new TypeError('Expected `rejectOnClear` to be a boolean');
	}

	const most = concurrency ?? Number.POSITIVE_INFINITY;
	if (reserve !== undefined && !(Number.isInteger(reserve) && reserve >= 0 && reserve < most)) {
		throw invalid('reserve', `a whole number from 0 to below \`concurrency\` (${most})`, reserve);
	}

	checkOfflineShare(offlineShare);
	checkOneOf('overflow', ['reject', 'wait'], overflow);
	checkOneOf('nested', ['inherit', 'detect'], nested);

	return {
		concurrency,
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
	const {lane, priority, weight, signal, queueTimeout, timeout, retry} = given;
	const options = {...bound};
	if (lane !== undefined) {
		options.lane = readLane(lane);
	}

	if (priority !== undefined) {
		if (!isWhole(priority, -HIGHEST, HIGHEST)) {
			throw invalid('priority', `a whole number from ${-HIGHEST} to ${HIGHEST}`, priority);
		}

		options.priority = priority;
	}

	if (weight !== undefined) {
		if (!isWhole(weight, 1, HIGHEST)) {
			throw invalid('weight', `a whole number from 1 to ${HIGHEST}`, weight);
		}

		options.weight = weight;
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

module.exports = {checkConcurrency, readMapOptions, readOptions, readStreamOptions, readTaskOptions};
