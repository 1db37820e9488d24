'use strict';

// `pool.stream`: jobs for the items of a source that is pulled no faster than the results are taken.

/** Results in the order of the items, or as they come. */
class Outcomes {
	#isOrdered;
	#ready = [];
	#first = 0;
	#wake;

	constructor(isOrdered) {
		this.#isOrdered = isOrdered;
	}

	#put(outcome, index) {
		if (this.#isOrdered) {
			this.#ready[index - this.#first] = outcome;
		} else {
			this.#ready.push(outcome);
		}

		this.wake();
	}

	fulfil(value, index) {
		this.#put({value}, index);
	}

	reject(error, index) {
		this.#put({error, isError: true}, index);
	}

	/** The next outcome that may be given out, if it is there. */
	take() {
		if (this.#ready[0] === undefined) {
			return undefined;
		}

		this.#first++;
		return this.#ready.shift();
	}

	/** Resolves when something has changed. */
	changed() {
		return new Promise(resolve => {
			this.#wake = resolve;
		});
	}

	wake() {
		this.#wake?.();
		this.#wake = undefined;
	}
}

/** An iterator of either kind, whose `next` gives a promise or not. */
const iteratorOf = source => source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();

/**
 * Yields the results of a job for every item. At most `highWaterMark` items are pulled from the source
 * and not yet given out as results.
 */
const stream = async function* (engine, fn, source, options) {
	const {ordered, highWaterMark, signal} = options;
	const outcomes = new Outcomes(ordered);
	const given = {...options, signal: undefined, isCancellable: true};
	const iterator = iteratorOf(source);
	let index = 0;
	let ahead = 0;
	/** The source was asked for an item and has not given it yet. */
	let isAsked = false;
	/** The source has said that it gives no more; it need not be told to stop. */
	let isExhausted = false;
	let isOver = false;
	let hasLeft = false;
	let failure;

	const drop = reason => {
		failure = {error: reason};
		engine.cancelAll(outcomes, reason);
		outcomes.wake();
	};

	const abort = reason => {
		engine.abortAll(outcomes, reason);
		leave().catch(() => {}); // the reason is what is told
	};

	/** The pool takes no more jobs: what it has of this is given out, and then this error. */
	const close = error => {
		if (!isOver && (isAsked || !isExhausted)) {
			isOver = true;
			outcomes.reject(error, index);
		}
	};

	const mayPull = () =>
		!(isAsked || isExhausted || isOver) && failure === undefined && ahead < highWaterMark && engine.hasRoomFor(ahead);

	const pull = async () => {
		while (mayPull()) {
			try {
				engine.checkOpen();
				ahead++;
				isAsked = true;
				isExhausted = true; // also if this throws
				const {done, value} = await iterator.next();
				if (done) {
					isAsked = false;
					ahead--;
					break;
				}

				const item = typeof value?.then === 'function' ? await value : value;
				isAsked = false;
				isExhausted = false;
				if (!isOver && failure === undefined) {
					engine.submit(outcomes, index, fn, item, given);
					index++;
					engine.flush(given.lane);
				}
			} catch (error) {
				isAsked = false;
				isOver = true;
				// In the place of the item: what came before it is given out.
				outcomes.reject(error, index);
			}
		}

		outcomes.wake();
	};

	const leave = async () => {
		if (hasLeft) {
			return;
		}

		hasLeft = true;
		isOver = true;
		stopWatching?.();
		engine.onClose.delete(close);
		engine.cancelAll(outcomes);
		if (isAsked) {
			// It may take long, or for ever, until it hears of this.
			Promise.resolve(iterator.return?.()).catch(() => {});
		} else if (!isExhausted) {
			await iterator.return?.();
		}
	};

	const leaveAndTell = async () => {
		try {
			await leave();
		} catch (error) {
			if (failure === undefined && !signal?.aborted) {
				throw error; // else it would hide that failure
			}
		}
	};

	let stopWatching;
	try {
		signal?.throwIfAborted();
		stopWatching = signal && engine.signals.watch(signal, {leave: drop, abort});
		engine.onClose.add(close);
		for (;;) {
			if (mayPull()) {
				pull();
			}

			const outcome = failure === undefined ? outcomes.take() : {...failure, isError: true};
			if (outcome === undefined) {
				if (isExhausted && ahead === 0) {
					return;
				}

				await outcomes.changed();
			} else if (outcome.isError) {
				failure = outcome;
				throw outcome.error;
			} else {
				ahead--;
				yield outcome.value;
			}
		}
	} finally {
		// Left, by whatever way: nothing more is pulled, and what waits is dropped.
		await leaveAndTell();
	}
};

module.exports = {stream};
