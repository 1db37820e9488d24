'use strict';

// A source for streams, and what reads them.

const collect = async iterable => {
	const all = [];
	for await (const item of iterable) {
		all.push(item);
	}

	return all;
};

/** A source that counts what is pulled of it, and whether it was told to stop. */
class Source {
	pulled = 0;
	returned = 0;
	#length;
	#item;

	constructor(length = Number.POSITIVE_INFINITY, item = index => index) {
		this.#length = length;
		this.#item = item;
	}

	next() {
		return this.pulled === this.#length ? {done: true} : {done: false, value: this.#item(this.pulled++)};
	}

	return() {
		this.returned++;
		return {done: true};
	}

	get sync() {
		return {[Symbol.iterator]: () => this};
	}

	get async() {
		return {
			[Symbol.asyncIterator]: () => ({
				next: async () => {
					await null;
					return this.next();
				},
				return: async () => this.return(),
			}),
		};
	}
}

const kinds = ['sync', 'async'];

module.exports = {Source, collect, kinds};
