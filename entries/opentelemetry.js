'use strict';

module.exports.opentelemetry = require('../lib/live/opentelemetry.js').opentelemetry;
