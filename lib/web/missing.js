'use strict';

// What the package has only in Node.

const {needsAddon, NoBinaryError} = require('../binding/no-binary-error.js');

const REASON =
	'this is its file for where Node is not, which loads none. Bundlers and test runners for Node take the other by the condition `node` (docs/guide/runtimes.md of p-lanes)';

/** Why there is no addon, for what tells by itself that it needs one. */
const cause = new NoBinaryError(REASON);

/** Returns the error of a part of the package that is not there. */
const missing = what => needsAddon(what, REASON);

module.exports = {cause, missing};
