'use strict';

module.exports.manualClock = require('../lib/testing/manual-clock.js').manualClock;
