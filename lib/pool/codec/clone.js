'use strict';

// V8's serialization, on which structured clones are built, and what it makes of objects.

const {Serializer, Deserializer} = require('node:v8');
const {structuredClone} = require('../../common/environment.js');

/** Returns whether a structured clone of this value can be made. Reads its properties: only for values without any. */
const isCloneable = value => {
	try {
		structuredClone(value);
		return true;
	} catch {
		return false;
	}
};

/**
 * Returns what Node says of an object in a transfer list. Node looks through the list before it reads the value, so
 * this runs no code of the user. It ends at the second mention of a buffer at the latest, so nothing is transferred.
 */
const transferMessage = object => {
	const buffer = new ArrayBuffer(1);
	try {
		structuredClone(undefined, {transfer: [object, buffer, buffer]});
		return '';
	} catch ({message}) {
		return message;
	}
};

/** Returns whether an object may be in a transfer list. */
const isTransferable = object => transferMessage(object) === 'Transfer list contains duplicate ArrayBuffer';

/** Returns whether an object was transferred, or closed. */
const isGone = object => transferMessage(object).endsWith('is already detached');

const serialize = value => {
	const serializer = new Serializer();
	serializer.writeHeader();
	serializer.writeValue(value);
	return serializer.releaseBuffer();
};

const deserialize = bytes => {
	const deserializer = new Deserializer(bytes);
	deserializer.readHeader();
	return deserializer.readValue();
};

module.exports = {deserialize, isCloneable, isGone, isTransferable, serialize, structuredClone};
