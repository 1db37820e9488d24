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

	#iterator;

	constructor(iterable, receiver) {
		this.#iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
		this.receiver = receiver;
	}

	/** Asks for an item; not before the last one has come. */
	ask() {
		this.isExhausted = true; // also if this throws
		let answer;
		try {
			answer = this.#iterator.next();
			if (!isThenable(answer)) {
				const {done, value} = answer;
				if (!isThenable(value)) {
					this.#answered(done, value);
					return;
				}

				answer = value.then(settled => ({done, value: settled}));
			}
		} catch (error) {
			this.receiver.sourceFailed(error);
			return;
		}

		this.isAsked = true;
		answer.then(this.#answer, this.#failure);
	}

	#answer = ({done, value}) => {
		this.isAsked = false;
		this.#answered(done, value);
	};

	#failure = error => {
		this.isAsked = false;
		this.receiver.sourceFailed(error);
	};

	#answered(done, value) {
		if (done) {
			this.receiver.ended();
		} else {
			this.isExhausted = false;
			this.receiver.came(value);
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
		}
	}
}

module.exports = {Source};
