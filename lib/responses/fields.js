'use strict';

// The fields of a response that are about rate limits, whatever the HTTP client.

const {invalid} = require('../common/errors.js');

const isOfInterest = name => /rate-?limit|^retry-after(-ms)?$|^(date|age)$/.test(name);

/** Servers send short values. A longer one is passed over, so that it costs no time. */
const MAX_LENGTH = 4096;

/** For objects that have `get`, and can't be iterated over. */
const KNOWN = [
	'ratelimit',
	'ratelimit-policy',
	...['ratelimit', 'x-ratelimit', 'x-rate-limit'].flatMap(prefix => withParts(prefix)),
	...['requests', 'tokens'].flatMap(kind => withParts('x-ratelimit').map(name => `${name}-${kind}`)),
	...['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap(kind => withParts(`anthropic-ratelimit-${kind}`)),
	'x-ratelimit-reset-after',
	'x-ratelimit-resource',
	'retry-after-ms',
	'retry-after',
	'date',
	'age',
];

function withParts(prefix) {
	return ['limit', 'remaining', 'reset'].map(part => `${prefix}-${part}`);
}

const isObject = value => typeof value === 'object' && value !== null;
const isIterable = value => typeof value[Symbol.iterator] === 'function';
const isHeaders = value => isObject(value) && typeof value.get === 'function';

/** The names and values in the order of `rawHeaders` of `node:http`. */
const inPairs = flat =>
	Array.from({length: Math.floor(flat.length / 2)}, (_, pair) => flat.slice(2 * pair, 2 * pair + 2));

/** Returns the entries of a fetch `Headers`, a `Map`, an array of pairs, `rawHeaders`, or an object. */
const entriesOf = headers => {
	if (Array.isArray(headers)) {
		return headers.every(entry => Array.isArray(entry)) ? headers : inPairs(headers);
	}

	if (isIterable(headers)) {
		return [...headers].filter(entry => Array.isArray(entry));
	}

	return isHeaders(headers) ? KNOWN.map(name => [name, headers.get(name)]) : Object.entries(headers);
};

/** Returns the fields of interest by their names in lower case. Several values of a field are one list (RFC 9110, 5.3). */
const collect = headers => {
	const fields = new Map();
	for (const [key, value] of entriesOf(headers)) {
		const name = String(key).toLowerCase();
		if (value === undefined || value === null || !isOfInterest(name)) {
			continue;
		}

		const text = (Array.isArray(value) ? value.join(', ') : String(value)).trim();
		const before = fields.get(name);
		const all = before === undefined ? text : `${before}, ${text}`;
		if (text !== '' && all.length <= MAX_LENGTH) {
			fields.set(name, all);
		}
	}

	return fields;
};

/** Returns the object with the headers of a response, or of an error that has one; `undefined` without. */
const placeOfHeaders = given => {
	if (!isObject(given)) {
		return undefined;
	}

	if (isObject(given.headers)) {
		return given;
	}

	if (isObject(given.response) && isObject(given.response.headers)) {
		return given.response;
	}

	return isHeaders(given) ? {headers: given} : undefined;
};

const statusOf = ({status, statusCode}) => [status, statusCode].find(code => typeof code === 'number');

/**
 * Returns the `{fields, status}` of a response: of fetch, undici, axios, got or `node:http`, of an error of these clients,
 * or of the headers alone. The status is `undefined` if it is unknown.
 */
const readFields = response => {
	const place = placeOfHeaders(response);
	if (place === undefined) {
		throw invalid('response', 'a response, an object with `headers`, or a `Headers`', response);
	}

	return {fields: collect(place.headers), status: statusOf(place)};
};

module.exports = {readFields};
