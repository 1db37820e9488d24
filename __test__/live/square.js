'use strict';

module.exports = number => number * number;
