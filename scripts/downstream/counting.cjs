'use strict';

// The stand-ins for p-limit load this file. It wraps a `pLimit`, and appends a letter to a file for each event:
// L for a process or context that loaded p-limit, N for a new limit, C for a call through a limit.
// Nothing is kept in memory, so that calls count of a process that is killed.

const {appendFileSync} = require('node:fs');

const counted = (pLimit, countFile) => {
	const count = letter => appendFileSync(countFile, letter);

	const countedCalls = limit =>
		new Proxy(limit, {
			apply(target, self, args) {
				count('C');
				return Reflect.apply(target, self, args);
			},
			// Getters and setters run with the limit as `this`, not with the proxy.
			get(target, key) {
				// The calls inside of `map` do not come through the proxy. The map counts as one call.
				if (key === 'map') {
					count('C');
				}

				return Reflect.get(target, key);
			},
			set: (target, key, value) => Reflect.set(target, key, value),
		});

	const countedLimit = function (...args) {
		count('N');
		const limit = Reflect.apply(pLimit, this, args);
		// p-limit 2 answers a wrong concurrency with a rejected promise.
		return typeof limit === 'function' ? countedCalls(limit) : limit;
	};

	Object.defineProperties(countedLimit, Object.getOwnPropertyDescriptors(pLimit));
	if ('default' in pLimit) {
		countedLimit.default = countedLimit;
	}

	count('L');
	return countedLimit;
};

const countedFunction = (limitFunction, countFile) => {
	return (...args) => {
		appendFileSync(countFile, 'N');
		const limited = limitFunction(...args);
		return function (...callArgs) {
			appendFileSync(countFile, 'C');
			return Reflect.apply(limited, this, callArgs);
		};
	};
};

module.exports = {counted, countedFunction};
