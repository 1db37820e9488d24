'use strict';

const {InvalidArgError} = require('./lib/errors.js');
const {pLimit, limitFunction} = require('./lib/limit.js');

// `require` gives the function itself, with all that is exported as its properties.
module.exports = pLimit;
module.exports.default = pLimit;
module.exports.pLimit = pLimit;
module.exports.limitFunction = limitFunction;
module.exports.InvalidArgError = InvalidArgError;
Object.defineProperty(module.exports, '__esModule', {value: true});
