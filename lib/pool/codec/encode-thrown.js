'use strict';

// Encodes what a function has thrown. It must arrive, so parts that can't be sent are left out.

const {NotCloneableError} = require('../../common/errors.js');
const {serialize} = require('./clone.js');
const {Copier} = require('./copy.js');
const {Encoded, encodeCopy, encodePrimitive, isObject} = require('./encode.js');
const {attempt, bareError, readError} = require('./errors.js');
const {kinds} = require('./kinds.js');
const {describe} = require('./not-cloneable.js');

/** Encodes a thrown value without the parts that can't be sent. Throws if nothing is left. */
const encodePruned = thrown => {
	if (!isObject(thrown)) {
		return encodePrimitive(thrown, 'error');
	}

	const copier = new Copier('error');
	return encodeCopy(copier.copyThrown(thrown), copier);
};

/** Encodes an error with nothing but its name, message and stack, and any other value as an error that describes it. */
const encodeDescription = thrown => {
	const described = attempt(() => thrown instanceof Error)
		? thrown
		: new NotCloneableError(`what was thrown can't be sent to another thread: it is ${describe(thrown)}`);
	const error = bareError();
	return new Encoded(kinds.cloneWithErrors, serialize([error, [{error, own: {}, ...readError(described)}]]));
};

/** Encodes a thrown value. If the kind is `port`, `send` has posted it. */
const encodeThrown = (thrown, send) => {
	try {
		const encoded = encodePruned(thrown);
		if (encoded.kind === kinds.port) {
			send(encoded);
		}

		return encoded;
	} catch {
		return encodeDescription(thrown);
	}
};

module.exports = {encodeThrown};
