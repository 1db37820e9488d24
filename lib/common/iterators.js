'use strict';

// Iterables that callers give: read once, and checked as the language checks them. Every read is user code.

const {types} = require('node:util');
const {isWhole} = require('./checks.js');
const {invalid} = require('./errors.js');
const {isPrimitive} = require('./promises.js');

/** The longest array. */
const MAX_LENGTH = 2 ** 32 - 1;

/** In place of an item: there are no more. */
const END = Symbol('end');

const isThenable = value => !isPrimitive(value) && typeof value.then === 'function';

/** Throws if what `next()` has returned is not an object. */
const checkResult = (result, name) => {
	if (isPrimitive(result)) {
		throw invalid(name, 'an iterable whose `next()` returns objects', result);
	}
};

/** An iterator whose `next` was read once, as `for` does. */
class GivenIterator {
	#iterator;
	#next;

	constructor(iterator, name) {
		const next = isPrimitive(iterator) ? undefined : iterator.next;
		if (typeof next !== 'function') {
			throw invalid(name, 'an iterable whose iterator has a function `next`', iterator);
		}

		this.#iterator = iterator;
		this.#next = next;
	}

	next() {
		return Reflect.apply(this.#next, this.#iterator, []);
	}

	return() {
		return this.#iterator.return?.();
	}
}

/** The items of a synchronous iterable, one by one. */
class Items {
	#iterator;
	#name;

	/** Whether there are no more items, or the iterator is asked for one right now. */
	#isExhausted = false;
	#isClosed = false;

	constructor(iterator, name) {
		this.#iterator = iterator;
		this.#name = name;
	}

	/** Returns the next item or `END`. */
	next() {
		this.#isExhausted = true; // also if the iterator throws
		const result = this.#iterator.next();
		checkResult(result, this.#name);
		if (typeof result.then === 'function') {
			throw invalid(this.#name, 'an iterable that is not async', result); // it would have items without end
		}

		if (result.done) {
			return END;
		}

		const {value} = result;
		this.#isExhausted = false;
		if (this.#isClosed) {
			this.close();
			return END;
		}

		return value;
	}

	/** Takes no more items. Tells the iterator, unless that has ended. If it is asked right now, after its answer. */
	close() {
		this.#isClosed = true;
		if (!this.#isExhausted) {
			this.#isExhausted = true;
			try {
				this.#iterator.return();
			} catch {
				// The items are given up because of another error.
			}
		}
	}
}

/**
 * Reads how to iterate over a value: by the first of these methods that it has. Returns a function that begins, or
 * undefined if there is no such method.
 */
const readMethod = (value, symbols, name, allowed) => {
	for (const symbol of symbols) {
		const method = value?.[symbol];
		if (typeof method === 'function') {
			return () => new GivenIterator(Reflect.apply(method, value, []), name);
		}

		if (method !== undefined && method !== null) {
			throw invalid(name, allowed, value);
		}
	}

	return undefined;
};

/** Whether a value can be iterated over as async iterable alone. */
const isOnlyAsync = value =>
	typeof value?.[Symbol.asyncIterator] === 'function' && (value[Symbol.iterator] ?? undefined) === undefined;

/** Checks an iterable. Returns a function that begins to iterate, and gives its `Items`. */
const readIterable = (value, name, allowed) => {
	const begin = readMethod(value, [Symbol.iterator], name, allowed);
	if (begin === undefined) {
		throw invalid(name, allowed, value);
	}

	return () => new Items(begin(), name);
};

/** Checks an iterable or async iterable. Returns a function that begins to iterate, and gives its `GivenIterator`. */
const readAsyncIterable = (value, name, allowed) => {
	const begin = readMethod(value, [Symbol.asyncIterator, Symbol.iterator], name, allowed);
	if (begin === undefined) {
		throw invalid(name, allowed, value);
	}

	return begin;
};

/** Checks an iterable or array-like. Returns a function that adds its items to a list, one by one. */
const readList = (value, name, allowed) => {
	if (Array.isArray(value) && value[Symbol.iterator] === Array.prototype[Symbol.iterator]) {
		return list => addArray(value, list);
	}

	const begin = readMethod(value, [Symbol.iterator], name, allowed);
	if (begin !== undefined) {
		return list => addItems(new Items(begin(), name), list);
	}

	if (!(typeof value === 'object' && value !== null && 'length' in value)) {
		throw invalid(name, allowed, value);
	}

	return list => addArrayLike(value, list, name, allowed);
};

/** The language checks an array itself, and faster. */
const addArray = (array, list) => {
	for (const item of array) {
		list.push(item);
	}
};

const addItems = (items, list) => {
	for (let item = items.next(); item !== END; item = items.next()) {
		list.push(item);
	}
};

const addArrayLike = (value, list, name, allowed) => {
	const {length} = value;
	if (!isWhole(length, 0, MAX_LENGTH)) {
		throw invalid(name, allowed, value);
	}

	for (let index = 0; index < length; index++) {
		list.push(value[index]);
	}
};

/** Returns how many items a source has, if that is known without code of the user's. */
const lengthOf = source => (Array.isArray(source) && !types.isProxy(source) ? source.length : undefined);

module.exports = {END, lengthOf, checkResult, isOnlyAsync, isThenable, readAsyncIterable, readIterable, readList};
