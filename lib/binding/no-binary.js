'use strict';

const {createErrorClass} = require('../common/errors.js');

/** The native addon could not be loaded, or a part of the package that is only in it is used. `cause` is the reason. */
const NoBinaryError = createErrorClass('ERR_NO_BINARY', 'NoBinaryError');

module.exports = {NoBinaryError};
