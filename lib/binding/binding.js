'use strict';

// The Rust side, as every other file of `lib/` gets it. What it exports is declared in `binding.d.ts`.

const process = require('node:process');

module.exports = process.env.P_LANES_BINDING === 'wasm' ? require('./wasm/local.js').loadWasm() : require('./addon.js');
