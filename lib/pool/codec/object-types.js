'use strict';

// What a structured clone makes of an object. Nothing here runs code of the user, or reads properties of a value that
// has getters.

const {types} = require('node:util');
const {MessagePort} = require('node:worker_threads');
const {DOMException} = require('../../common/environment.js');
const {isCloneable, isGone, isTransferable, structuredClone} = require('./clone.js');

const {getOwnPropertyDescriptor, getPrototypeOf, hasOwn, keys} = Object;

/** Returns whether structured clones keep the content of an object, and not its properties. */
const isOpaque = object =>
	types.isDate(object) || types.isRegExp(object) || (types.isBoxedPrimitive(object) && !types.isSymbolObject(object));

/** Returns whether structured clones refuse an object of the language itself. */
const isRefused = object =>
	types.isArgumentsObject(object) ||
	types.isPromise(object) ||
	types.isWeakMap(object) ||
	types.isWeakSet(object) ||
	types.isSymbolObject(object) ||
	types.isGeneratorObject(object) ||
	types.isMapIterator(object) ||
	types.isSetIterator(object) ||
	types.isModuleNamespaceObject(object) ||
	types.isExternal(object);

/** Returns whether an object is more than its properties, whatever its prototype is. */
const isSpecial = object =>
	ArrayBuffer.isView(object) ||
	types.isAnyArrayBuffer(object) ||
	types.isMap(object) ||
	types.isSet(object) ||
	types.isNativeError(object) ||
	isOpaque(object) ||
	isRefused(object);

/** Returns whether an object is a DOMException. Before Node 22, those are not native errors. */
const isDomException = object => {
	try {
		return object instanceof DOMException;
	} catch {
		return false; // a prototype is a Proxy that throws
	}
};

const isNative = type =>
	typeof type === 'function' && /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(type));

/** In place of a class that has no name, like that of the iterators of arrays. */
const unnamed = Object;

/** Returns the classes in a prototype chain, up to `Object`. */
const classesOf = prototype => {
	const classes = [];
	for (let next = prototype; next !== null && !types.isProxy(next); next = getPrototypeOf(next)) {
		const type = getOwnPropertyDescriptor(next, 'constructor')?.value;
		if (getPrototypeOf(next) !== null && (type !== undefined || hasOwn(next, Symbol.toStringTag))) {
			classes.push(type ?? unnamed);
		}
	}

	return classes;
};

/** Returns whether no part of a value has a getter, so that it may be read twice, and cloned to see what happens. */
const isInert = root => {
	const seen = new Set([root]);
	const next = [root];
	const visit = value => {
		if (typeof value === 'object' && value !== null && !seen.has(value)) {
			seen.add(value);
			next.push(value);
		}
	};

	while (next.length > 0) {
		const value = next.pop();
		if (types.isProxy(value)) {
			continue; // a clone refuses it before it reads anything
		}

		if (value instanceof MessagePort) {
			return false; // Node 24 and 26 crash when they clone a port that is closed
		}

		if (types.isMap(value)) {
			Map.prototype.forEach.call(value, (item, key) => {
				visit(key);
				visit(item);
			});
		} else if (types.isSet(value)) {
			Set.prototype.forEach.call(value, visit);
		} else if (types.isNativeError(value)) {
			return false; // its name may be a getter of its class
		} else if (!isSpecial(value)) {
			for (const key of keys(value)) {
				const descriptor = getOwnPropertyDescriptor(value, key);
				if (!hasOwn(descriptor, 'value')) {
					return false;
				}

				visit(descriptor.value);
			}
		}
	}

	return true;
};

/** Prototypes of objects that are known to be cloned as plain objects, in all values. */
const plainPrototypes = new WeakSet();

/** What a clone makes of an instance of a class. */
const PLAIN = 'plain';
/** Only Node can clone it. */
const HOST = 'host';
/** It has to be in the transfer list. */
const TRANSFERRED = 'transferred';
/** It can't be cloned, or something in it can't. */
const DOUBTFUL = 'doubtful';

const tryClone = instance => {
	try {
		// It may be a plain object of another realm.
		return classesOf(getPrototypeOf(structuredClone(instance))).length === 0 ? PLAIN : HOST;
	} catch (error) {
		if (isTransferable(instance)) {
			return TRANSFERRED;
		}

		return error instanceof RangeError ? PLAIN : DOUBTFUL; // a RangeError: it is too deep
	}
};

/**
 * Returns what a clone makes of an object with a prototype of its own. Only Node knows which of its classes are more
 * than their properties, so one instance of each class is tried. `verdicts` keeps the answers for one value.
 */
const typeOfInstance = (instance, prototype, verdicts) => {
	const known = verdicts.get(prototype);
	if (known !== undefined) {
		return known;
	}

	const classes = classesOf(prototype);
	if (classes.length === 0) {
		return PLAIN;
	}

	if (!isInert(instance)) {
		const type = isGone(instance) || isTransferable(instance) ? TRANSFERRED : PLAIN;
		verdicts.set(prototype, type);
		return type;
	}

	const type = tryClone(instance);
	if (type === PLAIN && !classes.some(isNative)) {
		plainPrototypes.add(prototype);
	}

	if (type !== DOUBTFUL) {
		verdicts.set(prototype, type);
	}

	return type;
};

module.exports = {
	DOUBTFUL,
	HOST,
	PLAIN,
	TRANSFERRED,
	isCloneable,
	isDomException,
	isOpaque,
	isRefused,
	isSpecial,
	plainPrototypes,
	typeOfInstance,
};
