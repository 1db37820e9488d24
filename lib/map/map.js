'use strict';

// `map` and `settle`: one batch ticket (`batch.js`), or a call for each item where options speak of each.

const {createTaskStart, isTask} = require('../call.js');
const {checkFunction} = require('../checks.js');
const {invalid} = require('../errors.js');
const {readMapOptions} = require('../options.js');
const {resolved} = require('../promises.js');
const {Task} = require('../task.js');
const {Batch} = require('./batch.js');
const {CollectedResults, Results, SettledResults, StoppingResults} = require('./results.js');

/** Runs an item that has no runner, and takes what it comes to. */
const follow = async (results, index, run) => {
	let value;
	try {
		value = await run();
	} catch (error) {
		results.fail(index, error);
		return;
	}

	results.fulfil(index, value);
};

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
const mapInside = async (items, order, run, results) => {
	await resolved;
	for (const index of order ?? items.keys()) {
		if (results.isStopped) {
			return;
		}

		await follow(results, index, () => run(items[index], index));
	}
};

/** An item as a call of its own, where options speak of each. */
class ItemTask extends Task {
	results = undefined;

	drop(reason) {
		super.drop(reason);
		if (reason === undefined) {
			this.results.end(); // it will never settle
		}
	}
}

const startEach = (gate, asked, bound, items, order, mapper, results) => {
	const controller = new AbortController();
	const options = {...bound, signal: controller.signal};
	const startTask = createTaskStart(gate, asked);
	results.work = {
		cancel() {
			controller.abort();
		},
	};
	const run = (item, index) => {
		const task = new ItemTask(gate, options, mapper, [item, index]);
		task.results = results;
		return startTask(task);
	};
	const outer = gate.inherited;
	if (outer !== undefined) {
		outer.hold(mapInside(items, order, run, results));
		return;
	}

	for (const index of order ?? items.keys()) {
		const outcome = run(items[index], index); // throws where one is not let in, and then none is run
		follow(results, index, () => outcome);
	}
};

const startBatch = (gate, asked, items, order, mapper, results) => {
	const outer = gate.inherited;
	if (outer !== undefined) {
		outer.hold(mapInside(items, order, mapper, results));
		return;
	}

	const batch = new Batch(gate, asked, items, mapper, results); // it lives by its place in the gate
	batch.order = order;
	results.work = batch; // a function made here would keep the map alive until the next full collection
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
			signal?.throwIfAborted(); // by the iterable
			if ('error' in pulled) {
				reject(pulled.error);
			}

			const {items} = pulled;
			if (items.length === 0) {
				resolve([]);
				return;
			}

			const Class = resultsOf(options);
			const results = new Class(items.length, resolve, reject);
			const order = shuffle ? shuffled(items.length) : undefined;
			if (signal !== undefined) {
				results.watch(gate, signal);
			}

			try {
				if (isTask({...bound, signal: undefined})) {
					startEach(gate, asked, bound, items, order, mapper, results);
				} else {
					startBatch(gate, asked, items, order, mapper, results);
				}
			} catch (error) {
				results.stop(gate.refusalOf(error));
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
