'use strict';

module.exports.prometheus = require('../lib/live/prometheus.js').prometheus;
