'use strict';

// In place of `node:diagnostics_channel`: the environment's own channels if it has them. Else nobody can subscribe.

const {builtIn} = require('./built-in.js');

const silent = () => ({hasSubscribers: false});

const channel = builtIn('node:diagnostics_channel')?.channel ?? silent;

module.exports = {channel};
