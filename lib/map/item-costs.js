'use strict';

// A cost for each item (option `cost` of maps and streams). Such items are separate tasks.

const {INT32_MAX, isWhole} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {readCost} = require('../options/rate-options.js');

/** Returns the request of an item, with the cost that the user's function gives. Throws if it gives none. */
const requestFor = (gate, request, costOf, item, index) => {
	const given = costOf(item, index);
	const isByName = typeof given === 'object' && given !== null;
	if (!isByName && !isWhole(given, 0, INT32_MAX)) {
		throw invalid('cost', `a function that returns a whole number from 0 to ${INT32_MAX} (item ${index})`, given);
	}

	const cost = readCost(given);
	const costs = isByName ? require('../gate/quotas.js').costsOf(gate, cost, request.next) : undefined;
	return {...request, cost, costs, isPlain: false, asked: {...request.asked, cost}};
};

module.exports = {requestFor};
