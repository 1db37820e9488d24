'use strict';

// How a value travels between threads: as text or bytes that Rust can keep and hand to any worker.
//
// The kind tells how to read it. Small trees of plain data go as JSON, which costs a fifth of a
// structured clone and gives the same; everything else as V8's own serialization, which is what a
// structured clone is made of. What that can't do (a SharedArrayBuffer, a Blob) travels through a
// MessagePort, which `port` stands for.

const {Blob} = require('node:buffer');
const {types} = require('node:util');
const {Serializer, Deserializer} = require('node:v8');
const {MessageChannel} = require('node:worker_threads');
const {isPrimitive} = require('../promises.js');
const {NotCloneableError} = require('../errors.js');

const kinds = {nothing: 0, json: 1, text: 2, bytes: 3, clone: 4, cloneWithErrors: 5, port: 6};

/** What is larger than this is cloned: the time goes into the content then, and not into the setting up. */
const MOST_OBJECTS = 16;
const LONGEST_ARRAY = 64;

const {getPrototypeOf, keys} = Object;

/** The objects of a tree met so far: met twice, an object would become two. */
const met = [];

const isPlain = value => {
	switch (typeof value) {
		case 'string':
		case 'boolean':
			return true;
		case 'number':
			return Number.isFinite(value) && !Object.is(value, -0);
		case 'object':
			return value === null || isPlainObject(value);
		default:
			return false;
	}
};

const isPlainObject = value => {
	if (met.length === MOST_OBJECTS || met.includes(value)) {
		return false;
	}

	met.push(value);
	const prototype = getPrototypeOf(value);
	if (prototype === Array.prototype) {
		const {length} = value;
		// An array may have properties beside its items.
		return length <= LONGEST_ARRAY && keys(value).length === length && value.every(isPlain);
	}

	if (prototype !== Object.prototype && prototype !== null) {
		return false;
	}

	for (const key of keys(value)) {
		if (!isPlain(value[key])) {
			return false;
		}
	}

	return true;
};

/** Whether JSON gives the value back as a structured clone would. */
const isJson = value => {
	met.length = 0;
	return isPlain(value);
};

/** Classes whose instances V8 would take for plain objects, and Node would not. */
const cloneableClasses = [Blob, DOMException];

/** All errors in a value, and whether it has to go through a port. */
const survey = root => {
	const errors = [];
	const seen = new Set();
	const next = [root];
	const visit = value => {
		if (!isPrimitive(value) && !seen.has(value)) {
			seen.add(value);
			next.push(value);
		}
	};

	while (next.length > 0) {
		const value = next.pop();
		if (types.isNativeError(value)) {
			errors.push(value);
			visit(value.cause);
			visit(value.errors);
		} else if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
			continue;
		} else if (types.isMap(value)) {
			for (const [key, item] of value) {
				visit(key);
				visit(item);
			}

			continue;
		} else if (types.isSet(value)) {
			for (const item of value) {
				visit(item);
			}

			continue;
		} else if (cloneableClasses.some(type => value instanceof type)) {
			return {needsPort: true, errors};
		}

		for (const key of keys(value)) {
			visit(value[key]);
		}
	}

	return {needsPort: false, errors};
};

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

/** What a structured clone leaves out of an error. */
const beyondClone = error => {
	const {name, stack} = error;
	const className = error.constructor?.name;
	const own = {};
	for (const key of keys(error)) {
		own[key] = error[key];
	}

	return {
		error,
		name: name === 'Error' ? String(className || name) : String(name),
		own,
		stack,
		...(Object.hasOwn(error, 'cause') && {cause: error.cause}),
		...(Array.isArray(error.errors) && !Object.hasOwn(own, 'errors') && {errors: error.errors}),
	};
};

const hidden = value => ({value, writable: true, configurable: true, enumerable: false});

/** Gives a cloned error what the clone has left out. */
const complete = ({error, name, own, stack, ...others}) => {
	Object.assign(error, own);
	if (error.name !== name) {
		Object.defineProperty(error, 'name', hidden(name));
	}

	for (const [key, value] of Object.entries({stack, ...others})) {
		Object.defineProperty(error, key, hidden(value));
	}
};

/** Whether a structured clone of this value can be made. */
const isCloneable = value => {
	const {port1, port2} = new MessageChannel();
	try {
		port1.postMessage(value);
		return true;
	} catch {
		return false;
	} finally {
		port1.close();
		port2.close();
	}
};

const step = key =>
	typeof key === 'string' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
		? `.${key}`
		: `[${JSON.stringify(key)}]`;

/** The parts of a value with how to reach them. */
const partsOf = function* (value) {
	if (types.isMap(value)) {
		let index = 0;
		for (const [key, item] of value) {
			yield [` (key ${index} of the Map)`, key];
			yield [
				isPrimitive(key)
					? `.get(${typeof key === 'string' ? JSON.stringify(key) : String(key)})`
					: ` (value ${index} of the Map)`,
				item,
			];
			index++;
		}
	} else if (types.isSet(value)) {
		let index = 0;
		for (const item of value) {
			yield [` (item ${index++} of the Set)`, item];
		}
	} else {
		for (const key of keys(value)) {
			yield [Array.isArray(value) && /^\d+$/.test(key) ? `[${key}]` : step(key), value[key]];
		}
	}
};

const described = value => {
	if (typeof value === 'function') {
		return `a function${value.name ? ` (${value.name})` : ''}`;
	}

	return typeof value === 'symbol' ? 'a symbol' : `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
};

/** An error that names the innermost part that can't be cloned. */
const notCloneable = (root, name, cause) => {
	let path = name;
	let value = root;
	const seen = new Set();
	for (;;) {
		if (isPrimitive(value) || typeof value === 'function' || seen.has(value)) {
			break;
		}

		seen.add(value);
		let inner;
		for (const [way, part] of partsOf(value)) {
			if (!isCloneable(part)) {
				inner = [way, part];
				break;
			}
		}

		if (inner === undefined) {
			break;
		}

		path += inner[0];
		value = inner[1];
	}

	return new NotCloneableError(`\`${path}\` can't be sent to another thread: it is ${described(value)}`, {cause});
};

/** The kind of what `encode` gave last. A second result, without an object for the two. */
let kind = kinds.nothing;

const encodeObject = value => {
	if (types.isUint8Array(value) && types.isArrayBuffer(value.buffer)) {
		kind = kinds.bytes;
		return value;
	}

	const {errors, needsPort} = survey(value);
	if (!needsPort) {
		try {
			const bytes = serialize(errors.length > 0 ? [value, errors.map(beyondClone)] : value);
			kind = errors.length > 0 ? kinds.cloneWithErrors : kinds.clone;
			return bytes;
		} catch {
			// V8 alone can't; maybe Node can.
		}
	}

	kind = kinds.port;
	return undefined;
};

/**
 * A value as text or bytes; `lastKind()` is how. Where the kind is `port` it gives nothing: the value
 * has to be posted. `name` is what a message calls the value.
 */
const encode = (value, name) => {
	switch (typeof value) {
		case 'undefined':
			kind = kinds.nothing;
			return undefined;
		case 'string':
			if (value.isWellFormed()) {
				kind = kinds.text;
				return value;
			}

			kind = kinds.json;
			return JSON.stringify(value);
		case 'function':
		case 'symbol':
			throw notCloneable(value, name);
		case 'bigint':
			kind = kinds.clone;
			return serialize(value);
		default:
			if (isJson(value)) {
				kind = kinds.json;
				return JSON.stringify(value);
			}

			if (typeof value === 'number') {
				kind = kinds.clone;
				return serialize(value);
			}

			return encodeObject(value);
	}
};

const lastKind = () => kind;

/** The kind of what was not encoded, because it is handed over. */
const encodeAsPosted = () => {
	kind = kinds.port;
};

const decode = (kind, payload) => {
	switch (kind) {
		case kinds.nothing:
			return undefined;
		case kinds.json:
			return JSON.parse(payload);
		case kinds.text:
			return payload;
		case kinds.bytes:
			return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
		case kinds.clone:
			return deserialize(payload);
		default: {
			const [value, errors] = deserialize(payload);
			for (const error of errors) {
				complete(error);
			}

			return value;
		}
	}
};

/** Posts a value that can't be encoded. */
const post = (port, message, value, name, transferList) => {
	try {
		port.postMessage(message, transferList);
	} catch (error) {
		throw error?.name === 'DataCloneError' && !isCloneableBut(value, transferList)
			? notCloneable(value, name, error)
			: error;
	}
};

/** A refusal may be about the transfer list and not about the value. */
const isCloneableBut = (value, transferList) =>
	transferList !== undefined && transferList.length > 0 && isCloneable(value);

/** What was thrown, encoded; parts of it that can't be sent are left out. */
const encodeThrown = thrown => {
	try {
		const payload = encode(thrown, 'error');
		if (kind !== kinds.port) {
			return payload;
		}
	} catch {
		// Its parts are looked at one by one.
	}

	if (!types.isNativeError(thrown) && !(thrown instanceof Error)) {
		return encode(
			new NotCloneableError(`what was thrown can't be sent to another thread: it is ${described(thrown)}`),
			'error',
		);
	}

	const copy = new Error(String(thrown.message));
	copy.stack = String(thrown.stack);
	Object.defineProperty(
		copy,
		'name',
		hidden(String(thrown.name === 'Error' ? thrown.constructor?.name || 'Error' : thrown.name)),
	);
	for (const key of keys(thrown)) {
		if (isCloneable(thrown[key])) {
			copy[key] = thrown[key];
		}
	}

	if (thrown.cause !== undefined && isCloneable(thrown.cause)) {
		Object.defineProperty(copy, 'cause', hidden(thrown.cause));
	}

	return encode(copy, 'error');
};

module.exports = {kinds, encode, encodeAsPosted, encodeThrown, lastKind, decode, post};
