'use strict';

// Whether Rust has threads: the specs also run on WebAssembly, which has none.

const {kind} = require('../lib/binding/binding.js');

const hasThreads = kind === 'addon';

module.exports = {hasThreads};
