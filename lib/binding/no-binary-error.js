'use strict';

// The error of what needs the native addon, where there is none.

const {createErrorClass} = require('../common/errors.js');

/** The native addon could not be loaded. `cause` is what Node or the system said first. */
const NoBinaryError = createErrorClass('ERR_NO_BINARY', 'NoBinaryError');

/**
 * Returns the error of a use for which WebAssembly will not do. `cause` is the error for which the addon did not load: its
 * message has what was looked for, why it failed and what to do.
 */
const needsAddon = (what, why, cause) =>
	new NoBinaryError(
		[`${what} needs the native addon of p-lanes: ${why}`, ...(cause === undefined ? [] : [cause.message])].join('\n'),
		cause && {cause},
	);

module.exports = {NoBinaryError, needsAddon};
