'use strict';

// The WebAssembly module for tests, where it was built (`npm run build:wasm`).

const {existsSync, readFileSync} = require('node:fs');
const path = require('node:path');

const file = path.join(__dirname, '../../p-lanes.wasm');

/** The option of a test that needs the module. */
const needsModule = {skip: existsSync(file) ? false : 'npm run build:wasm makes the module'};

const readModule = () => readFileSync(file);

module.exports = {needsModule, readModule};
