'use strict';

// The bytes of `p-lanes.wasm`, which lies beside package.json. A bundle has this file replaced by one with the bytes in it.

const {readFileSync} = require('node:fs');
const path = require('node:path');
const {findFolder} = require('./places.js');

/** Returns the bytes; `undefined` if there is no such file. */
const readWasm = () => {
	try {
		return readFileSync(path.join(findFolder(), 'p-lanes.wasm'));
	} catch {
		return undefined;
	}
};

module.exports = {readWasm};
