'use strict';

// Copies a value, and reads each property once on the way. Getters, Proxies and other code of the user can run while
// the value is copied, and not any more when the copy is encoded. The copy is a structured clone, up to these parts:
// plain objects inherit nothing, buffers and objects whose properties are not cloned (a Date, a Blob) stay the same
// objects, and errors are bare.
//
// Nearly all values are plain data. They are copied here, by functions that do as little as they can: this takes most of
// the time of a small task, and much of it before V8 has compiled them. Other objects are copied by a `SpecialCopier`.

const {types} = require('node:util');
const {isMarked} = require('../move.js');
const {SpecialCopier} = require('./copy-special.js');
const {notCloneable, stepText} = require('./not-cloneable.js');
const {isSpecial} = require('./object-types.js');
const {LEFT_OUT, PlainCopy, define, indexOf, isJsonNumber, isJsonPrimitive, readOrNot} = require('./properties.js');

const {isArray} = Array;
const {isProxy} = types;
const {getPrototypeOf, hasOwn, keys} = Object;

/** Larger values are not sent as JSON: their content takes the time, and not the setup of the serializer. */
const MAX_JSON_OBJECTS = 16;
const MAX_JSON_ARRAY = 64;

/** So many levels are copied by recursion. Deeper ones wait in a list, so that no stack is exceeded. */
const MAX_RECURSION = 100;

/** What is deeper is left out of errors: nobody reads so far, and a getter could go on without an end. */
const MAX_PRUNED_DEPTH = 500;

/** What is deeper is refused. A getter could go on without an end. */
const MAX_DEPTH = 100_000;

/** Returns whether the names of an object may be those of an `arguments` object, which begin with an index. */
const maybeArguments = names => {
	const code = names[0].charCodeAt(0);
	return code >= 48 && code <= 57;
};

/** Keeps the copy of an object, in case the object is met again. */
const remember = (copier, source, copy) => {
	const {met, copyOf} = copier;
	if (met === undefined) {
		copier.met = [source, copy];
	} else if (copyOf !== undefined) {
		copyOf.set(source, copy);
	} else if (met.length < 2 * MAX_JSON_OBJECTS) {
		met.push(source, copy);
	} else {
		copier.isJson = false;
		copier.copyOf = new Map([[source, copy]]);
		for (let index = 0; index < met.length; index += 2) {
			copier.copyOf.set(met[index], met[index + 1]);
		}
	}
};

const hasMet = ({met, copyOf}, source) => (copyOf === undefined ? met.includes(source) : copyOf.has(source));

/** Returns the copy of an object that was met before. */
const find = ({met, copyOf}, source) => (copyOf === undefined ? met[met.indexOf(source) + 1] : copyOf.get(source));

/** Returns a copy of an object: the same one each time that it is met. */
const copyObject = (copier, source) => {
	if (copier.met !== undefined && hasMet(copier, source)) {
		copier.isJson = false; // JSON would make two objects of it
		return find(copier, source);
	}

	if (isProxy(source)) {
		return copier.refuse(source);
	}

	if (isArray(source)) {
		const {length} = source;
		return copyBy(copier, source, length > MAX_JSON_ARRAY ? [] : new Array(length), fillArray);
	}

	const prototype = getPrototypeOf(source);
	if (prototype === Object.prototype || prototype === null) {
		const names = keys(source);
		// A Map or a Date whose prototype was replaced has no names, or its user is beyond help.
		const isSure = prototype !== null && names.length > 0 && !maybeArguments(names);
		if (isSure || !isSpecial(source)) {
			const moved = isMarked(source) ? specialOf(copier).readMoved(source) : undefined;
			return moved === undefined ? copyBy(copier, source, new PlainCopy(), fillPlain, names) : moved.copy;
		}
	}

	return specialOf(copier).copy(source, prototype);
};

const specialOf = copier => {
	copier.special ??= new SpecialCopier(copier);
	return copier.special;
};

/** Copies an object by a function that fills a new copy: at once or, if the object is deep, later. */
const copyBy = (copier, source, copy, fill, names) => {
	if (copier.depth < MAX_RECURSION) {
		remember(copier, source, copy);
		fill(copier, source, copy, names);
		return copy;
	}

	const origin = copier.place();
	if (copier.prunes && origin.depth > MAX_PRUNED_DEPTH) {
		return LEFT_OUT;
	}

	if (origin.depth > MAX_DEPTH) {
		throw new RangeError(`\`${copier.name}\` is deeper than ${MAX_DEPTH} objects`);
	}

	remember(copier, source, copy);
	copier.isDeep = true;
	copier.waiting ??= [];
	copier.waiting.push({fill, source, copy, origin});
	return copy;
};

/** Returns the copy of a part, which is at `step` in its parent. */
const copyPart = (copier, value, step, parent) => {
	if (typeof value !== 'object' || value === null) {
		return copyPrimitive(copier, value, step, parent);
	}

	const {depth} = copier;
	copier.steps[depth] = step;
	copier.depth = depth + 1;
	const copy = copyObject(copier, value);
	copier.depth = depth;
	return copy;
};

const copyPrimitive = (copier, value, step, parent) => {
	switch (typeof value) {
		case 'number':
			copier.isJson &&= isJsonNumber(value);
			return value;
		case 'undefined':
			copier.isJson = false;
			// A getter may have deleted the property.
			return parent === undefined || hasOwn(parent, step) ? undefined : LEFT_OUT;
		case 'bigint':
			copier.isJson = false;
			return value;
		case 'function':
		case 'symbol':
			return copier.refuse(value, step);
		default:
			return value;
	}
};

/** Copies the properties of an object. */
const fillPlain = (copier, source, copy, names = keys(source)) => {
	const {prunes} = copier;
	for (let index = 0; index < names.length; index++) {
		const name = names[index];
		const value = prunes ? readOrNot(source, name) : source[name];
		if (typeof value === 'string' || isJsonPrimitive(value)) {
			copy[name] = value;
			continue;
		}

		const item = copyPart(copier, value, name, source);
		if (item !== LEFT_OUT) {
			copy[name] = item;
		}
	}
};

/** Copies the items of an array into one that is empty or as long, and the other properties of the array. */
const fillArray = (copier, source, copy) => {
	const {prunes} = copier;
	const {length} = source;
	let index = 0;
	for (; index < length; index++) {
		const value = prunes ? readOrNot(source, index) : source[index];
		if (typeof value === 'string' || isJsonPrimitive(value)) {
			copy[index] = value;
			continue;
		}

		const item = copyPart(copier, value, index, source);
		if (item !== LEFT_OUT) {
			copy[index] = item;
		} else if (hasOwn(source, index)) {
			copy[index] = undefined;
		} else {
			break; // a hole
		}
	}

	const names = keys(source);
	if (index < length || names.length !== length || copy.length !== length || length > MAX_JSON_ARRAY) {
		copier.isJson = false;
		copy.length = length;
		fillRest(copier, source, copy, names, index);
	}
};

/** Copies the items behind the first hole of an array, and its other properties. */
const fillRest = (copier, source, copy, names, first) => {
	const {length} = copy;
	for (let index = Math.min(first, names.length); index < names.length; index++) {
		const name = names[index];
		const place = indexOf(name);
		if (place === undefined || (place >= first && place < length)) {
			const value = copier.prunes ? readOrNot(source, name) : source[name];
			const item = copyPart(copier, value, place ?? name, source);
			if (item !== LEFT_OUT) {
				define(copy, name, item);
			}
		}
	}
};

/** Copies one value. Its fields are for this file, apart from `isJson` and `prunes`. */
class Copier {
	constructor(name, transferList) {
		this.name = name;
		/** Whether JSON gives back the copy as a structured clone would. */
		this.isJson = true;
		/** Whether parts that can't be sent are left out. Otherwise the first of them is an error. */
		this.prunes = false;
		/** The objects that were met, each followed by its copy. More than `MAX_JSON_OBJECTS` are in the map `copyOf`. */
		this.met = undefined;
		this.copyOf = undefined;
		/** The path to the object that is copied: so many steps from the last object that waited, and the path to that. */
		this.depth = 0;
		this.steps = [];
		this.origin = undefined;
		/** Whether the value may be deeper than V8 can be sure to serialize. */
		this.isDeep = false;
		/** Objects whose properties wait to be copied. */
		this.waiting = undefined;
		/** Copies what is no plain data. */
		this.special = transferList === undefined ? undefined : new SpecialCopier(this, transferList);
	}

	/** Forgets all that has made more of the value than JSON. */
	reset() {
		this.isJson = true;
		this.prunes = false;
		this.isDeep = false;
		this.copyOf = undefined;
		this.goBelow(undefined);
		this.waiting = undefined;
	}

	/** Whether V8 alone can't serialize the copy. */
	get needsPort() {
		return this.special?.needsPort ?? false;
	}

	/** The records of the errors in the value, if there are any. */
	get errors() {
		return this.special?.errors;
	}

	/** What is transferred, if there is anything. */
	get transfers() {
		return this.special?.transfers;
	}

	/** Returns a copy of the value. Throws what a getter throws, and an error that names a part that can't be sent. */
	copy(value) {
		const copy = this.copyWhole(value);
		this.end();
		return copy;
	}

	/** Copies what was left for the end. */
	end() {
		this.copyWaiting();
		this.special?.end();
	}

	/** Returns a copy of something that was thrown, without the parts that can't be sent. */
	copyThrown(thrown) {
		this.prunes = true;
		const copy = this.copy(thrown);
		if (copy === LEFT_OUT) {
			throw notCloneable(this.name, thrown);
		}

		return copy;
	}

	/** Returns the copy of a value that has no parent, or stands for the object that is copied. */
	copyWhole(value) {
		return typeof value === 'object' && value !== null ? copyObject(this, value) : copyPrimitive(this, value);
	}

	/** Returns the copy of a part of the object that is copied. */
	copyPart(value, step) {
		return copyPart(this, value, step, undefined);
	}

	/** Copies the properties of an object, whatever it is. */
	copyPlain(source) {
		return copyBy(this, source, new PlainCopy(), fillPlain);
	}

	/** Copies an object by a function `fill(copier, source, copy)`. */
	copyBy(source, copy, fill) {
		return copyBy(this, source, copy, fill);
	}

	remember(source, copy) {
		remember(this, source, copy);
	}

	/** Returns the path to a place, or to a part of it. */
	pathOf(place, step) {
		const parts = step === undefined ? [] : [stepText(step)];
		for (let at = place; at !== undefined; at = at.origin) {
			parts.unshift(...at.steps.map(each => stepText(each)));
		}

		return this.name + parts.join('');
	}

	/** Returns a function that gives the path of now: only an error needs it, and it may be long. */
	pathLater() {
		const place = this.place();
		return () => this.pathOf(place);
	}

	/** Leaves out what can't be sent: the object that is copied, or a part of it. Throws if nothing may be left out. */
	refuse(value, step) {
		if (this.prunes) {
			return LEFT_OUT;
		}

		throw notCloneable(this.pathOf(this.place(), step), value);
	}

	/** Returns the place that is copied, to go on there later. */
	place() {
		const steps = this.steps.slice(0, this.depth);
		return {steps, origin: this.origin, depth: (this.origin?.depth ?? 0) + steps.length};
	}

	/** Goes back to a place. */
	goTo({steps, origin}) {
		this.steps = [...steps];
		this.depth = steps.length;
		this.origin = origin;
	}

	/** Goes below a place, which becomes the origin of the steps. */
	goBelow(place) {
		this.steps = [];
		this.depth = 0;
		this.origin = place;
	}

	copyWaiting() {
		while (this.waiting?.length > 0) {
			const {fill, source, copy, origin} = this.waiting.pop();
			this.goBelow(origin);
			fill(this, source, copy);
		}
	}
}

/** A copier that is not in use. While it copies, and code of the user may run, it is not here. */
let spare;

/**
 * Returns a copy of an object if JSON keeps it, and otherwise what `encode(copy, copier)` makes of the copy. Uses the
 * same copier again and again, unless a getter needs another one meanwhile.
 */
const copyForJson = (object, name, encode) => {
	const copier = spare ?? new Copier(name);
	spare = undefined;
	copier.name = name;
	let copy = copyObject(copier, object);
	if (!copier.isJson) {
		copier.end();
		copy = encode(copy, copier);
		copier.reset();
	}

	// Nothing of the value is left in it but names of properties.
	copier.met = undefined;
	copier.special = undefined;
	spare = copier;
	return copy;
};

module.exports = {Copier, copyForJson};
