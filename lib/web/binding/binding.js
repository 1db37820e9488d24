'use strict';

// The Rust side where there is no Node: WebAssembly, which the bundle has in it or imports.

const {createWasmBinding} = require('../../binding/wasm/wasm.js');
const {missing} = require('../missing.js');
/** The bundle script writes this file: its default export is the bytes or the compiled module. */
const {default: given} = require('./p-lanes.wasm');

const source = given instanceof WebAssembly.Module ? {module: given} : {bytes: given};

module.exports = createWasmBinding({...source, cause: missing('this')});
