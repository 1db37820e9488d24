'use strict';

// Which Rust side is used: the native addon, or WebAssembly where it does not load.

const process = require('node:process');
const {readVariable} = require('../common/system.js');
const {NoBinaryError} = require('./no-binary-error.js');

/** Why WebAssembly is used without a try to load the addon; `undefined` if the addon is to be tried. */
const reasonForWasm = wanted => {
	if (wanted === 'wasm') {
		return 'P_LANES_BINDING=wasm asks for WebAssembly';
	}

	// Bun has Node-API, but ends the process when the addon uses its event loop.
	if (process.versions.bun !== undefined && wanted !== 'addon') {
		return `Bun ${process.versions.bun} can't run it, and WebAssembly can do most of it`;
	}

	return undefined;
};

/**
 * Returns `{kind, binding, file, cause}`. `cause` is the `NoBinaryError` that says why it is not the addon.
 * `P_LANES_BINDING` forces one of them; `P_LANES_BINARY` names an addon, and then nothing else will do.
 *
 * @param loadAddon `() => {addon, file}`, or throws a `NoBinaryError`
 * @param loadWasm `cause => binding`; `undefined` where there is no WebAssembly
 */
const choose = (loadAddon, loadWasm) => {
	const wanted = readVariable('P_LANES_BINDING') || undefined;
	if (![undefined, 'addon', 'wasm'].includes(wanted)) {
		throw new NoBinaryError(`the variable P_LANES_BINDING must be 'addon' or 'wasm', got '${wanted}'`);
	}

	const useWasm = cause => {
		const binding = loadWasm(cause);
		if (binding === undefined) {
			throw wanted === 'wasm'
				? new NoBinaryError(
						'P_LANES_BINDING=wasm asks for WebAssembly, and there is no p-lanes.wasm beside package.json. In a checkout run `npm run build:wasm`',
					)
				: cause;
		}

		return {kind: 'wasm', binding, file: undefined, cause};
	};

	const reason = reasonForWasm(wanted);
	if (reason !== undefined) {
		return useWasm(new NoBinaryError(`the native addon of p-lanes was not loaded: ${reason}`));
	}

	try {
		const {addon, file} = loadAddon();
		return {kind: 'addon', binding: addon, file, cause: undefined};
	} catch (error) {
		if (wanted === 'addon' || readVariable('P_LANES_BINARY')) {
			throw error;
		}

		return useWasm(error);
	}
};

module.exports = {choose};
