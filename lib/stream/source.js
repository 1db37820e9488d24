'use strict';

// The source of a stream: an iterable or an async iterable, which is asked for one item at a time. All of its code runs
// in the async context in which the stream was made, whoever reads the stream or frees a place.

const {Context} = require('../common/context.js');
const {checkResult, isThenable} = require('../common/iterators.js');
const {resolved} = require('../common/promises.js');

/**
 * Pulls items for a receiver. During `pull` or later it calls one of the receiver's methods: `onItem(item)`, `onEnd()`
 * or `onSourceError(error)`.
 */
class Source {
	/** Whether it was asked for an item and has not answered yet. */
	isPending = false;

	/** Whether it gives no more items. Then `return()` need not be called. */
	isExhausted = false;

	#context;
	#iterator;
	#receiver;

	/** Resolves when it has answered. Set while `isPending`. */
	#answer = undefined;

	/** Whether `next()` is the caller. */
	#isInNext = false;
	/** Called when `next()` has returned, if the source is closed in it. */
	#onNextLeft = undefined;

	/** The promises of `#return` and `close`, once they were called. */
	#returned = undefined;
	#closed = undefined;

	/** `begin` comes from `readAsyncIterable`. Without a context, the source runs in the current one. */
	constructor(begin, receiver, context = new Context()) {
		this.#context = context;
		this.#iterator = context.run(begin);
		this.#receiver = receiver;
	}

	/** Whether it has ended, or has failed. Then there is nothing to close. */
	get hasEnded() {
		return this.isExhausted && !this.isPending && !this.#isInNext;
	}

	/** Asks for the next item. Must not be called while `isPending`. */
	pull() {
		this.#context.run(this.#pull);
	}

	/** Written for speed: no object and no closure for an item that is there. */
	#pull = () => {
		this.isExhausted = true; // also if `next` throws
		this.#isInNext = true;
		let answer;
		let done = false;
		let value;
		try {
			const result = this.#iterator.next();
			if (isThenable(result)) {
				answer = result;
			} else {
				checkResult(result, 'source');
				({done} = result);
				if (!done) {
					({value} = result);
					answer = isThenable(value) ? this.#awaitValue(value) : undefined;
				}
			}
		} catch (error) {
			this.#leaveNext();
			this.#receiver.onSourceError(error);
			return;
		}

		this.#leaveNext();
		if (answer === undefined) {
			this.#handleResult(done, value);
		} else {
			this.isPending = true;
			this.#answer = Promise.resolve(answer).then(this.#onResult, this.#onFailure);
		}
	};

	#leaveNext() {
		this.#isInNext = false;
		this.#onNextLeft?.();
	}

	/** Awaits an item that is a promise. If it rejects, the source has not failed, so it is closed first. */
	async #awaitValue(value) {
		try {
			return {done: false, value: await value};
		} catch (error) {
			await this.#return().catch(() => {}); // its error would hide this one
			throw error;
		}
	}

	#onResult = result => {
		this.isPending = false;
		let done;
		let value;
		try {
			checkResult(result, 'source');
			({done} = result);
			if (!done) {
				({value} = result);
			}
		} catch (error) {
			this.#receiver.onSourceError(error);
			return;
		}

		this.#handleResult(done, value);
	};

	#onFailure = error => {
		this.isPending = false;
		this.#receiver.onSourceError(error);
	};

	#handleResult(done, value) {
		if (done) {
			this.#receiver.onEnd();
		} else {
			this.isExhausted = false;
			this.#receiver.onItem(value);
		}
	}

	/**
	 * Calls the `return()` of the iterator, once, unless it has ended. Returns a promise that settles when `return()` has,
	 * and when the source has answered if it was asked for an item.
	 */
	close() {
		this.#closed ??= this.hasEnded ? resolved : this.#context.run(this.#close);
		return this.#closed;
	}

	#close = async () => {
		if (this.#isInNext) {
			await new Promise(resolve => {
				this.#onNextLeft = resolve;
			});
		}

		if (this.hasEnded) {
			return;
		}

		try {
			// At once: it may be what ends a `next()` that waits. An async generator queues it.
			await this.#return();
		} finally {
			await this.#answer;
		}
	};

	#return() {
		this.#returned ??= this.#callReturn();
		return this.#returned;
	}

	async #callReturn() {
		await this.#iterator.return();
	}
}

module.exports = {Source};
