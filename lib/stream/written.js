'use strict';

// What is written to a `transform`, as a source. Node's own source of a Duplex has a fault in Node 20 and 22: if the
// Duplex is destroyed, a `next()` that waits for a write never settles, and nor does `return()` behind it.

const doneResult = {done: true, value: undefined};

class Written {
	#iterator;

	/** Resolves the result of the `next()` that waits. Undefined if none does. */
	#resolveNext = undefined;

	/** `source` comes from `Duplex.from`. */
	constructor(source) {
		this.#iterator = source[Symbol.asyncIterator]();
	}

	[Symbol.asyncIterator]() {
		return this;
	}

	next() {
		return new Promise((resolve, reject) => {
			this.#resolveNext = resolve;
			this.#iterator.next().then(result => {
				this.#resolveNext = undefined;
				resolve(result);
			}, reject);
		});
	}

	/** Ends a `next()` that waits, and does not wait for a write. */
	async return() {
		const returned = this.#iterator.return();
		if (this.#resolveNext === undefined) {
			return returned;
		}

		returned.catch(() => {});
		this.#resolveNext(doneResult);
		return doneResult;
	}
}

module.exports = {Written};
