'use strict';

// Memory that callers give: buffers, and views of them. A view or a buffer may have a property of its own, such as a
// getter `buffer`, which is user code and need not tell the truth. So nothing here reads a property of them.

const {isArrayBuffer, isDataView, isTypedArray} = require('node:util').types;

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

/** Reads a buffer's `detached`, which Node 20 has not. */
const detachedOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'detached')?.get;

/** Returns whether the memory of a buffer was transferred away. */
const isDetached = buffer => {
	if (detachedOf !== undefined && isArrayBuffer(buffer)) {
		return detachedOf.call(buffer);
	}

	try {
		return new Uint8Array(buffer) === undefined; // throws if it was
	} catch {
		return true;
	}
};

/** Returns whether a view has bytes, and so memory that is not gone. It is false for a view of no bytes, too. */
const hasBytes = view => isTypedArray(view) && lengthOf(view) > 0;

/** Returns whether a view reaches beyond its memory, which has shrunk. */
const isOutOfBounds = view => {
	if (hasBytes(view)) {
		return false;
	}

	try {
		// Both throw if it does.
		return (isTypedArray(view) ? values.call(view) : lengthOf(view)) === undefined;
	} catch {
		return true;
	}
};

module.exports = {bufferOf, bytesOf, hasBytes, isDetached, isOutOfBounds};
