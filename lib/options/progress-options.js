'use strict';

// The options of what works on many items and tells how far it is.

const {checkFunction, checkMillis} = require('../common/checks.js');

const progressNames = ['onProgress', 'progressInterval'];

/** Milliseconds. */
const DEFAULT_INTERVAL = 100;

const readProgress = options => {
	const onProgress = options.onProgress ?? undefined;
	const progressInterval = options.progressInterval ?? DEFAULT_INTERVAL;
	if (onProgress !== undefined) {
		checkFunction('onProgress', onProgress);
	}

	checkMillis('progressInterval', progressInterval, 0);
	return {onProgress, progressInterval};
};

module.exports = {progressNames, readProgress};
