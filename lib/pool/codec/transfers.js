'use strict';

// What travels with a value by transfer: the caller's transfer list, and what `move()` marks inside of the value.

const {types} = require('node:util');
const {InvalidArgError} = require('../../common/errors.js');
const {bufferOf, isDetached} = require('../../common/memory.js');
const {isTransferable} = require('./clone.js');
const {describe, notCloneable} = require('./not-cloneable.js');

const memoryOf = object => (ArrayBuffer.isView(object) ? bufferOf(object) : object);

class Transfers {
	/** The caller's transfer list. A mistake in it, such as an object that is there twice, is left to Node. */
	#given;
	#givenSet;
	/** The objects to transfer that `move()` has marked, with a function that gives the path to the mark. */
	#moved = new Map();
	#expected = new Set();
	/** Moved values, in which everything that can be transferred will be. */
	#roots = [];
	/** Objects that can only be sent if they are transferred, with what to say of them. */
	#required = new Map();

	constructor(given = []) {
		this.#given = [...given];
		this.#givenSet = new Set(this.#given);
	}

	/** Says that a value will be moved, before it is copied. */
	expect(value, transferList = [value]) {
		for (const object of transferList) {
			this.#expected.add(object);
		}
	}

	isExpected(object) {
		return this.#expected.has(object) || this.#givenSet.has(object);
	}

	/** Adds a moved value, which was copied. `isWhole` says that the value itself is what will be sent. */
	add(copy, {isWhole, transferList, path}) {
		if (transferList !== undefined) {
			for (const object of transferList) {
				this.#add(object, path);
			}
		} else if (isWhole) {
			this.#add(memoryOf(copy), path);
		} else {
			this.#roots.push({copy, path});
		}
	}

	#add(object, path) {
		if (!this.#moved.has(object)) {
			this.#moved.set(object, path);
		}
	}

	/** Says that an object has to be transferred. `shown` is the part of the value that needs it, at `path()`. */
	require(object, path, shown) {
		if (!this.#required.has(object)) {
			this.#required.set(object, {path, shown});
		}
	}

	/** How many objects have to be transferred, or will be. It only grows. */
	get required() {
		return this.#required.size + this.#expected.size;
	}

	/** Called when the value is copied. Throws if an object that has to be transferred is not. */
	end() {
		const seen = new Set(); // by all of them, because one may be in the other
		for (const {copy, path} of this.#roots) {
			this.#addAllIn(copy, path, seen);
		}

		for (const [object, {path, shown}] of this.#required) {
			if (!this.#moved.has(object) && !this.#givenSet.has(object)) {
				throw notCloneable(path(), shown);
			}
		}
	}

	#addAllIn(root, path, seen) {
		const next = [];
		const visit = value => {
			if (typeof value === 'object' && value !== null && !seen.has(value)) {
				seen.add(value);
				next.push(value);
			}
		};

		visit(root);
		while (next.length > 0) {
			const value = next.pop();
			const memory = memoryOf(value);
			if (types.isArrayBuffer(memory) || this.#required.has(memory)) {
				this.#add(memory, path);
			} else if (types.isMap(value)) {
				for (const [key, item] of value) {
					visit(key);
					visit(item);
				}
			} else if (types.isSet(value)) {
				for (const item of value) {
					visit(item);
				}
			} else {
				for (const key of Object.keys(value)) {
					visit(value[key]);
				}
			}
		}
	}

	/** The transfer list of the whole value. */
	get list() {
		return [...this.#given, ...[...this.#moved.keys()].filter(object => !this.#givenSet.has(object))];
	}

	/** Returns the error to throw if Node refuses what was moved, or undefined if that is not at fault. */
	refusal(cause) {
		for (const [object, path] of this.#moved) {
			if (!isTransferable(object) || (types.isArrayBuffer(object) && isDetached(object))) {
				const what = types.isArrayBuffer(object) && isDetached(object) ? 'a buffer that is gone' : describe(object);
				const refused = new InvalidArgError(`\`${path()}\` can't be moved to another thread: there is ${what} in it`);
				refused.cause = cause;
				return refused;
			}
		}

		return undefined;
	}
}

module.exports = {Transfers};
