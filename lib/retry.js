'use strict';

// When a task is run again, and how long to wait before.

const {LONGEST, checkBoolean, checkFunction, checkMillis, checkWhole} = require('./checks.js');
const {invalid} = require('./errors.js');

/** The option `retry` in full: names and defaults are p-retry's. */
const readRetry = given => {
	if (given === undefined || given === false || given === 0) {
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
		randomize = false,
		shouldRetry,
		retryAfter,
	} = options;
	if (retries !== Number.POSITIVE_INFINITY) {
		checkWhole('retry.retries', retries, 0);
	}

	if (!(typeof factor === 'number' && factor > 0 && factor < Number.POSITIVE_INFINITY)) {
		throw invalid('retry.factor', 'a number above 0', factor);
	}

	checkMillis('retry.minTimeout', minTimeout, 0);
	if (maxTimeout !== Number.POSITIVE_INFINITY) {
		checkMillis('retry.maxTimeout', maxTimeout, 0);
	}

	if (maxTimeout < minTimeout) {
		throw invalid('retry.maxTimeout', `at least \`retry.minTimeout\` (${minTimeout})`, maxTimeout);
	}

	checkBoolean('retry.randomize', randomize);
	for (const [name, value] of Object.entries({shouldRetry, retryAfter})) {
		if (value !== undefined) {
			checkFunction(`retry.${name}`, value);
		}
	}

	return {retries, factor, minTimeout, maxTimeout, randomize, shouldRetry, retryAfter};
};

/** Milliseconds before the retry after so many; doubling, as a rule, with up to as much again by chance. */
const backoff = ({minTimeout, maxTimeout, factor, randomize}, retriesBefore) => {
	const chance = randomize ? 1 + Math.random() : 1;
	// The power is infinite after enough retries, and none of 0 or of a wait that Node can't wait for helps anybody.
	const grown = minTimeout === 0 ? 0 : Math.round(chance * minTimeout * factor ** retriesBefore);
	return Math.min(grown, maxTimeout, LONGEST);
};

/** What `retryAfter` has answered about an error, in milliseconds; 0 where nobody asks for any. */
const readAsked = (answer, error) => {
	if (answer !== undefined && answer !== null && typeof answer !== 'number') {
		const wrong = invalid('retry.retryAfter', 'a function that gives milliseconds or undefined', answer);
		throw Object.defineProperty(wrong, 'cause', {value: error}); // which is not lost
	}

	return answer > 0 ? Math.min(answer, LONGEST) : 0;
};

/** Of what has a `get`, as a fetch `Headers` does, of an array of pairs or of a plain object, whatever the case of the name. */
const headerOf = (headers, name) => {
	if (headers === null || typeof headers !== 'object') {
		return undefined;
	}

	if (typeof headers.get === 'function') {
		return headers.get(name) ?? undefined;
	}

	const entries = Array.isArray(headers) ? headers : Object.entries(headers);
	const found = entries.find(entry => Array.isArray(entry) && String(entry[0]).toLowerCase() === name);
	const value = found?.[1];
	return Array.isArray(value) ? value[0] : value;
};

/** The value of a Retry-After header (RFC 9110, 10.2.3) in milliseconds: seconds, or a date. */
const parseRetryAfter = value => {
	const text = String(value).trim();
	if (/^\d+(\.\d+)?$/.test(text)) {
		return Number(text) * 1000;
	}

	// All three forms of a date begin with the day's name; `Date.parse` takes much else for one. All are in GMT, which
	// asctime's, the one without a comma, does not say.
	const isDate = /^[A-Za-z]{3,9}[, ]/.test(text);
	const date = isDate ? Date.parse(text.includes(',') ? text : `${text} GMT`) : Number.NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
};

/**
 * How long a server asks one to wait, in milliseconds: what `retry.retryAfter` may be set to. Understands a fetch
 * `Response`, and errors with `headers`, or with a `response` that has them.
 */
const retryAfter = error => {
	const {headers, response} = Object(error);
	for (const from of [headers, Object(response).headers]) {
		const value = headerOf(from, 'retry-after');
		if (value !== undefined) {
			return parseRetryAfter(value);
		}
	}

	return undefined;
};

module.exports = {backoff, readAsked, readRetry, retryAfter};
