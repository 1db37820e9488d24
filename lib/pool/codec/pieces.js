'use strict';

// Deep values as flat ones. V8 serializes a value by recursion, and the stack of a thread ends between 1,500 and 4,000
// levels, which depends on the system, the processor and the version. So a deep value is cut into pieces of a few
// hundred levels. V8 writes them one after the other, and what was written before is a reference.

const {types} = require('node:util');
const {PlainCopy} = require('./properties.js');

const {isArray} = Array;
const {getPrototypeOf, keys} = Object;
const {isMap, isSet} = types;

/** The levels of a piece. */
const MAX_LEVELS = 200;

const isObject = value => typeof value === 'object' && value !== null;

/** Returns whether the properties of an object are those of a copy. Others belong to Node, or to the user. */
const isPlain = object => {
	const prototype = getPrototypeOf(object);
	return isArray(object) || prototype === PlainCopy.prototype || prototype === Object.prototype;
};

/** Returns the parts of a collection in their order: items of a Set, keys and values of a Map. Other objects have none. */
const partsOf = object => {
	if (isMap(object)) {
		return [...object].flat();
	}

	return isSet(object) ? [...object] : undefined;
};

/** Gives a collection other parts. */
const refill = (collection, parts) => {
	collection.clear();
	if (isSet(collection)) {
		for (const part of parts) {
			collection.add(part);
		}

		return;
	}

	for (let index = 0; index < parts.length; index += 2) {
		collection.set(parts[index], parts[index + 1]);
	}
};

class Cutter {
	constructor(value) {
		/** The value without the parts that are cut off, then each of these. They are written in this order. */
		this.pieces = [value];
		/** What was cut off, three by three: an object, the key or the place in it, and the part that belongs there. */
		this.links = [];
		/** The objects that are in a piece or are one. */
		this.met = new Set(this.pieces);
		/** Pieces that were not looked at. */
		this.waiting = new Set(this.pieces);
	}

	cut() {
		for (const piece of this.pieces) {
			this.waiting.delete(piece);
			this.#walk(piece, 1);
		}
	}

	/** Looks at an object as V8 will write it: in the same order, so that nothing is met later there than here. */
	#walk(object, level) {
		const parts = partsOf(object);
		if (parts !== undefined) {
			this.#walkCollection(object, parts, level);
			return;
		}

		if (!isPlain(object)) {
			return;
		}

		for (const key of keys(object)) {
			const part = object[key];
			if (isObject(part) && this.#isCutOff(part, level)) {
				object[key] = undefined;
				this.links.push(object, key, part);
			}
		}
	}

	#walkCollection(object, parts, level) {
		const kept = parts.map((part, index) => {
			if (!isObject(part) || !this.#isCutOff(part, level)) {
				return part;
			}

			this.links.push(object, index, part);
			return {}; // keeps the place, as no other key or item is this object
		});
		if (kept.some((part, index) => part !== parts[index])) {
			refill(object, kept);
		}
	}

	/** Returns whether a part of an object does not belong to the same piece, or to one before it. */
	#isCutOff(part, level) {
		if (this.met.has(part)) {
			return this.waiting.has(part);
		}

		this.met.add(part);
		if (level === MAX_LEVELS) {
			this.waiting.add(part);
			this.pieces.push(part);
			return true;
		}

		this.#walk(part, level + 1);
		return false;
	}
}

/** Cuts a value, which is changed. Returns what is to be cloned: `join` makes the value of the clone. */
const cut = value => {
	const cutter = new Cutter(value);
	cutter.cut();
	return {pieces: cutter.pieces, links: cutter.links};
};

/** Puts the pieces of a value together. */
const join = ({pieces, links}) => {
	const collections = new Map();
	for (let index = 0; index < links.length; index += 3) {
		const [object, key, part] = links.slice(index, index + 3);
		const parts = collections.get(object) ?? partsOf(object);
		if (parts === undefined) {
			object[key] = part;
		} else {
			parts[key] = part;
			collections.set(object, parts);
		}
	}

	for (const [collection, parts] of collections) {
		refill(collection, parts);
	}

	return pieces[0];
};

module.exports = {cut, join};
