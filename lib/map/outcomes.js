'use strict';

// What an item of a map or stream has come to, with the item and its index.

/** The outcome of an item as `settle` gives it. */
const outcomeOf = (item, index, value, isError) =>
	isError ? {item, index, status: 'rejected', reason: value} : {item, index, status: 'fulfilled', value};

const isFulfilled = outcome => outcome.status === 'fulfilled';

const isRejected = outcome => outcome.status === 'rejected';

module.exports = {isFulfilled, isRejected, outcomeOf};
