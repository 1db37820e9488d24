'use strict';

module.exports = task => task;
