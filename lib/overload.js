'use strict';

// Which errors say that what a task uses has too much to do.

/** HTTP: too many requests, and service unavailable. */
const STATUSES = new Set([429, 503]);

/** Of the system, of undici (which is behind `fetch`), and of this package. */
const CODES = new Set([
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

/** Of `AbortSignal.timeout`, and what many libraries name theirs. */
const NAME = 'TimeoutError';

const says = error => {
	const {status, statusCode, code, name, response} = Object(error);
	const {status: ofResponse, statusCode: codeOfResponse} = Object(response);
	const statuses = [status, statusCode, ofResponse, codeOfResponse];
	return statuses.some(one => STATUSES.has(one)) || CODES.has(code) || name === NAME;
};

/**
 * HTTP 429 and 503 (as `status` or `statusCode` of an error, of its `response` or of a thrown `Response`), timeouts, and
 * connections that were refused or reset; also as the error's `cause`, where `fetch` has them.
 */
const isOverload = error => says(error) || says(Object(error).cause);

module.exports = {isOverload};
