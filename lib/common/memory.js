'use strict';

// Memory that callers give: buffers, and views of them. A view or a buffer may have a property of its own, such as a
// getter `buffer`, which is user code and need not tell the truth. So nothing here reads a property of them.

const {isDataView, isTypedArray} = require('node:util').types;

const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const {values} = typedArray;

/** Returns a function that gives a property of a view as the language has it. */
const createReader = name => {
	const {get: ofTypedArray} = Object.getOwnPropertyDescriptor(typedArray, name);
	const {get: ofDataView} = Object.getOwnPropertyDescriptor(DataView.prototype, name);
	return view => (isDataView(view) ? ofDataView : ofTypedArray).call(view);
};

/** Returns the memory behind a view. */
const bufferOf = createReader('buffer');
const offsetOf = createReader('byteOffset');
const lengthOf = createReader('byteLength');

/** Returns the bytes of a view. Throws if it reaches beyond its memory. */
const bytesOf = view => new Uint8Array(bufferOf(view), offsetOf(view), lengthOf(view));

/** Returns whether the memory of a buffer was transferred away. */
const isDetached = buffer => {
	try {
		return new Uint8Array(buffer) === undefined; // throws if it was
	} catch {
		return true;
	}
};

/** Returns whether a view reaches beyond its memory, which has shrunk. */
const isOutOfBounds = view => {
	try {
		// Both throw if it does.
		return (isTypedArray(view) ? values.call(view) : lengthOf(view)) === undefined;
	} catch {
		return true;
	}
};

module.exports = {bufferOf, bytesOf, isDetached, isOutOfBounds};
