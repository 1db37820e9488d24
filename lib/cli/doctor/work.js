'use strict';

// What the doctor has a pool do.

const {threadId} = require('node:worker_threads');

module.exports = number => ({square: number ** 2, thread: threadId});
