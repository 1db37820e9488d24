'use strict';

// The Rust side where there is no Node: WebAssembly, which the bundle has in it or imports.

const {createWasmBinding} = require('../../binding/wasm/create.js');
const {cause} = require('../missing.js');

/** `{bytes}` or `{module}`, by the bundle script: `webAssembly` of `scripts/bundle/web-plugins.mjs`. */
const source = require('./p-lanes.wasm');

module.exports = createWasmBinding({...source, cause});
