'use strict';

// `map` and `settle` of an async iterable: the outcomes of a stream, collected. Its items are pulled as the limit has room
// for them, whatever has ended before.

const {invalid} = require('../common/errors.js');
const {resultsClassOf} = require('../map/results.js');

const takeOutcomes = async (stream, results) => {
	results.items = [];
	let number = 0;
	for await (const {item, index, status, value, reason} of stream) {
		number++;
		results.items[index] = item;
		if (status === 'fulfilled') {
			results.fulfil(index, value);
		} else {
			results.fail(index, reason);
		}

		if (results.isStopped) {
			return; // closes the source
		}
	}

	results.complete(number);
};

/** What a stream is told so that a map can collect its outcomes. */
const collected = {ordered: false, settle: true, stopOnError: false, keepsSkipped: true};

/**
 * Returns a promise of the results. `options` are those of the map, and `signal` is the bound one. `createStream(options)`
 * returns a stream of the items that goes by options that were read.
 */
const mapStream = ({signal: given, ...options}, bound, createStream) =>
	new Promise((resolve, reject) => {
		const {shuffle = false} = options;
		if (shuffle) {
			throw invalid('shuffle', 'false or left out with an async iterable, whose items begin as they come', shuffle);
		}

		const signal = given ?? bound;
		const ResultsClass = resultsClassOf(options);
		const results = new ResultsClass(Number.POSITIVE_INFINITY, resolve, reject);
		takeOutcomes(createStream({...options, ...collected, signal}), results).catch(error => {
			results.stop(error);
		});
	});

module.exports = {mapStream};
