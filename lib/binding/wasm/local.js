'use strict';

// The WebAssembly binding from the file that `npm run build:wasm` makes, or that the package has.

const {readFileSync} = require('node:fs');
const path = require('node:path');
const {findFolder} = require('../../common/place.js');
const {createWasmBinding} = require('./create.js');

/** `cause`: see `create.js`. */
const loadWasm = cause =>
	createWasmBinding({bytes: readFileSync(path.join(findFolder() ?? '.', 'p-lanes.wasm')), cause});

module.exports = {loadWasm};
