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
	signal?.throwIfAborted();
	const outcomes = new Outcomes(ordered);
	const given = {...options, signal: undefined, isCancellable: true};
	const iterator = iteratorOf(source);
	let index = 0;
	let ahead = 0;
	let isExhausted = false;
	let isPulling = false;
	let failure;
	const fail = error => {
		failure ??= {error};
		outcomes.wake();
	};

	const onAbort = () => {
		fail(signal.reason);
		engine.abortAll(outcomes, signal.reason);
	};

	const pull = async () => {
		isPulling = true;
		try {
			while (!isExhausted && failure === undefined && ahead < highWaterMark) {
				ahead++;
				const {done, value} = await iterator.next();
				if (done) {
					isExhausted = true;
					ahead--;
				} else if (failure === undefined) {
					engine.submit(outcomes, index++, fn, value, given);
					engine.flush(given.lane);
				}
			}
		} catch (error) {
			isExhausted = true;
			fail(error);
		}

		isPulling = false;
		outcomes.wake();
	};

	signal?.addEventListener('abort', onAbort, {once: true});
	try {
		for (;;) {
			if (!isPulling && !isExhausted && ahead < highWaterMark) {
				pull();
			}

			const outcome = failure === undefined ? outcomes.take() : undefined;
			if (failure !== undefined) {
				throw failure.error;
			} else if (outcome !== undefined) {
				ahead--;
				if (outcome.isError) {
					throw outcome.error;
				}

				yield outcome.value;
			} else if (isExhausted && ahead === 0) {
				return;
			} else {
				await outcomes.changed();
			}
		}
	} finally {
		// Left early, by whatever way: nothing more is pulled, and what waits is dropped.
		failure ??= {error: undefined};
		signal?.removeEventListener('abort', onAbort);
		engine.cancelAll(outcomes, failure.error);
		if (!isExhausted) {
			isExhausted = true;
			await iterator.return?.();
		}
	}
};

module.exports = {stream};
