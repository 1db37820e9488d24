'use strict';

/** The command line can't be used. The message is all that the user sees. */
class UsageError extends Error {}

module.exports = {UsageError};
