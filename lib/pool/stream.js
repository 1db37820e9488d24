'use strict';

// `pool.stream`: jobs for the items of a source that is pulled no faster than the results are read.

const {Context} = require('../common/context.js');
const {itemsFailed} = require('../common/errors.js');
const {watchSignal} = require('../common/signals.js');
const {skip} = require('../common/skip.js');
const {outcomeOf} = require('../map/outcomes.js');
const {Source} = require('../stream/source.js');

/** Outcomes in the order of the items, or as they come. */
class Outcomes {
	/** The jobs of the stream that have not ended; see `Dispatcher.submit`. */
	jobs = new Set();

	/** Tells how far the stream is; undefined if nobody wants to know. */
	progress = undefined;

	/** The items that have no outcome yet, by index; undefined if outcomes do not name them. */
	#items;

	#isOrdered;
	/** By their place in the order in which they are taken. */
	#ready = new Map();
	#arrived = 0;
	#taken = 0;
	#wake;

	/** `checkAdmission()` throws if the stream takes no more items. */
	constructor(isOrdered, namesItems, checkAdmission) {
		this.#isOrdered = isOrdered;
		this.#items = namesItems ? new Map() : undefined;
		this.checkAdmission = checkAdmission;
	}

	/** An item was pulled. */
	pulled(item, index) {
		this.#items?.set(index, item);
	}

	#itemOf(index) {
		const item = this.#items?.get(index);
		this.#items?.delete(index);
		return item;
	}

	fulfil(value, index) {
		this.progress?.itemEnded(false);
		this.#put(this.#placeOf(index), {value, index, item: this.#itemOf(index)});
	}

	/** Takes the failure of an item. */
	reject(error, index) {
		this.progress?.itemEnded(true);
		this.#put(this.#placeOf(index), {value: error, index, item: this.#itemOf(index), isError: true});
	}

	/** Puts an error that ends the stream behind the outcomes of the items so far. */
	end(error, items) {
		this.#put(items, {value: error, isError: true, endsStream: true});
	}

	#placeOf(index) {
		return this.#isOrdered ? index : this.#arrived++;
	}

	#put(place, outcome) {
		this.#ready.set(place, outcome);
		this.wake();
	}

	/** Removes and returns the next outcome, or undefined if it is not there yet. */
	take() {
		const outcome = this.#ready.get(this.#taken);
		if (outcome !== undefined) {
			this.#ready.delete(this.#taken++);
		}

		return outcome;
	}

	/** Returns a promise that resolves at the next change. */
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

/**
 * Yields the result of a job for every item. The stream pulls at most `highWaterMark` items from the source
 * before their results are read. `begin` comes from `readAsyncIterable`, and runs in `context`, as the source does.
 */
const generate = async function* (dispatcher, fn, begin, context, options) {
	const {ordered, highWaterMark, settle, stopOnError, signal, keepsSkipped = false} = options;
	const outcomes = new Outcomes(ordered, !stopOnError, () => {
		if (hasStoppedPulling || failure !== undefined) {
			throw new Error('the stream has ended'); // nobody gets this error
		}
	});
	const given = {...options, signal: undefined, isCancellable: true};
	let index = 0;
	let outstanding = 0;
	let isPulling = false;
	let hasStoppedPulling = false;
	let failure;
	/** Failures of items that the stream leaves out, in the order that their results would have. */
	const failures = [];
	/** Ends the wait for the source, if the stream waits for it. */
	let stopWaiting;
	/** Why the signal or the pool has ended the stream. A stream that fails with this does not wait for the source. */
	let cutShortBy;

	const cutShort = reason => {
		cutShortBy = {error: reason};
		stopWaiting?.(reason);
	};

	const drop = reason => {
		failure = {error: reason};
		dispatcher.cancelAll(outcomes, reason);
		outcomes.wake();
	};

	const abort = reason => {
		dispatcher.abortAll(outcomes, reason);
		stop();
		cutShort(reason);
	};

	if (options.onProgress !== undefined) {
		const {Progress} = require('../observe/progress.js');
		outcomes.progress = new Progress(options, options.total, error => {
			drop(error);
			abort(error);
		});
	}

	/** Puts an error in the place of the next item. The consumer first gets the outcomes before it. */
	const fail = error => {
		if (!hasStoppedPulling) {
			hasStoppedPulling = true;
			outcomes.end(error, index);
		}
	};

	/** Called when the pool takes no more jobs. The consumer gets the outcomes of its jobs, and then the error. */
	const close = error => {
		if (!source.hasEnded) {
			fail(error);
			cutShort(error);
		}
	};

	const source = new Source(
		begin,
		{
			onItem(item) {
				if (!hasStoppedPulling && failure === undefined) {
					submit(item);
					pull();
				}
			},
			onEnd() {
				if (outcomes.progress !== undefined) {
					outcomes.progress.total = index;
				}

				outstanding--;
				outcomes.wake();
			},
			onSourceError: fail,
		},
		context,
	);

	const submit = item => {
		outcomes.pulled(item, index);
		try {
			dispatcher.submit(outcomes, index, fn, item, given);
		} catch (error) {
			// Reading the item may have ended the stream.
			if (!hasStoppedPulling && failure === undefined) {
				hasStoppedPulling = stopOnError;
				outcomes.reject(error, index++);
			}

			return;
		}

		index++;
		dispatcher.flush(given.lane);
	};

	const mayPull = () =>
		!(source.isPending || source.isExhausted || hasStoppedPulling) &&
		failure === undefined &&
		outstanding < highWaterMark &&
		dispatcher.hasRoomFor(outstanding, given.lane);

	const pull = () => {
		if (isPulling) {
			return;
		}

		isPulling = true;
		try {
			while (mayPull()) {
				dispatcher.checkOpen();
				outstanding++;
				source.pull();
			}
		} catch (error) {
			fail(error);
		}

		isPulling = false;
	};

	/** Stops pulling, cancels the jobs that wait and closes the source. Returns a promise of its end. */
	const stop = () => {
		hasStoppedPulling = true;
		dispatcher.closeListeners.delete(close);
		dispatcher.cancelAll(outcomes);
		const closed = source.close();
		closed.catch(() => {}); // the consumer gets its error below, or a reason that counts more
		return closed;
	};

	const isCutShort = () => cutShortBy !== undefined && failure !== undefined && failure.error === cutShortBy.error;

	/** Waits for the source. Rejects if it can't be closed, or if the signal aborts meanwhile. */
	const sourceClosed = async () => {
		const closed = stop();
		if (!isCutShort()) {
			await new Promise((resolve, reject) => {
				stopWaiting = reject;
				closed.then(resolve, reject);
			});
		}
	};

	/** However the stream ends, it stops pulling, cancels the jobs that wait and waits for the source, as `for` does. */
	const end = async () => {
		const hasFailed = failure !== undefined;
		try {
			await sourceClosed();
		} catch (error) {
			if (!hasFailed) {
				throw error; // otherwise it would hide that failure
			}
		} finally {
			if (stopWatching !== undefined) {
				dispatcher.keepWatching(outcomes, signal);
				stopWatching();
			}
		}
	};

	let stopWatching;
	const watch = () => {
		try {
			stopWatching = watchSignal(signal, {dequeue: drop, abort});
		} catch (error) {
			failure = {error};
			cutShort(error);
			throw error;
		}
	};

	try {
		if (signal !== undefined) {
			watch();
		}

		dispatcher.closeListeners.add(close);
		for (;;) {
			pull();
			const outcome = failure === undefined ? outcomes.take() : {value: failure.error, isError: true, endsStream: true};
			if (outcome === undefined) {
				if (source.hasEnded && outstanding === 0) {
					failure = failures.length > 0 ? {error: itemsFailed(failures, index)} : undefined;
					if (failure === undefined) {
						outcomes.progress?.end();
					}

					break;
				}

				await outcomes.changed();
				continue;
			}

			if (outcome.isError && (stopOnError || outcome.endsStream)) {
				failure = {error: outcome.value};
				break;
			}

			outstanding--;
			const {item, value, isError = false} = outcome;
			if (value === skip && !isError && !keepsSkipped) {
				continue;
			}

			if (settle) {
				yield outcomeOf(item, outcome.index, value, isError);
			} else if (isError) {
				failures.push({item, index: outcome.index, reason: value});
			} else {
				yield value;
			}
		}

		if (failure !== undefined) {
			throw failure.error;
		}
	} catch (error) {
		failure ??= {error};
		throw error;
	} finally {
		outcomes.progress?.endSoon();
		await end();
	}
};

/** Makes a stream. The source runs in the async context of now, whoever reads the stream. */
const stream = (dispatcher, fn, begin, options) => generate(dispatcher, fn, begin, new Context(), options);

module.exports = {stream};
