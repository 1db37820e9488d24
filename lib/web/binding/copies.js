'use strict';

// Other copies of the package have limits of their own: without threads, none has a name that they could share.

const warnOfOtherVersions = () => {};

module.exports = {warnOfOtherVersions};
