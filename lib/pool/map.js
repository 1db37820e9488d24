'use strict';

// `pool.map`: a job for every item, and one promise for all of them.

/** So many jobs of one map are in the pool at a time: enough for any number of threads to be busy, and
 * few enough for the items of a long list to stay where they are. */
const WINDOW = 1024;

/** So many jobs are queued together: fewer wake the threads more often than it takes to run them. */
const TOGETHER = 32;

class Mapping {
	#engine;
	#fn;
	#options;
	#iterator;
	#promise;
	#results = [];
	#next = 0;
	#underWay = 0;
	#isExhausted = false;
	#isOver = false;
	#stopWatching;

	constructor(engine, fn, iterator, options, promise) {
		this.#engine = engine;
		this.#fn = fn;
		this.#options = {...options, signal: undefined, isCancellable: true};
		this.#iterator = iterator;
		this.#promise = promise;
		engine.beginBatch(this);
		const {signal} = options;
		if (signal?.aborted) {
			this.stop(signal.reason);
			return;
		}

		if (signal !== undefined) {
			this.#stopWatching = engine.signals.watch(signal, reason => {
				this.stop(reason);
				engine.abortAll(this, reason);
			});
		}

		this.#pull();
	}

	/** Lets jobs in until there are as many as may be. */
	#pull() {
		try {
			while (
				!this.#isOver &&
				!this.#isExhausted &&
				this.#underWay < WINDOW &&
				this.#engine.hasRoomFor(this.#underWay)
			) {
				this.#isExhausted = true; // also if this throws
				const {done, value} = this.#iterator.next();
				if (done) {
					break;
				}

				this.#isExhausted = false;
				this.#engine.submit(this, this.#next, this.#fn, value, this.#options);
				this.#next++;
				this.#underWay++;
				if (this.#next % TOGETHER === 0) {
					this.#engine.flush(this.#options.lane);
				}
			}
		} catch (error) {
			this.stop(error);
		}

		this.#engine.flush(this.#options.lane);

		if (this.#isExhausted && this.#underWay === 0) {
			this.#end(() => {
				this.#promise.resolve(this.#results);
			});
		}
	}

	fulfil(value, index) {
		this.#underWay--;
		if (this.#isOver) {
			return;
		}

		this.#results[index] = value;
		// By halves: else every item would pull at the window.
		if (this.#isExhausted ? this.#underWay === 0 : this.#underWay <= WINDOW / 2) {
			this.#pull();
		}
	}

	reject(error) {
		this.#underWay--;
		this.stop(error);
	}

	/** The first failure is the map's. What waits need not run any more; what runs is let run. */
	stop(error) {
		this.#end(() => {
			this.#promise.reject(error);
			this.#engine.cancelAll(this, error);
			if (!this.#isExhausted) {
				try {
					this.#iterator.return?.();
				} catch {
					// The map has failed already, of something else.
				}
			}
		});
	}

	#end(tell) {
		if (!this.#isOver) {
			this.#isOver = true;
			this.#stopWatching?.();
			tell();
			this.#engine.endBatch(this);
		}
	}
}

/** Runs a job for every item of an iterable; a promise of all results, in the order of the items. */
const mapAll = (engine, fn, iterable, options) =>
	new Promise((resolve, reject) => {
		new Mapping(engine, fn, iterable[Symbol.iterator](), options, {resolve, reject});
	});

module.exports = {mapAll};
