'use strict';

// The error of what needs the native addon, where there is none.

const {createErrorClass} = require('../common/errors.js');

/** The native addon could not be loaded. `cause` is what Node or the system said first. */
const NoBinaryError = createErrorClass('ERR_NO_BINARY', 'NoBinaryError');

module.exports = {NoBinaryError};
