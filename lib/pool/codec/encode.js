'use strict';

// Encodes values for another thread, as text or bytes that Rust can keep and give to any worker.
//
// Objects are copied first (`copy.js`). All code of the user runs while they are copied, so nothing here is held across
// it, and encoding the copy can't be disturbed. Small copies of plain data become JSON. Everything else goes through
// V8's serialization. Values that V8 can't serialize (a SharedArrayBuffer, a Blob) and values that are transferred
// travel through a MessagePort (`post.js`). Their kind is `port`.

const {Buffer} = require('node:buffer');
const {types} = require('node:util');
const v8 = require('node:v8');
const {releaseTexts} = require('../../binding/binding.js');
const {setTimeout} = require('../../common/environment.js');
const {bufferOf, isDetached} = require('../../common/memory.js');
const {skip} = require('../../common/skip.js');
const {serialize} = require('./clone.js');
const {Copier, copyForJson} = require('./copy.js');
const {kinds} = require('./kinds.js');
const {notCloneable} = require('./not-cloneable.js');
const {cut} = require('./pieces.js');
const {isJsonNumber, isJsonPrimitive} = require('./properties.js');

const {byteLength} = Buffer;
const {isView} = ArrayBuffer;
const {parse, stringify} = JSON;

/** Rust reads a longer string as V8 stores it, if it has a byte for each character. Shorter ones are not worth the question. */
const MAX_SHORT_TEXT = 512;

/** Rust keeps the memory of strings from this length on for the next ones. */
const MIN_KEPT_TEXT = 65_536 - 1;

/** Milliseconds after the last such string until the memory is released. */
const RELEASE_AFTER = 1000;

let releaseTimer;

const releaseLater = () => {
	releaseTimer ??= setTimeout(releaseTexts, RELEASE_AFTER).unref();
	releaseTimer.refresh();
};

/** Returns whether V8 stores a string with a byte for each character. Says no of some of them on Node 20. */
const isOneByte = v8.isStringOneByteRepresentation ?? (text => byteLength(text) === text.length);

/** A value on its way to another thread. It does not change any more, whatever happens to the value. */
class Encoded {
	constructor(kind, payload, body = undefined, transfers = undefined) {
		/** How the payload is to be decoded. */
		this.kind = kind;
		/** Text or bytes, if it is not of the kind `port`. */
		this.payload = payload;
		/** What is posted, if it is of the kind `port`. */
		this.body = body;
		/** The `Transfers` of each value in the body. */
		this.transfers = transfers;
	}
}

const nothing = new Encoded(kinds.nothing, undefined);

const skipped = new Encoded(kinds.skip, '');

/** Returns whether JSON calls no `toJSON` of an array. Copies of plain objects inherit none. */
const isJsonUntouched = () => !('toJSON' in Array.prototype);

/** Encodes a copy that is deeper than V8 can be sure to serialize. */
const encodeDeep = (copy, {errors, needsPort, transfers}) => {
	const body = cut([copy, errors]);
	return needsPort || transfers !== undefined
		? new Encoded(kinds.port, undefined, body, transfers && [transfers])
		: new Encoded(kinds.pieces, serialize(body));
};

/** Encodes a copy that is not JSON. */
const encodeCopy = (copy, copier) => {
	if (copier.isDeep) {
		return encodeDeep(copy, copier);
	}

	const {errors, transfers} = copier;
	if (!copier.needsPort && transfers === undefined) {
		try {
			return errors === undefined
				? new Encoded(kinds.clone, serialize(copy))
				: new Encoded(kinds.cloneWithErrors, serialize([copy, errors]));
		} catch {
			// V8 alone can't serialize it. Node may, or else it says why not.
		}
	}

	return new Encoded(kinds.port, undefined, {value: copy, errors}, transfers && [transfers]);
};

const isBytes = value => {
	if (!types.isUint8Array(value)) {
		return false;
	}

	const buffer = bufferOf(value);
	return types.isArrayBuffer(buffer) && !isDetached(buffer);
};

const encodeText = text => {
	if (text.length <= MAX_SHORT_TEXT || !isOneByte(text)) {
		return new Encoded(kinds.text, text);
	}

	if (text.length >= MIN_KEPT_TEXT) {
		releaseLater();
	}

	return new Encoded(kinds.oneByteText, text);
};

const encodePrimitive = (value, name) => {
	switch (typeof value) {
		case 'undefined':
			return nothing;
		case 'string':
			return encodeText(value);
		case 'number':
			return isJsonNumber(value) ? new Encoded(kinds.json, String(value)) : new Encoded(kinds.clone, serialize(value));
		case 'boolean':
		case 'object':
			return new Encoded(kinds.json, String(value));
		case 'bigint':
			return new Encoded(kinds.clone, serialize(value));
		default:
			if (value === skip) {
				return skipped;
			}

			throw notCloneable(name, value);
	}
};

const isObject = value => typeof value === 'object' && value !== null;

/** Encodes a copy of an object, or another value that JSON keeps. */
const encodeJson = copy =>
	isJsonUntouched() ? new Encoded(kinds.json, stringify(copy)) : new Encoded(kinds.clone, serialize(copy));

/**
 * Encodes a value. Throws what a getter of the value throws, and an error that names a part that can't be sent; it
 * calls the value `name`. The encoded bytes of a Uint8Array are the array itself.
 */
const encode = (value, name, transferList) => {
	if (transferList !== undefined) {
		const copier = new Copier(name, transferList);
		return encodeCopy(copier.copy(value), copier);
	}

	if (!isObject(value)) {
		return encodePrimitive(value, name);
	}

	if (isView(value) && isBytes(value)) {
		return new Encoded(kinds.bytes, value);
	}

	const copied = copyForJson(value, name, encodeCopy);
	return copied instanceof Encoded ? copied : encodeJson(copied);
};

/** Prepares a value for a bundle: as a copy if JSON keeps it, and otherwise encoded. */
const prepare = (value, name) => {
	if (typeof value !== 'object' || value === null) {
		return isJsonPrimitive(value) ? value : encodePrimitive(value, name);
	}

	if (isView(value) && isBytes(value)) {
		return new Encoded(kinds.bytes, new Uint8Array(value)); // a view would be serialized with the whole memory behind it
	}

	return copyForJson(value, name, encodeCopy);
};

/** Encodes what `prepare` has returned. */
const encodePrepared = prepared => {
	if (prepared instanceof Encoded) {
		return prepared;
	}

	return isObject(prepared) ? encodeJson(prepared) : encodePrimitive(prepared);
};

/** Returns whether what `prepare` has returned has to be posted. */
const isPosted = prepared => prepared instanceof Encoded && prepared.kind === kinds.port;

/** Returns prepared values as the text of a JSON array, or undefined if one of them is not JSON. */
const joined = prepared => {
	for (const each of prepared) {
		if (each instanceof Encoded) {
			return undefined;
		}
	}

	return isJsonUntouched() ? stringify(prepared) : undefined;
};

/** Several tasks, encoded as one. Only their text is kept: the garbage collector passes it by, as it is one object. */
class EncodedTasks extends Encoded {
	constructor(text, size) {
		super(kinds.bundle, text);
		this.size = size;
	}

	/** Returns the tasks from the one at `place` on, as `prepare` has returned them. */
	from(place) {
		return parse(this.payload).slice(place);
	}
}

/** Encodes prepared tasks as one bundle. Returns undefined if they can't be one. */
const encodeTasks = prepared => {
	const text = joined(prepared);
	return text === undefined ? undefined : new EncodedTasks(text, prepared.length);
};

/** Encodes results that are posted in one message, as one of them has to be posted. */
const encodePosted = results =>
	new Encoded(
		kinds.port,
		undefined,
		{results: results.map(({kind, payload, body}) => [kind, payload ?? body])},
		results.flatMap(({transfers = []}) => transfers),
	);

/** Encodes encoded values one by one: otherwise an object in two of them would arrive as one object. */
const encodeEach = encoded =>
	encoded.some(({kind}) => kind === kinds.port)
		? encodePosted(encoded)
		: new Encoded(kinds.bundleOfKinds, serialize(encoded.map(({kind, payload}) => [kind, payload])));

/** Encodes the prepared results of a bundle. */
const encodeResults = prepared => {
	if (prepared.every(result => result === nothing)) {
		return new Encoded(kinds.bundleOfNothing, String(prepared.length));
	}

	const text = joined(prepared);
	if (text !== undefined) {
		return new Encoded(kinds.bundle, text);
	}

	return encodeEach(prepared.map(result => encodePrepared(result)));
};

/** Encodes the prepared results of a bundle that has ended at a task that failed, and behind them its encoded error. */
const encodeFailed = (prepared, error) => encodeEach([...prepared.map(result => encodePrepared(result)), error]);

module.exports = {
	Encoded,
	encode,
	encodeCopy,
	encodeFailed,
	encodePrepared,
	encodePrimitive,
	encodeResults,
	encodeTasks,
	isObject,
	isPosted,
	prepare,
};
