'use strict';

/** A mapper that returns this leaves its item out of the results. Every copy of the package has the same symbol. */
const skip = Symbol.for('p-lanes.skip');

module.exports = {skip};
