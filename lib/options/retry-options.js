'use strict';

// When a task is run again, and how long it waits before that.

const {TIMEOUT_MAX, checkBoolean, checkFunction, checkMillis, checkWhole} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {checkSignal} = require('../common/signals.js');

const retryNames = new OptionNames(
	[
		'retries',
		'factor',
		'minTimeout',
		'maxTimeout',
		'maxRetryTime',
		'randomize',
		'shouldRetry',
		'onFailedAttempt',
		'signal',
		'retryAfter',
		'maxRetryAfter',
		'scope',
	],
	{
		// Those of p-retry that are not here.
		shouldConsumeRetry: 'every retry counts',
		unref: 'a wait for a retry keeps the process alive; end it by `signal` of `with`',
		forever: 'use `retries: Infinity`',
	},
);

/** Milliseconds. */
const DEFAULT_MAX_RETRY_AFTER = 60_000;

/** In the order of their numbers in Rust. */
const SCOPES = ['call', 'lane', 'limit'];

/** Returns the number of a scope in Rust; `undefined` leaves it to the lane of the call. */
const readScope = scope => {
	if (scope === undefined) {
		return undefined;
	}

	if (!SCOPES.includes(scope)) {
		throw invalid('retry.scope', SCOPES.map(one => `'${one}'`).join(' or '), scope);
	}

	return SCOPES.indexOf(scope);
};

/** Reads the option `retry` and fills in its defaults. Names and defaults are p-retry's. */
const readRetry = given => {
	if (given === false || given === 0) {
		return undefined;
	}

	const options = typeof given === 'number' ? {retries: given} : given;
	if (typeof options !== 'object' || options === null) {
		throw invalid('retry', 'a number of retries or an object', given);
	}

	const {
		retries = 10,
		factor = 2,
		minTimeout = 1000,
		maxTimeout = Number.POSITIVE_INFINITY,
		maxRetryTime = Number.POSITIVE_INFINITY,
		randomize = false,
		shouldRetry,
		onFailedAttempt,
		signal,
		retryAfter,
		maxRetryAfter = DEFAULT_MAX_RETRY_AFTER,
		scope,
	} = retryNames.read(options, 'retry.');
	if (retries !== Number.POSITIVE_INFINITY) {
		checkWhole('retry.retries', retries, 0);
	}

	if (!(typeof factor === 'number' && factor > 0 && factor < Number.POSITIVE_INFINITY)) {
		throw invalid('retry.factor', 'a number above 0', factor);
	}

	checkMillis('retry.minTimeout', minTimeout, 0);
	for (const [name, value] of Object.entries({maxTimeout, maxRetryTime, maxRetryAfter})) {
		if (value !== Number.POSITIVE_INFINITY) {
			checkMillis(`retry.${name}`, value, 0);
		}
	}

	if (maxTimeout < minTimeout) {
		throw invalid('retry.maxTimeout', `at least \`retry.minTimeout\` (${minTimeout})`, maxTimeout);
	}

	checkBoolean('retry.randomize', randomize);
	for (const [name, value] of Object.entries({shouldRetry, onFailedAttempt, retryAfter})) {
		if (value !== undefined) {
			checkFunction(`retry.${name}`, value);
		}
	}

	if (signal !== undefined) {
		checkSignal(signal, 'retry.signal');
	}

	return {
		retries,
		factor,
		minTimeout,
		maxTimeout,
		maxRetryTime,
		randomize,
		shouldRetry,
		onFailedAttempt,
		signal,
		retryAfter,
		maxRetryAfter,
		scope: readScope(scope),
	};
};

/** Returns the delay before a retry, in milliseconds. `randomize` makes it up to twice as long. */
const backoff = ({minTimeout, maxTimeout, factor, randomize}, retriesBefore) => {
	const jitter = randomize ? 1 + Math.random() : 1;
	// After enough retries the power is infinite: 0 times that is NaN, and Node's timers can't wait that long.
	const delay = minTimeout === 0 ? 0 : Math.round(jitter * minTimeout * factor ** retriesBefore);
	return Math.min(delay, maxTimeout, TIMEOUT_MAX);
};

module.exports = {backoff, readRetry, retryNames};
