'use strict';

const pLimit = require('../../index.js');

/** A promise and what settles it. */
const deferred = () => {
	const own = {};
	own.promise = new Promise((resolve, reject) => {
		own.resolve = resolve;
		own.reject = reject;
	});
	return own;
};

/** A limit of one slot, and what ends the task that holds it. */
const busy = (options = {}) => {
	const limit = pLimit({concurrency: 1, ...options});
	const {promise, resolve} = deferred();
	limit(() => promise);
	return {limit, free: resolve};
};

module.exports = {busy, deferred};
