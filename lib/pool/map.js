'use strict';

// `pool.map`: a task for every item, and one promise of all results.

const {Context} = require('../common/context.js');
const {END} = require('../common/iterators.js');
const {watchSignal} = require('../common/signals.js');
const {resultsClassOf} = require('../map/results.js');
const {encodePrepared, prepare} = require('./codec/encode.js');

/** The most jobs of one map in the pool at a time. This keeps any number of threads busy, and leaves most items of a
 * long list where they are. */
const WINDOW = 1024;
/** The same until the first result tells how long a task takes. */
const INITIAL_WINDOW = 64;

/** Tasks that run faster than they travel become a bundle, which is one job. These are the most tasks of a bundle, and
 * the microseconds that a bundle should run. */
const MAX_BUNDLE_SIZE = 32;
const BUNDLE_MICROS = 100;

/** So many items are sent as a job each after a bundle that could not be one: such items mostly come in a row. */
const UNBUNDLED = 256;

class PoolMap {
	/** Its jobs that have not ended; see `Dispatcher.submit`. */
	jobs = new Set();

	#dispatcher;
	#fn;
	#options;
	#source;
	/** That of the call. The source and the getters of the items run in it. */
	#context = new Context();
	#results;
	#next = 0;
	#inFlight = 0;
	#isExhausted = false;
	#isPulling = false;
	#signal;
	#stopWatching;
	#window = INITIAL_WINDOW;
	#canBundle;
	#bundleSize = 1;
	/** How many items are still sent as a job each, whatever the bundle size is. */
	#unbundled = 0;
	/** Moving average of the microseconds that a task runs. A new value counts for half. */
	#averageMicros = 0;

	constructor(dispatcher, fn, source, options, results) {
		this.#dispatcher = dispatcher;
		this.#fn = fn;
		this.#options = {...options, signal: undefined, isCancellable: true};
		this.#source = source;
		this.#canBundle = dispatcher.canBundle && options.timeout === undefined;
		this.#results = results;
		results.work = this;
	}

	start(signal) {
		try {
			if (signal !== undefined) {
				this.#watch(signal);
			}

			this.#dispatcher.checkAdmission(this.#options.lane); // the iterable or the signal may have closed the pool
		} catch (error) {
			this.stop(error);
			return;
		}

		this.#dispatcher.addMap(this);
		this.#context.run(this.#pull);
	}

	#watch(signal) {
		this.#signal = signal;
		this.#stopWatching = watchSignal(signal, {
			dequeue: reason => {
				this.#stopResults(reason);
			},
			abort: reason => {
				this.#dispatcher.abortAll(this, reason);
				this.#closeSource();
			},
		});
	}

	/** Throws if the map has ended. */
	checkAdmission() {
		if (this.#results.isStopped) {
			throw new Error('the map has ended'); // nobody gets this error
		}
	}

	/** Submits jobs until the window is full. Called in the context of the map. */
	#pull = () => {
		if (this.#isPulling) {
			return; // a job has ended while it was submitted
		}

		this.#isPulling = true;
		try {
			while (this.#hasRoom()) {
				this.#submit(this.#nextItems());
			}
		} catch (error) {
			this.stop(error);
		}

		this.#isPulling = false;
		if (this.#isExhausted && this.#inFlight === 0 && !this.#results.isStopped) {
			this.#leave();
			this.#results.complete(this.#next);
		}
	};

	#closeSource() {
		this.#context.run(() => this.#source.close());
	}

	#hasRoom() {
		return (
			!this.#results.isStopped &&
			!this.#isExhausted &&
			this.#inFlight < this.#window &&
			this.#dispatcher.hasRoomFor(this.#inFlight, this.#options.lane)
		);
	}

	/** Takes the next items, as many as one bundle may have. */
	#nextItems() {
		const items = [];
		while (items.length < this.#bundleSize) {
			const item = this.#source.next();
			if (item === END) {
				this.#isExhausted = true;
				break;
			}

			items.push(item);
		}

		return items;
	}

	/** Submits items as one job or as several. */
	#submit(items) {
		if (items.length === 0 || this.#results.isStopped) {
			return; // the iterator may have ended the map
		}

		const first = this.#next;
		this.#next += items.length;
		this.#inFlight += items.length;
		this.#results.items?.push(...items);
		if (items.length === 1 || this.#unbundled > 0) {
			this.#submitItems(items, first);
		} else {
			this.#submitBundle(items, first);
		}

		// Also if the map has ended meanwhile: it then cancels its jobs, which have to be in the queue.
		this.#dispatcher.flush(this.#options.lane);
	}

	/** Submits items as a job each. */
	#submitItems(items, first) {
		this.#unbundled = Math.max(this.#unbundled - items.length, 0);
		for (let place = 0; place < items.length && !this.#results.isStopped; place++) {
			this.#attempt(first + place, () => {
				this.#dispatcher.submit(this, first + place, this.#fn, items[place], this.#options);
			});
		}
	}

	#submitBundle(items, first) {
		const tasks = [];
		for (let place = 0; place < items.length; place++) {
			try {
				tasks.push(prepare(items[place], 'task'));
			} catch (error) {
				tasks.push(undefined);
				this.#failed(first + place, error);
			}

			if (this.#results.isStopped) {
				return;
			}
		}

		if (tasks.includes(undefined)) {
			this.#submitEach(tasks, first); // some have failed
		} else if (!this.#dispatcher.submitTasks(this, first, this.#fn, tasks, this.#options)) {
			this.#submitEach(tasks, first);
			this.#unbundled = UNBUNDLED;
		}
	}

	/** Submits prepared tasks as a job each. Undefined stands for an item that has failed. */
	#submitEach(tasks, first) {
		for (const [place, task] of tasks.entries()) {
			if (task !== undefined && !this.#results.isStopped) {
				this.#attempt(first + place, () => {
					const encoded = encodePrepared(task);
					this.#dispatcher.submitEncoded(this, first + place, this.#fn, encoded, this.#options);
				});
			}
		}
	}

	/** Returns the result of an action for one item. If the action throws, the item has failed. */
	#attempt(index, action) {
		try {
			return action();
		} catch (error) {
			this.#failed(index, error);
			return undefined;
		}
	}

	fulfil(value, index, runMicros) {
		if (this.#results.isStopped) {
			return;
		}

		this.#inFlight--;
		this.#results.fulfil(index, value);
		this.#recordRunTime(runMicros);
		this.#refill();
	}

	reject(error, index) {
		this.#failed(index, error);
		this.#refill();
	}

	/** Takes the outcomes of the tasks of a bundle that were run. The others are run as a job each. */
	tasksEnded(results, failure, index, tasks, runMicros) {
		if (this.#results.isStopped) {
			return;
		}

		this.#inFlight -= results.length;
		for (let place = 0; place < results.length; place++) {
			this.#results.fulfil(index + place, results[place]);
		}

		let ran = results.length;
		if (failure !== undefined) {
			this.#failed(index + ran, failure.error);
			ran++;
		}

		this.#recordRunTime(runMicros / ran);
		this.#submitRest(tasks, ran, index);
	}

	/** Takes the failure of the first tasks of a bundle. The others are run as a job each. */
	tasksFailed(error, failed, index, tasks) {
		for (let place = 0; place < failed; place++) {
			this.#failed(index + place, error);
		}

		this.#submitRest(tasks, failed, index);
	}

	#submitRest(tasks, ran, index) {
		if (ran < tasks.size && !this.#results.isStopped) {
			this.#submitEach(tasks.from(ran), index + ran);
			this.#dispatcher.flush(this.#options.lane);
		}

		this.#refill();
	}

	/** Takes the failure of an item, which may end the map. */
	#failed(index, error) {
		if (!this.#results.isStopped) {
			this.#inFlight--;
			this.#results.fail(index, error);
			if (this.#results.isStopped) {
				this.#closeSource();
			}
		}
	}

	/** Adapts the bundle size to the run time of a task. */
	#recordRunTime(micros) {
		this.#window = WINDOW;
		this.#averageMicros = (this.#averageMicros + micros) / 2;
		const bundleSize = Math.floor(BUNDLE_MICROS / Math.max(this.#averageMicros, 1));
		this.#bundleSize = this.#canBundle ? Math.min(Math.max(bundleSize, 1), MAX_BUNDLE_SIZE) : 1;
	}

	#refill() {
		// When half of the window is free, so that not every item pulls.
		if (this.#isExhausted ? this.#inFlight === 0 : this.#inFlight <= this.#window / 2) {
			this.#context.run(this.#pull);
		}
	}

	/** Rejects the map, and cancels its jobs that wait. Its jobs that run go on. */
	stop(error) {
		this.#stopResults(error);
		this.#closeSource();
	}

	#stopResults(error) {
		if (!this.#results.isStopped) {
			this.#results.stop(error);
		}
	}

	/** Called by the results when the map has ended before all items were run. */
	cancel() {
		this.#dispatcher.cancelAll(this);
		if (this.#signal !== undefined) {
			this.#dispatcher.keepWatching(this, this.#signal);
		}

		this.#leave();
	}

	#leave() {
		this.#stopWatching?.();
		this.#dispatcher.removeMap(this);
	}
}

/** Runs a task for every item of an iterable. Returns a promise of all results, in the order of the items. */
const mapAll = (dispatcher, fn, begin, options) =>
	new Promise((resolve, reject) => {
		const ResultsClass = resultsClassOf(options);
		const items = options.stopOnError ? undefined : []; // as many as outcomes and failures name
		if (options.onProgress === undefined) {
			const results = new ResultsClass(Number.POSITIVE_INFINITY, resolve, reject);
			results.items = items;
			new PoolMap(dispatcher, fn, begin(), options, results).start(options.signal);
			return;
		}

		const {Progress, reportingOf} = require('../observe/progress.js');
		const results = new (reportingOf(ResultsClass))(Number.POSITIVE_INFINITY, resolve, reject);
		results.items = items;
		const map = new PoolMap(dispatcher, fn, begin(), options, results);
		results.progress = new Progress(options, options.total, error => map.stop(error));
		map.start(options.signal);
	});

module.exports = {mapAll};
