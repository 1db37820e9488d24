'use strict';

module.exports.dashboard = require('../lib/live/dashboard.js').dashboard;
