'use strict';

// What a stream pulls its items from: an iterable or an async iterable, asked for one item after the other.

const {isPrimitive} = require('../promises.js');

const isThenable = value => !isPrimitive(value) && typeof value.then === 'function';

/**
 * Its receiver has three methods, called during `ask` or later: `came(item)`, `ended()` and `sourceFailed(error)`.
 */
class Source {
	/** It was asked for an item and has not given it yet. */
	isAsked = false;

	/** It gives no more, and need not be told to stop. */
	isExhausted = false;

	/** It is to be told to stop when it has answered. */
	#isClosed = false;

	#iterator;
	#receiver;

	constructor(iterable, receiver) {
		this.#iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
		this.#receiver = receiver;
	}

	/** Asks for an item; not before the last one has come. */
	ask() {
		this.isExhausted = true; // also if it throws
		let answer;
		let done;
		let value;
		try {
			answer = this.#iterator.next();
			if (!isThenable(answer)) {
				({done, value} = answer);
				answer = isThenable(value) ? value.then(settled => ({done, value: settled})) : undefined;
			}
		} catch (error) {
			this.#receiver.sourceFailed(error);
			return;
		}

		if (answer === undefined) {
			this.#answered(done, value);
		} else {
			this.isAsked = true;
			answer.then(this.#answer, this.#failure);
		}
	}

	#answer = ({done, value}) => {
		this.isAsked = false;
		this.#answered(done, value);
	};

	#failure = error => {
		this.isAsked = false;
		this.#receiver.sourceFailed(error);
	};

	#answered(done, value) {
		if (done) {
			this.#receiver.ended();
			return;
		}

		this.isExhausted = false;
		if (this.#isClosed) {
			this.close().catch(() => {});
		} else {
			this.#receiver.came(value);
		}
	}

	/** Tells it that no more is wanted. */
	async close() {
		if (this.isAsked) {
			// It may take long, or for ever, until it hears of this.
			Promise.resolve(this.#iterator.return?.()).catch(() => {});
		} else if (!this.isExhausted) {
			this.isExhausted = true;
			await this.#iterator.return?.();
		} else {
			this.#isClosed = true; // called by itself, while it is asked
		}
	}
}

module.exports = {Source};
