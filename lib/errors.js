'use strict';

// The package's own errors. Each has a stable `code`, and `instanceof` knows it across several copies
// of the package in one process.

const {inspect} = require('node:util');

const brand = Symbol.for('p-lanes.error');
const SHOWN = 80;

/** An option or an argument that can't be used. Nothing has changed when this is thrown. */
class InvalidArgError extends TypeError {
	static [Symbol.hasInstance](value) {
		return value?.[brand] === 'ERR_INVALID_ARG';
	}

	name = 'InvalidArgError';

	code = 'ERR_INVALID_ARG';

	get [brand]() {
		return this.code;
	}
}

/** A value as a message shows it: one line, cut where it is long. */
const shown = value => {
	try {
		const [line] = inspect(value, {depth: 0, breakLength: Number.POSITIVE_INFINITY}).split('\n', 1);
		return line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line;
	} catch {
		return `a value of type ${typeof value}`; // its own way to be shown has failed
	}
};

/** An error that names what was wrong, what is allowed and what was given. */
const invalid = (name, allowed, given) => new InvalidArgError(`\`${name}\` must be ${allowed}, got ${shown(given)}`);

/** Runs a native call, whose refusals already say what was wrong. */
const refusing = (call, ...args) => {
	try {
		return call(...args);
	} catch (error) {
		throw error.code === 'ERR_INVALID_ARG' ? new InvalidArgError(error.message) : error;
	}
};

module.exports = {InvalidArgError, invalid, refusing};
