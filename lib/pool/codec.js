'use strict';

// How a value travels between threads: as text or bytes that Rust can keep and hand to any worker.
//
// The kind tells how to read it. Small trees of plain data go as JSON, which costs a fifth of a
// structured clone and gives the same; everything else as V8's own serialization, which is what a
// structured clone is made of. What that can't do (a SharedArrayBuffer, a Blob) travels through a
// MessagePort, which `port` stands for.

const {types} = require('node:util');
const {Serializer, Deserializer} = require('node:v8');
const {isDetached} = require('../checks.js');
const {isPrimitive} = require('../promises.js');
const {NotCloneableError, brand, invalid} = require('../errors.js');

const kinds = {
	nothing: 0,
	json: 1,
	text: 2,
	bytes: 3,
	clone: 4,
	cloneWithErrors: 5,
	port: 6,
	domException: 7,
	bundle: 8,
	bundleOfNothing: 9,
	bundleOfKinds: 10,
};

/** What is larger than this is cloned: the time goes into the content then, and not into the setting up. */
const MOST_OBJECTS = 16;
const LONGEST_ARRAY = 64;
/** Node-API has no way to look into a string; longer ones are sooner copied by V8. */
const LONGEST_TEXT = 16_384;

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
	if (value.toJSON !== undefined) {
		return false;
	}

	if (prototype === Array.prototype) {
		return isPlainArray(value);
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

/** An array may have holes, and properties beside its items. */
const isPlainArray = value => {
	const {length} = value;
	if (length > LONGEST_ARRAY || keys(value).length !== length) {
		return false;
	}

	for (let index = 0; index < length; index++) {
		if (!isPlain(value[index])) {
			return false;
		}
	}

	return true;
};

/** Whether JSON gives the value back as a structured clone would. */
const isJson = value => {
	const is = isPlain(value);
	met.length = 0;
	return is;
};

/** Prototypes of what V8 alone clones as Node does. */
const ordinary = new WeakSet(
	[Object, Array, Date, RegExp, Boolean, Number, String, BigInt].map(({prototype}) => prototype),
);

/**
 * Whether V8 alone clones an object as Node does. Of some classes, like `Blob`, only Node knows that they
 * are more than their properties, or that they can't be cloned; what becomes of a class is tried once.
 */
const isOrdinary = value => {
	const prototype = getPrototypeOf(value);
	if (prototype === null || ordinary.has(prototype)) {
		return true;
	}

	try {
		if (!ordinary.has(getPrototypeOf(structuredClone(value)))) {
			return false;
		}
	} catch {
		return false;
	}

	ordinary.add(prototype);
	return true;
};

/** All errors in a value, and whether it has to go through a port. */
const survey = root => {
	const errors = [];
	let needsPort = false;
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
		} else if (!needsPort && !isOrdinary(value)) {
			needsPort = true;
		}

		for (const key of keys(value)) {
			visit(value[key]);
		}
	}

	return {needsPort, errors};
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

/** The language's own classes of errors, by name. */
const builtin = Object.fromEntries(
	[Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(type => [
		type.name,
		type,
	]),
);

/** The one of them that an error is of. */
const builtinOf = error => {
	for (let prototype = getPrototypeOf(error); prototype !== null; prototype = getPrototypeOf(prototype)) {
		const name = Object.hasOwn(prototype, 'constructor') && prototype.constructor?.name;
		if (Object.hasOwn(builtin, name) && builtin[name].prototype === prototype) {
			return name;
		}
	}

	return 'Error';
};

/** The name of an error: what it calls itself, else its class. */
const nameOf = error => {
	const {name} = error;
	const isOwn = Object.hasOwn(error, 'name') || !Object.hasOwn(builtin, name);
	return String(isOwn ? name : error.constructor?.name || name);
};

const everything = () => true;

/** What a structured clone leaves out of an error; own properties only as far as they can be sent. */
const beyondClone = (error, canBeSent = everything) => {
	const {stack, message} = error;
	const own = {};
	for (const key of keys(error)) {
		if (canBeSent(error[key])) {
			own[key] = error[key];
		}
	}

	return {
		error,
		type: builtinOf(error),
		own,
		brand: error[brand],
		hidden: {
			name: nameOf(error),
			...(typeof message === 'string' && {message}),
			...(typeof stack === 'string' && {stack}),
			...(Object.hasOwn(error, 'cause') && {cause: error.cause}),
			...(Array.isArray(error.errors) && {errors: error.errors}),
		},
	};
};

/** Gives a cloned error what the clone has left out. */
const complete = ({error, type, own, brand: code, hidden}) => {
	const {prototype} = builtin[type];
	if (getPrototypeOf(error) !== prototype) {
		Object.setPrototypeOf(error, prototype);
	}

	Object.assign(error, own);
	for (const [key, value] of Object.entries(hidden)) {
		if (error[key] !== value) {
			Object.defineProperty(error, key, {value, writable: true, configurable: true, enumerable: false});
		}
	}

	if (code !== undefined) {
		Object.defineProperty(error, brand, {value: code});
	}
};

/** What came, with its errors as they were. */
const completed = (value, errors) => {
	for (const error of errors) {
		complete(error);
	}

	return value;
};

/** Whether a structured clone of this value can be made. */
const isCloneable = value => {
	try {
		structuredClone(value);
		return true;
	} catch {
		return false;
	}
};

const step = key =>
	typeof key === 'string' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
		? `.${key}`
		: `[${JSON.stringify(key)}]`;

/** The parts of a value that are cloned with it, with how to reach them. */
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
	} else if (types.isNativeError(value)) {
		yield ['.cause', value.cause];
	} else if (!ArrayBuffer.isView(value)) {
		for (const key of keys(value)) {
			yield [Array.isArray(value) && /^\d+$/.test(key) ? `[${key}]` : step(key), value[key]];
		}
	}
};

const described = value => {
	if (typeof value === 'function') {
		return `a function${value.name ? ` (${value.name})` : ''}`;
	}

	if (typeof value === 'symbol') {
		return 'a symbol';
	}

	const named = types.isProxy(value) ? 'Proxy' : value.constructor?.name;
	const type = typeof named === 'string' && named !== '' ? named : 'Object';
	return `${/^[AEIO]/.test(type) ? 'an' : 'a'} ${type}`;
};

/** Whether a value whose parts can all be cloned can't be. */
const isFault = value => {
	if (isPrimitive(value)) {
		return typeof value === 'symbol';
	}

	return typeof value === 'function' || types.isProxy(value) || !(isOrdinary(value) || isCloneable(value));
};

/** The first part that can't be cloned, depth first, with the way to it. What is handed over is none. */
const faultOf = (root, name, transferList) => {
	const handedOver = new Set(transferList);
	const seen = new Set(transferList);
	const path = [];
	const enter = (way, value) => {
		if (!isPrimitive(value)) {
			seen.add(value);
		}

		path.push({way, value, parts: isPrimitive(value) || types.isProxy(value) ? [].values() : partsOf(value)});
	};

	if (!handedOver.has(root)) {
		enter(name, root);
	}

	while (path.length > 0) {
		const {value, parts} = path.at(-1);
		const next = parts.next();
		if (next.done) {
			if (!handedOver.has(value?.buffer) && isFault(value)) {
				return [path.map(({way}) => way).join(''), value];
			}

			path.pop();
		} else if (!seen.has(next.value[1])) {
			enter(...next.value);
		}
	}

	return undefined;
};

/** An error that names the part that can't be cloned. */
const notCloneable = (root, name, cause, transferList) => {
	const [path, value] = faultOf(root, name, transferList) ?? [name, root];
	return new NotCloneableError(`\`${path}\` can't be sent to another thread: it is ${described(value)}`, {cause});
};

/** The kind of what `encode` gave last. A second result, without an object for the two. */
let kind = kinds.nothing;

const encodeObject = (value, name) => {
	if (types.isUint8Array(value) && types.isArrayBuffer(value.buffer) && !isDetached(value.buffer)) {
		kind = kinds.bytes;
		return value;
	}

	const {errors, needsPort} = survey(value);
	// Node 20 serializes errors that are their own cause, and can't read them.
	if (errors.some(error => Object.hasOwn(error, 'cause')) && !isCloneable(value)) {
		throw notCloneable(value, name);
	}

	if (!needsPort) {
		try {
			const bytes = serialize(errors.length > 0 ? [value, errors.map(error => beyondClone(error))] : value);
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
			if (value.length > LONGEST_TEXT) {
				kind = kinds.clone;
				return serialize(value);
			}

			kind = kinds.text;
			return value;
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

			return encodeObject(value, name);
	}
};

const lastKind = () => kind;

/** Tasks that travel together, as one text; undefined where they can't. */
const encodeTasks = tasks => {
	if (!tasks.every(task => isJson(task))) {
		return undefined;
	}

	kind = kinds.bundle;
	return JSON.stringify(tasks);
};

/** The results of such tasks. Where one has to be posted all are. */
const encodeResults = results => {
	if (results.every(result => result === undefined)) {
		kind = kinds.bundleOfNothing;
		return String(results.length);
	}

	if (results.every(result => isJson(result))) {
		kind = kinds.bundle;
		return JSON.stringify(results);
	}

	// One by one: what two results share would else arrive as one object.
	const encoded = [];
	for (const result of results) {
		const payload = encode(result, 'result');
		if (kind === kinds.port) {
			return undefined;
		}

		// A view would be serialized with all of the memory that it is a part of, for each result anew.
		encoded.push([kind, kind === kinds.bytes ? new Uint8Array(payload) : payload]);
	}

	kind = kinds.bundleOfKinds;
	return serialize(encoded);
};

/** The kind of what was not encoded, because it is handed over. */
const encodeAsPosted = () => {
	kind = kinds.port;
};

const domException = ({message, name, stack}) =>
	Object.defineProperty(new DOMException(message, name), 'stack', {value: stack, configurable: true, writable: true});

const decode = (kind, payload) => {
	switch (kind) {
		case kinds.nothing:
			return undefined;
		case kinds.json:
		case kinds.bundle:
			return JSON.parse(payload);
		case kinds.bundleOfNothing:
			return Array.from({length: Number(payload)});
		case kinds.bundleOfKinds:
			return deserialize(payload).map(([kind, payload]) => decode(kind, payload));
		case kinds.text:
			return payload;
		case kinds.bytes:
			return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
		case kinds.clone:
			return deserialize(payload);
		case kinds.domException:
			return domException(JSON.parse(payload));
		default:
			return completed(...deserialize(payload));
	}
};

/** Node's codes for a transfer list that is at fault by itself. */
const isOfTransferList = ({code}) => code === 'ERR_INVALID_TRANSFER_OBJECT';
const isOfValue = ({name, code}) => name === 'DataCloneError' || code === 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST';

/** Posts a value that can't be encoded, with what else there is to say; `received` takes it apart. */
const post = (port, fields, value, name, transferList) => {
	const {errors} = survey(value);
	try {
		if (transferList?.some(item => types.isArrayBuffer(item) && isDetached(item))) {
			// Node 20 posts it, and can't read it.
			throw new DOMException('An ArrayBuffer is detached and could not be transferred.', 'DataCloneError');
		}

		port.postMessage({...fields, value, errors: errors.map(error => beyondClone(error, isCloneable))}, transferList);
	} catch (error) {
		throw refusal(error, value, name, transferList);
	}
};

/** The value of a message that was posted. */
const received = ({value, errors}) => completed(value, errors);

/** A refusal may be about the transfer list and not about the value. */
const refusal = (error, value, name, transferList = []) => {
	const isListAtFault =
		isOfTransferList(error) ||
		(transferList.length > 0 && isOfValue(error) && faultOf(value, name, transferList) === undefined);
	if (isListAtFault) {
		const refused = invalid('transferList', 'objects that can be transferred, each once', transferList);
		refused.cause = error;
		return refused;
	}

	return isOfValue(error) ? notCloneable(value, name, error, transferList) : error;
};

/** As much of what was thrown as can be sent. */
const sendable = thrown => {
	if (!types.isNativeError(thrown) && !(thrown instanceof Error)) {
		return new NotCloneableError(`what was thrown can't be sent to another thread: it is ${described(thrown)}`);
	}

	const copy = new Error(String(thrown.message));
	const beyond = beyondClone(thrown, isCloneable);
	const {hidden} = beyond;
	for (const key of ['cause', 'errors']) {
		if (!isCloneable(hidden[key])) {
			delete hidden[key];
		}
	}

	complete({...beyond, error: copy});
	return copy;
};

/**
 * What was thrown, encoded; where the kind is `port`, `send` has posted it. Parts of it that can't be
 * sent are left out.
 */
const encodeThrown = (thrown, send) => {
	// Node 20 clones it to an object of nothing.
	if (thrown instanceof DOMException) {
		kind = kinds.domException;
		return JSON.stringify({message: thrown.message, name: thrown.name, stack: thrown.stack});
	}

	const versions = [
		() => thrown,
		() => sendable(thrown),
		() => new Error(`what was thrown can't be sent to another thread`),
	];
	for (const version of versions) {
		try {
			const error = version();
			const payload = encode(error, 'error');
			if (kind === kinds.port) {
				send(error);
			}

			return payload;
		} catch {
			// With less of it, then.
		}
	}

	return encode(undefined);
};

module.exports = {
	encodeResults,
	encodeTasks,
	kinds,
	encode,
	encodeAsPosted,
	encodeThrown,
	isCloneable,
	lastKind,
	notCloneable,
	decode,
	post,
	received,
};
