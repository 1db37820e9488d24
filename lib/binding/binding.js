'use strict';

// The Rust side, as every other file of `lib/` gets it. What it exports is declared in `binding.d.ts`.

module.exports = require('./addon.js');
