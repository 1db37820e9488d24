'use strict';

// What a stream pulls its items from: an iterable or an async iterable, asked for one item after the other.

const {invalid} = require('../errors.js');
const {isPrimitive} = require('../promises.js');

const isThenable = value => !isPrimitive(value) && typeof value.then === 'function';

/** What an iterator has answered: an object, as `for await` wants it. */
const checked = answer => {
	if (isPrimitive(answer)) {
		throw invalid('source', 'an iterable whose `next()` gives objects', answer);
	}

	return answer;
};

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

	/** It was told to stop. */
	#isTold = false;

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
				({done, value} = checked(answer));
				answer = isThenable(value) ? this.#settled(done, value) : undefined;
			}
		} catch (error) {
			this.#receiver.sourceFailed(error);
			return;
		}

		if (answer === undefined) {
			this.#answered(done, value);
		} else {
			this.isAsked = true;
			Promise.resolve(answer).then(this.#answer, this.#failure);
		}
	}

	/** An answer whose item is a promise. Where that fails the source itself has not, and is told to stop. */
	#settled(done, value) {
		return Promise.resolve(value).then(
			settled => ({done, value: settled}),
			error => {
				this.isAsked = false;
				this.isExhausted = Boolean(done);
				this.close().catch(() => {}); // it would hide this error
				throw error;
			},
		);
	}

	#answer = answer => {
		this.isAsked = false;
		let done;
		let value;
		try {
			({done, value} = checked(answer));
		} catch (error) {
			this.#receiver.sourceFailed(error);
			return;
		}

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
			Promise.resolve(this.#return()).catch(() => {});
		} else if (!this.isExhausted) {
			this.isExhausted = true;
			await this.#return();
		} else {
			this.#isClosed = true; // called by itself, while it is asked
		}
	}

	#return() {
		if (!this.#isTold) {
			this.#isTold = true;
			return this.#iterator.return?.();
		}
	}
}

module.exports = {Source};
