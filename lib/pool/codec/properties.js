'use strict';

// Reads properties of values, which may run code of the user, and sets properties of copies, which may not.

const {defineProperty} = Object;

/** In place of a part that is left out. */
const LEFT_OUT = Symbol('left out');

/** Returns a property, or `LEFT_OUT` if its getter throws. */
const readOrNot = (source, key) => {
	try {
		return source[key];
	} catch {
		return LEFT_OUT;
	}
};

/** Sets a property of a copy, whatever the copy inherits. */
const define = (copy, key, value) => {
	defineProperty(copy, key, {value, writable: true, configurable: true, enumerable: true});
};

/**
 * A copy of a plain object. It inherits nothing, so that a property can be set by an assignment, whatever it is called
 * and whatever others have done to `Object.prototype`, and JSON finds no `toJSON`. V8 would keep the properties of an
 * `Object.create(null)` in a hash table.
 */
function PlainCopy() {}
PlainCopy.prototype = Object.freeze(Object.create(null));

/** Returns whether JSON keeps a number. It has no NaN, no infinity and no -0. */
const isJsonNumber = value => value - value === 0 && (value !== 0 || 1 / value > 0);

/** Returns whether a value is a primitive value that JSON keeps. */
const isJsonPrimitive = value =>
	typeof value === 'string' ||
	(typeof value === 'number' ? isJsonNumber(value) : typeof value === 'boolean' || value === null);

/** Returns the index of an array item of that name, or undefined if it is the name of another property. */
const indexOf = name => {
	const index = Number(name);
	return Number.isInteger(index) && index >= 0 && index < 2 ** 32 - 1 && String(index) === name ? index : undefined;
};

module.exports = {LEFT_OUT, PlainCopy, define, indexOf, isJsonNumber, isJsonPrimitive, readOrNot};
