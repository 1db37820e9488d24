'use strict';

// Which errors say that a resource is overloaded.

/** HTTP status codes: too many requests, and service unavailable. */
const OVERLOAD_STATUSES = new Set([429, 503]);

/** Error codes of the system, of undici (which implements `fetch`) and of this package. */
const OVERLOAD_CODES = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'ETIMEDOUT',
	'ESOCKETTIMEDOUT',
	'UND_ERR_CONNECT_TIMEOUT',
	'UND_ERR_HEADERS_TIMEOUT',
	'UND_ERR_BODY_TIMEOUT',
	'UND_ERR_SOCKET',
	'ERR_TASK_TIMEOUT',
]);

/** The error name of `AbortSignal.timeout` and of many libraries. */
const TIMEOUT_NAME = 'TimeoutError';

const saysOverload = error => {
	const {status, statusCode, code, name, response} = Object(error);
	const {status: responseStatus, statusCode: responseStatusCode} = Object(response);
	const statuses = [status, statusCode, responseStatus, responseStatusCode];
	return statuses.some(value => OVERLOAD_STATUSES.has(value)) || OVERLOAD_CODES.has(code) || name === TIMEOUT_NAME;
};

/**
 * Returns whether an error, or its `cause` (as in `fetch`), is a timeout, a connection that was refused or reset, or an
 * HTTP 429 or 503: as `status` or `statusCode` of the error, of its `response` or of a thrown `Response`.
 */
const isOverload = error => saysOverload(error) || saysOverload(Object(error).cause);

module.exports = {isOverload};
