'use strict';

// The Rust side, as every other file of `lib/` gets it. What it exports is declared in `binding.d.ts`; beside that, `kind`
// is 'addon' or 'wasm', `file` is the addon's, and `cause` is the `NoBinaryError` that says why it is not the addon.

const {choose} = require('./choose.js');
const {loadShared} = require('./copies.js');
const {readWasm} = require('./wasm-bytes.js');

const loadWasm = cause => {
	const bytes = readWasm();
	return bytes === undefined ? undefined : require('./wasm/create.js').createWasmBinding({bytes, cause});
};

const {binding, kind, file, cause} = choose(loadShared, loadWasm);

module.exports = {...binding, kind, file, cause};
