'use strict';

// How long a server asks its callers to wait: the Retry-After header, and the result of `retry.retryAfter`.

const {invalid} = require('../common/errors.js');
const {date: now} = require('../common/time.js');

/** Reads what `retry.retryAfter` returned for an error, in milliseconds; 0 if the error asks for no wait. */
const readRetryAfter = (answer, error) => {
	if (answer !== undefined && answer !== null && typeof answer !== 'number') {
		// The cause keeps the task's error.
		throw invalid('retry.retryAfter', 'a function that gives milliseconds or undefined', answer, {cause: error});
	}

	return answer > 0 ? answer : 0;
};

/** Returns a header of a fetch `Headers` (or any object with `get`), an array of pairs or an object, in any case. */
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

/** A number as servers write it. */
const isNumber = text => /^\d+(\.\d+)?$/.test(text);

/** Converts a Retry-After header (RFC 9110, 10.2.3), which is seconds or a date, to milliseconds from now. */
const parseRetryAfter = value => {
	const text = String(value).trim();
	if (isNumber(text)) {
		return Number(text) * 1000;
	}

	// All three date forms begin with the name of the day, whereas `Date.parse` accepts much else. All three are in GMT.
	// The asctime form does not say so, and is the only one without a comma.
	const isDate = /^[A-Za-z]{3,9}[, ]/.test(text);
	const date = isDate ? Date.parse(text.includes(',') ? text : `${text} GMT`) : Number.NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now());
};

/** Returns what some headers ask for, in milliseconds. `retry-after-ms`, which OpenAI and Azure send, is more exact. */
const askedBy = headers => {
	const millis = headerOf(headers, 'retry-after-ms');
	if (millis !== undefined && isNumber(String(millis).trim())) {
		return Number(millis);
	}

	const value = headerOf(headers, 'retry-after');
	return value === undefined ? undefined : parseRetryAfter(value);
};

/**
 * Returns how long a server asks its caller to wait, in milliseconds. Callers may set `retry.retryAfter` to this
 * function. It reads a fetch `Response`, or an error with `headers` or with a `response` that has them. If it finds no
 * such header there, it reads the error's `cause`.
 */
const retryAfter = error => {
	const {cause} = Object(error);
	for (const from of [error, cause]) {
		const {headers, response} = Object(from);
		const asked = askedBy(headers) ?? askedBy(Object(response).headers);
		if (asked !== undefined) {
			return asked;
		}
	}

	return undefined;
};

module.exports = {readRetryAfter, retryAfter};
