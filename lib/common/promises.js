'use strict';

// Watches the value that a task returned. No value, whatever its type or its `then`, can keep the task's slot.

const {outside} = require('./context.js');

const {then} = Promise.prototype;

/** Made in the empty context, because a promise has stores in Node 20 and 22. */
const resolved = outside(() => Promise.resolve());

const isPrimitive = value => (typeof value !== 'object' && typeof value !== 'function') || value === null;

/** Returns whether this looks like a native promise. A proxy of one does, too. May throw. */
const looksNative = value => value instanceof Promise && value.constructor === Promise && value.then === then;

/**
 * Calls one of two functions when `value` has settled.
 *
 * @returns A native promise with the outcome: `value` if it is one, else a promise that adopts it.
 */
const watch = (value, fulfilled, rejected) => {
	try {
		if (looksNative(value)) {
			value.then(fulfilled, rejected);
			return value;
		}
	} catch {
		// It only looked like a native promise. The promise below adopts it.
	}

	const promise = new Promise(resolve => {
		resolve(value);
	});
	promise.then(fulfilled, rejected);
	return promise;
};

module.exports = {isPrimitive, resolved, watch};
