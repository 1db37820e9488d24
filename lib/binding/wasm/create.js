'use strict';

// The Rust side as WebAssembly: what `binding.d.ts` declares, for where no addon loads. What needs threads throws.

const {needsAddon} = require('../no-binary-error.js');
const {Instance} = require('./instance.js');
const {createPortClass} = require('./port.js');

/**
 * Creates a binding from the bytes of the module, or from the compiled module. `cause` is the error for which the addon
 * did not load, if it was tried.
 */
const createWasmBinding = ({bytes, module = new WebAssembly.Module(bytes), cause}) => {
	const instance = new Instance(module);
	const {exports} = instance;

	const withoutThreads = what => needsAddon(what, 'WebAssembly runs in its place here, and has no threads', cause);

	/** A class of which there are no objects. */
	const absentClass = what =>
		class {
			constructor() {
				throw withoutThreads(what);
			}
		};

	const absent = what => () => {
		throw withoutThreads(what);
	};

	exports.fingerprint();

	return {
		kind: 'wasm',
		cause,
		FINGERPRINT: instance.text(),
		Port: createPortClass(instance, withoutThreads),
		bucketBounds: () => instance.list(exports.bucketBounds()).slice(),
		NativePool: absentClass('a `Pool`'),
		KernelPort: absentClass('this algorithm'),
		configureKernels: absent('`configureKernels`'),
		enterPool: absent('a worker of a `Pool`'),
		describeFunction: absent('a worker of a `Pool`'),
		startLibuvThreads: absent('a `Pool`'),
		releaseTexts() {}, // it keeps none
		/** For tests. */
		panic: exports.panicForTests,
	};
};

module.exports = {createWasmBinding};
