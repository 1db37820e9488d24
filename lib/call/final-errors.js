'use strict';

// Which errors of a task are not retried, by p-retry's rules: its `AbortError`, and a `TypeError` that is a bug. A network
// error of `fetch` is a `TypeError`, too. The rule for those is that of the package is-network-error.

const {isError} = require('../common/errors.js');

/** The messages of network errors. No standard defines them, so each implementation of `fetch` has its own. */
const networkMessages = new Set([
	'fetch failed', // Node.js
	'terminated', // Node.js, while the body is read
	'network error', // Chrome
	'NetworkError when attempting to fetch resource.', // Firefox
	'The Internet connection appears to be offline.', // Safari 16
	' A network error occurred.', // Bun
	'Network request failed', // cross-fetch
	'Network connection lost', // Cloudflare Workers
]);

/** Whether a message is a text, which may have a host in parentheses behind it. */
const isAbout = (message, text) => message === text || (message.startsWith(`${text} (`) && message.endsWith(')'));

const isNetworkError = error => {
	const {name, message, stack} = error;
	if (name !== 'TypeError' || typeof message !== 'string') {
		return false; // a subclass of the program's
	}

	if (isAbout(message, 'Load failed')) {
		return stack === undefined || '__sentry_captured__' in error; // Safari 17; Sentry adds a stack
	}

	return (
		networkMessages.has(message) ||
		isAbout(message, 'Failed to fetch') || // Chrome
		message.startsWith('error sending request for url') // Deno
	);
};

/**
 * Returns the error in an `AbortError` of p-retry, with which its call rejects; `undefined` for anything else. An aborted
 * `fetch` throws an error of the same name, which p-retry retries.
 */
const abortedWith = error => {
	try {
		const isAbort = isError(error) && error.name === 'AbortError' && isError(error.originalError);
		return isAbort ? error.originalError : undefined;
	} catch {
		return undefined; // a getter of the user's
	}
};

/** Returns whether an error is a bug of the program: a `TypeError`, of any realm, that is no network error. */
const isBug = error => {
	try {
		const isTypeError = error instanceof TypeError || (isError(error) && error.name === 'TypeError');
		return isTypeError && !isNetworkError(error);
	} catch {
		return false;
	}
};

module.exports = {abortedWith, isBug};
