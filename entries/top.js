'use strict';

module.exports.top = require('../lib/live/top.js').top;
