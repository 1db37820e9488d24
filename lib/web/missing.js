'use strict';

// What the package has only in Node.

const {NoBinaryError} = require('../binding/no-binary-error.js');

const WHERE = 'only Node loads it; see docs/guide/runtimes.md of p-lanes';

/** Returns the error of a part of the package that is not there. */
const missing = what => new NoBinaryError(`${what} needs the native addon, and ${WHERE}`);

/** Why there is no addon. */
const noAddon = new NoBinaryError(`the native addon of p-lanes was not loaded: ${WHERE}`);

module.exports = {missing, noAddon};
