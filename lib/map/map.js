'use strict';

// `map` and `settle`. All items share one batch ticket (`batch.js`). If an option applies to each item, such as
// `timeout`, each item is a separate task (`separate-tasks.js`).

const {isTask, refusal} = require('../call/call.js');
const {checkFunction} = require('../common/checks.js');
const {isOnlyAsync, readList} = require('../common/iterators.js');
const {throwIfAborted} = require('../common/signals.js');
const {isTracing, refused} = require('../observe/channels.js');
const {mapNames, readMapOptions, settleNames} = require('../options/call-options.js');
const {Batch} = require('./batch.js');
const {labelOf} = require('./runners.js');
const {resultsClassOf} = require('./results.js');

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

/** Returns the requests of items that have a cost of their own. */
const requestsOf = (gate, request, items, costOf) => {
	const {requestFor} = require('./item-costs.js');
	return items.map((item, index) => requestFor(gate, request, costOf, item, index));
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

/**
 * Creates `map` for lanes, with the names of its options. `mapAsync` is the same for async iterables, with the items in the
 * place of the first argument. `byDefault` are the options if none are given.
 */
const createMapWith =
	(names, mapAsync, byDefault) =>
	(gate, request, bound, internals) =>
	(iterable, mapper, given = noOptions) =>
		new Promise((resolve, reject) => {
			if (!Array.isArray(iterable) && isOnlyAsync(iterable)) {
				checkFunction('mapper', mapper);
				resolve(mapAsync(internals, iterable, mapper, given === noOptions ? byDefault : readMapOptions(given, names)));
				return;
			}

			const addItems = readList(iterable, 'iterable', 'iterable, async iterable or array-like');
			checkFunction('mapper', mapper);
			const options = given === noOptions ? byDefault : readMapOptions(given, names);
			const {signal = bound.signal, shuffle = false, cost} = options;
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
			const requests = cost === undefined ? undefined : requestsOf(gate, request, items, cost);
			const results =
				options.onProgress === undefined
					? new ResultsClass(items.length, resolve, reject)
					: reportingResults(ResultsClass, items.length, resolve, reject, gate, options);
			results.items = items;
			const order = shuffle ? shuffled(items.length) : undefined;
			if (signal !== undefined) {
				results.watch(gate, signal);
			}

			try {
				if (requests !== undefined || isTask({...bound, signal: undefined})) {
					const {startTasks} = require('./separate-tasks.js');
					startTasks(gate, requests ?? request, bound, items, order, mapper, results);
				} else {
					startBatch(gate, request, items, order, mapper, results);
				}
			} catch (error) {
				const refused = items.length - (results.work?.queued ?? 0); // separate tasks are let in one by one
				results.stop(refusal(gate, request, () => labelOf({request, mapper}), error, {items: refused}));
			}
		});

/** Returns what creates the `map` and the `settle` of a lane. `mapAsync`: see above. */
const createMaps = mapAsync => ({
	createMap: createMapWith(mapNames, mapAsync, noOptions),
	createSettle: createMapWith(settleNames, mapAsync, {settle: true}),
});

module.exports = {createMaps};
