'use strict';

// `map` and `settle`: one batch ticket, and a runner for each slot that it gets.

const {createTaskCall, isTask} = require('./call.js');
const {checkFunction} = require('./checks.js');
const {invalid} = require('./errors.js');
const {readMapOptions} = require('./options.js');
const {Runners} = require('./runners.js');

/** The results of a map, while they come. The first failure rejects it, and the other items are run: p-limit's way. */
class Results {
	/** Where there is a signal: ends the wait for it. */
	stopWatching = undefined;

	values;
	unsettled;
	#resolve;
	#reject;

	constructor(number, resolve, reject) {
		this.values = new Array(number);
		this.unsettled = number;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	fulfil(index, value) {
		this.values[index] = value;
		this.settledOne();
	}

	/** Whether the map goes on after this. */
	fail(_, error) {
		this.reject(error);
		return true;
	}

	/** The map has failed, whatever is still to come. */
	reject(error) {
		this.stopWatching?.();
		this.#reject(error);
	}

	settledOne() {
		this.unsettled--;
		if (this.unsettled === 0) {
			this.stopWatching?.();
			this.resolve();
		}
	}

	resolve() {
		this.#resolve(this.values);
	}
}

/** `stopOnError: true`: items that have not begun are dropped after the first failure. */
class StoppingResults extends Results {
	fail(_, error) {
		this.reject(error);
		return false;
	}
}

/** `stopOnError: false`: all items are run, and the map fails with all failures. */
class CollectedResults extends Results {
	#errors = [];

	fail(_, error) {
		this.#errors.push(error);
		this.settledOne();
		return true;
	}

	resolve() {
		const {length} = this.#errors;
		if (length === 0) {
			super.resolve();
		} else {
			this.reject(new AggregateError(this.#errors, `${length} of ${this.values.length} items failed`));
		}
	}
}

/** `settle`: all items are run, and a failure is a result. */
class SettledResults extends Results {
	fulfil(index, value) {
		super.fulfil(index, {status: 'fulfilled', value});
	}

	fail(index, error) {
		super.fulfil(index, {status: 'rejected', reason: error});
		return true;
	}
}

/** Runs an item without a slot of its own, and takes what it comes to; tells whether the map goes on. */
const follow = async (results, index, run) => {
	let value;
	try {
		value = await run();
	} catch (error) {
		return results.fail(index, error);
	}

	results.fulfil(index, value);
	return true;
};

class Batch extends Runners {
	/** How many items have begun. */
	cursor = 0;

	/** The items in the order that they begin in, by index; undefined is their own. */
	order = undefined;

	constructor(gate, asked, items, mapper, results) {
		super(gate, 'p-lanes.map');
		this.items = items;
		this.mapper = mapper;
		this.results = results;
		/** Units that wait in the gate. */
		this.ungranted = items.length;
		this.ticket = gate.enqueueBatch(asked, items.length);
		gate.waiting[this.ticket] = this;
	}

	/** Takes a slot from the gate for the next item. */
	begin(gate, slot) {
		gate.waiting[this.ticket] = this; // until the last of its units has left it
		this.beginIn(slot);
	}

	/** No more slots will come; without a reason nobody is told. */
	drop(reason) {
		this.ungranted = 0;
		if (reason !== undefined) {
			this.results.reject(reason);
		}
	}

	/** Takes what waits out of the queue. Follow it by `startNext`. */
	cancel() {
		if (this.ungranted > 0 && this.gate.waiting[this.ticket] === this) {
			this.ungranted = 0;
			this.gate.cancel(this.ticket);
		}
	}

	/** Ticket numbers are used again, so an equal number alone may be another's. */
	isNext(ticket) {
		return ticket === this.ticket && this.gate.waiting[ticket] === this;
	}

	takes(runner) {
		this.ungranted--;
		if (this.ungranted === 0) {
			this.gate.waiting[this.ticket] = undefined;
		}

		const next = this.cursor++;
		runner.item = this.order === undefined ? next : this.order[next];
	}

	run(runner) {
		const {mapper} = this;
		return mapper(this.items[runner.item], runner.item);
	}

	fulfilled(runner, value) {
		const index = runner.item;
		this.gate.unitFulfilled(this, runner);

		// Last: who awaits the map finds the next task started, and resolving reads `then`, which may be anyone's code.
		this.results.fulfil(index, value);
	}

	rejected(runner, error) {
		if (!this.results.fail(runner.item, error)) {
			this.cancel();
		}

		this.gate.rejected(runner.slot);
	}
}

/** All that an iterable or array-like gives, and what it threw where it broke off. */
const pull = iterable => {
	const items = [];
	try {
		for (const item of Symbol.iterator in Object(iterable) ? iterable : Array.from(iterable)) {
			items.push(item);
		}

		return {items};
	} catch (error) {
		return {items, error};
	}
};

const isIterable = value =>
	value !== null &&
	value !== undefined &&
	(typeof value[Symbol.iterator] === 'function' || (typeof value === 'object' && 'length' in value));

/** A permutation of so many indexes, by chance (Fisher and Yates). */
const shuffled = number => {
	const order = Array.from({length: number}, (_, index) => index);
	for (let last = number - 1; last > 0; last--) {
		const other = Math.floor(Math.random() * (last + 1));
		[order[last], order[other]] = [order[other], order[last]];
	}

	return order;
};

/** Runs the items in the slot of the task that the map is made in, one after the other. */
const mapInside = async (items, mapper, order, results) => {
	for (const index of order ?? items.keys()) {
		if (!(await follow(results, index, () => mapper(items[index], index)))) {
			return;
		}
	}
};

/** Each item as a call of its own, where options speak of each. */
const mapEach = (gate, asked, options, items, mapper, order, results, signal) => {
	const controller = new AbortController();
	const stopWatching =
		signal &&
		gate.signals.watch(signal, {
			leave() {},
			abort(reason) {
				results.reject(reason);
				controller.abort();
			},
		});
	const call = createTaskCall(gate, asked, {...options, signal: controller.signal});
	const all = Array.from(order ?? items.keys(), async index => {
		if (!(await follow(results, index, () => call(mapper, items[index], index)))) {
			controller.abort();
		}
	});
	Promise.all(all).then(stopWatching);
};

const start = (gate, asked, options, items, mapper, {signal, shuffle, results}) => {
	const order = shuffle ? shuffled(items.length) : undefined;
	if (isTask({...options, signal: undefined})) {
		mapEach(gate, asked, options, items, mapper, order, results, signal);
		return;
	}

	if (gate.inherits(() => mapInside(items, mapper, order, results))) {
		return;
	}

	const batch = new Batch(gate, asked, items, mapper, results); // it lives by its place in the gate
	batch.order = order;
	if (signal !== undefined) {
		results.stopWatching = gate.signals.watch(signal, {
			leave() {
				batch.cancel();
			},
			abort(reason) {
				results.reject(reason);
				gate.startNext();
			},
		});
	}

	gate.startNext();
};

const none = {};

/** A `map` of a lane; by its options the class of its results. */
const createMapOf =
	resultsOf =>
	(gate, asked, bound) =>
	(iterable, mapper, given = none) =>
		new Promise((resolve, reject) => {
			if (!isIterable(iterable)) {
				throw invalid('iterable', 'iterable or array-like', iterable);
			}

			checkFunction('mapper', mapper);
			const options = given === none ? none : readMapOptions(given);
			const {signal = bound.signal, shuffle = false} = options;
			signal?.throwIfAborted();
			const pulled = pull(iterable);
			if ('error' in pulled) {
				reject(pulled.error);
			}

			const {items} = pulled;
			if (items.length === 0) {
				resolve([]);
				return;
			}

			const Class = resultsOf(options);
			try {
				start(gate, asked, bound, items, mapper, {signal, shuffle, results: new Class(items.length, resolve, reject)});
			} catch (error) {
				throw gate.refusalOf(error);
			}
		});

/** The `map` of a lane. */
const createMap = createMapOf(({stopOnError}) => {
	if (stopOnError === undefined) {
		return Results;
	}

	return stopOnError ? StoppingResults : CollectedResults;
});

/** The `settle` of a lane. */
const createSettle = createMapOf(() => SettledResults);

module.exports = {createMap, createSettle};
