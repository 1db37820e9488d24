'use strict';

// What `pLimit` takes.

const {checkOfflineShare} = require('./checks.js');
const {invalid} = require('./errors.js');

/** Throws p-limit's own error, word for word, for what is no concurrency. */
const checkConcurrency = concurrency => {
	if (!((Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY) && concurrency > 0)) {
		throw new TypeError('Expected `concurrency` to be a number from 1 and up');
	}
};

/** The options in full, from a bare number or an object. */
const readOptions = given => {
	const options = typeof given === 'object' && given !== null ? given : {concurrency: given};
	const {concurrency, rejectOnClear = false, reserve, offlineShare} = options;
	checkConcurrency(concurrency);

	if (typeof rejectOnClear !== 'boolean') {
		throw new TypeError('Expected `rejectOnClear` to be a boolean');
	}

	if (reserve !== undefined && !(Number.isInteger(reserve) && reserve >= 0 && reserve < concurrency)) {
		throw invalid('reserve', `a whole number from 0 to below \`concurrency\` (${concurrency})`, reserve);
	}

	checkOfflineShare(offlineShare);

	return {concurrency, rejectOnClear, reserve, offlineShare};
};

module.exports = {checkConcurrency, readOptions};
