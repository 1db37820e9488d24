'use strict';

// What a task gave, watched so that nothing it is or does can keep its slot.

const {then} = Promise.prototype;

const resolved = Promise.resolve();

const isPrimitive = value => (typeof value !== 'object' && typeof value !== 'function') || value === null;

/** Whether this is a promise of the engine's own, or looks like one (a proxy of one does). May throw. */
const looksPlain = value => value instanceof Promise && value.constructor === Promise && value.then === then;

/**
 * Calls one of two functions when `value` has settled.
 *
 * @returns A native promise with its outcome: itself where it is one, else one that adopts it.
 */
const watch = (value, fulfilled, rejected) => {
	try {
		if (looksPlain(value)) {
			value.then(fulfilled, rejected);
			return value;
		}
	} catch {
		// It is not what it looked like: adopting it will tell what it is.
	}

	const promise = new Promise(resolve => {
		resolve(value);
	});
	promise.then(fulfilled, rejected);
	return promise;
};

module.exports = {isPrimitive, resolved, watch};
