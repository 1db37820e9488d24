'use strict';

// `pool.map`: a task for every item, and one promise for all of them.

/** So many jobs of one map are in the pool at a time: enough for any number of threads to be busy, and
 * few enough for the items of a long list to stay where they are. */
const WINDOW = 1024;
/** So many, until the first result tells how long they take. */
const FIRST_WINDOW = 64;

/** Tasks that are run sooner than they travel travel together: so many at most, and so many that they
 * run for about so many microseconds. */
const MOST_TOGETHER = 32;
const MICROS_TOGETHER = 100;

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
	#window = FIRST_WINDOW;
	#canBundle;
	#together = 1;
	/** What a task takes, in microseconds: of each new one half. */
	#micros = 0;

	constructor(engine, fn, iterator, options, promise) {
		this.#engine = engine;
		this.#fn = fn;
		this.#options = {...options, signal: undefined, isCancellable: true};
		this.#iterator = iterator;
		this.#canBundle = engine.canBundle && options.timeout === undefined;
		this.#promise = promise;
		engine.beginBatch(this);
		const {signal} = options;
		if (signal?.aborted) {
			this.stop(signal.reason);
			return;
		}

		if (signal !== undefined) {
			this.#stopWatching = engine.signals.watch(signal, {
				leave: reason => {
					this.stop(reason);
				},
				abort: reason => {
					engine.abortAll(this, reason);
				},
			});
		}

		this.#pull();
	}

	/** Lets jobs in until there are as many as may be. */
	#pull() {
		try {
			while (this.#hasRoom()) {
				const items = this.#take();
				if (items.length < 2 || !this.#engine.submitTasks(this, this.#next, this.#fn, items, this.#options)) {
					this.#submitEach(items, this.#next);
				}

				this.#next += items.length;
				this.#underWay += items.length;
				this.#engine.flush(this.#options.lane);
			}
		} catch (error) {
			this.stop(error);
		}

		if (this.#isExhausted && this.#underWay === 0) {
			this.#end(() => {
				this.#promise.resolve(this.#results);
			});
		}
	}

	#hasRoom() {
		return (
			!this.#isOver && !this.#isExhausted && this.#underWay < this.#window && this.#engine.hasRoomFor(this.#underWay)
		);
	}

	/** The next items, as many as may travel together. */
	#take() {
		const items = [];
		while (items.length < this.#together) {
			this.#isExhausted = true; // also if this throws
			const {done, value} = this.#iterator.next();
			if (done) {
				break;
			}

			this.#isExhausted = false;
			items.push(value);
		}

		return items;
	}

	#submitEach(items, first) {
		for (const [index, item] of items.entries()) {
			this.#engine.submit(this, first + index, this.#fn, item, this.#options);
		}
	}

	fulfil(value, index, ran) {
		this.#underWay--;
		if (!this.#isOver) {
			this.#results[index] = value;
			this.#learn(ran);
			this.#goOn();
		}
	}

	/** Results of tasks that have travelled together: of all, or of the first of them where they took long. */
	fulfilTasks(results, index, tasks, ran) {
		this.#underWay -= results.length;
		if (this.#isOver) {
			this.#underWay -= tasks.length - results.length;
			return;
		}

		for (const [place, result] of results.entries()) {
			this.#results[index + place] = result;
		}

		this.#learn(ran / results.length);
		if (results.length < tasks.length) {
			try {
				this.#submitEach(tasks.slice(results.length), index + results.length);
				this.#engine.flush(this.#options.lane);
			} catch (error) {
				this.stop(error);
			}
		}

		this.#goOn();
	}

	/** A task took so many microseconds. */
	#learn(micros) {
		this.#window = WINDOW;
		this.#micros = (this.#micros + micros) / 2;
		const together = Math.floor(MICROS_TOGETHER / Math.max(this.#micros, 1));
		this.#together = this.#canBundle ? Math.min(Math.max(together, 1), MOST_TOGETHER) : 1;
	}

	#goOn() {
		// By halves: else every item would pull at the window.
		if (this.#isExhausted ? this.#underWay === 0 : this.#underWay <= this.#window / 2) {
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
