'use strict';

// `map` and `settle`. All items share one batch ticket (`batch.js`). If an option applies to each item, such as
// `timeout`, each item is a separate task (`separate-tasks.js`).

const {isTask, refusal} = require('../call/call.js');
const {checkFunction} = require('../common/checks.js');
const {readList} = require('../common/iterators.js');
const {throwIfAborted} = require('../common/signals.js');
const {isTracing, refused} = require('../observe/channels.js');
const {mapNames, readMapOptions, settleNames} = require('../options/call-options.js');
const {Batch} = require('./batch.js');
const {labelOf} = require('./runners.js');
const {CollectedResults, Results, SettledResults, StoppingResults} = require('./results.js');

/** Takes all items. If that throws, returns the items so far and the error. */
const collect = addItems => {
	const items = [];
	try {
		addItems(items);

		return {items};
	} catch (error) {
		return {items, error};
	}
};

/** Returns a random permutation of the first `number` indexes (Fisher-Yates). */
const shuffled = number => {
	const order = Array.from({length: number}, (_, index) => index);
	for (let last = number - 1; last > 0; last--) {
		const other = Math.floor(Math.random() * (last + 1));
		[order[last], order[other]] = [order[other], order[last]];
	}

	return order;
};

const startBatch = (gate, request, items, order, mapper, results) => {
	const BatchClass = isTracing() && gate.publishes ? require('./traced-batch.js').TracedBatch : Batch;
	const batch = new BatchClass(gate, request, items, mapper, results); // `gate.waiting` keeps it alive
	batch.order = order;
	results.work = batch; // a closure would keep the map alive until the next full collection
	gate.startNext();
	batch.queued();
};

/** Returns results that tell how far they are. */
const reportingResults = (ResultsClass, number, resolve, reject, gate, options) => {
	const {Progress, reportingOf} = require('../observe/progress.js');
	const results = new (reportingOf(ResultsClass))(number, resolve, reject);
	results.progress = new Progress(options, number, error => {
		results.stop(error);
		gate.startNext();
	});
	return results;
};

const noOptions = {};

/** Creates `map` for lanes, with the names of its options. `resultsClassOf` selects the class of the results by them. */
const createMapWith =
	(names, resultsClassOf) =>
	(gate, request, bound, internals) =>
	(iterable, mapper, given = noOptions) =>
		new Promise((resolve, reject) => {
			const addItems = readList(iterable, 'iterable', 'iterable or array-like');
			checkFunction('mapper', mapper);
			const options = given === noOptions ? noOptions : readMapOptions(given, names);
			const {signal = bound.signal, shuffle = false} = options;
			throwIfAborted(signal);
			const collected = collect(addItems);
			throwIfAborted(signal); // the iterable may have aborted it
			if ('error' in collected) {
				reject(collected.error);
			}

			if (isTracing() || refused.hasSubscribers) {
				gate.limit ??= internals.limit; // see `limit/lane.js`
			}

			const {items} = collected;
			if (items.length === 0) {
				resolve([]);
				return;
			}

			const ResultsClass = resultsClassOf(options);
			const results =
				options.onProgress === undefined
					? new ResultsClass(items.length, resolve, reject)
					: reportingResults(ResultsClass, items.length, resolve, reject, gate, options);
			const order = shuffle ? shuffled(items.length) : undefined;
			if (signal !== undefined) {
				results.watch(gate, signal);
			}

			try {
				if (isTask({...bound, signal: undefined})) {
					const {startTasks} = require('./separate-tasks.js');
					startTasks(gate, request, bound, items, order, mapper, results);
				} else {
					startBatch(gate, request, items, order, mapper, results);
				}
			} catch (error) {
				const refused = items.length - (results.work?.queued ?? 0); // separate tasks are let in one by one
				results.stop(refusal(gate, request, () => labelOf({request, mapper}), error, {items: refused}));
			}
		});

/** Creates the `map` of a lane. */
const createMap = createMapWith(mapNames, ({stopOnError}) => {
	if (stopOnError === undefined) {
		return Results;
	}

	return stopOnError ? StoppingResults : CollectedResults;
});

/** Creates the `settle` of a lane. */
const createSettle = createMapWith(settleNames, () => SettledResults);

module.exports = {createMap, createSettle};
