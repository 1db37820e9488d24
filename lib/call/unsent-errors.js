'use strict';

// Errors that say that a request was not sent: what it took of the rate can be given back.

/** The codes of Node and undici. */
const CODES = new Set([
	'EAI_AGAIN',
	'ECONNREFUSED',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENOTFOUND',
	'ERR_INVALID_URL',
	'UND_ERR_CONNECT_TIMEOUT',
]);

/** The cause of such an error is the failure of an earlier attempt: the one that took too long may have sent something. */
const TOOK_TOO_LONG = 'ERR_TASK_TIMEOUT';

/** An error and its causes are read so deep. */
const DEPTH = 5;

/** Whether an error, its cause, or the first of several errors says that nothing was sent. It may be any value. */
const isUnsent = error => {
	try {
		for (let depth = 0, current = error; depth < DEPTH; depth++) {
			if (typeof current !== 'object' || current === null || current.code === TOOK_TOO_LONG) {
				return false;
			}

			if (CODES.has(current.code)) {
				return true;
			}

			current = current.cause ?? current.errors?.[0];
		}
	} catch {
		// A getter has thrown.
	}

	return false;
};

module.exports = {isUnsent};
