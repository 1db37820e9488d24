'use strict';

// What the package has only in Node.

const {NoBinaryError} = require('../binding/no-binary-error.js');

/** Returns the error of a part of the package that is not there. */
const missing = what =>
	new NoBinaryError(`${what} needs the native addon, which only Node loads; see docs/guide/runtimes.md of p-lanes`);

module.exports = {missing};
