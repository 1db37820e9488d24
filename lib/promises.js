'use strict';

// What a task gave, as a promise that may be watched without anyone's code being run.

const {then} = Promise.prototype;

const isPrimitive = value => (typeof value !== 'object' && typeof value !== 'function') || value === null;

/** A native promise with the outcome of `value`: itself where it is one, else one that adopts it. */
const promiseOf = value =>
	value instanceof Promise && value.then === then
		? value
		: new Promise(resolve => {
				resolve(value);
			});

module.exports = {isPrimitive, promiseOf};
