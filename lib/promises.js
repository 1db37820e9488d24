'use strict';

// What a task gave, as a promise that may be watched without anyone's code being run.

const {types} = require('node:util');

const {then} = Promise.prototype;

const isPrimitive = value => (typeof value !== 'object' && typeof value !== 'function') || value === null;

/** Whether `then` on this value is the engine's own, all the way down: it cannot throw and runs nobody's code. */
const isPlainPromise = value => {
	try {
		return types.isPromise(value) && value.constructor === Promise && value.then === then;
	} catch {
		return false;
	}
};

/** A native promise with the outcome of `value`: itself where it is one, else one that adopts it. */
const promiseOf = value =>
	isPlainPromise(value)
		? value
		: new Promise(resolve => {
				resolve(value);
			});

module.exports = {isPrimitive, promiseOf};
