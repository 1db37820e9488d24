'use strict';

// The bytes of `p-lanes.wasm`, which lies beside package.json. A bundle has this file replaced by one with the bytes in it.

const {readFileSync} = require('node:fs');
const path = require('node:path');
const {findFolder} = require('../common/place.js');

/** Returns the bytes; `undefined` if there is no such file, or this is part of a bundle. */
const readWasm = () => {
	const folder = findFolder();
	if (folder === undefined) {
		return undefined;
	}

	try {
		return readFileSync(path.join(folder, 'p-lanes.wasm'));
	} catch {
		return undefined;
	}
};

module.exports = {readWasm};
