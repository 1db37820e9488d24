'use strict';

// The tests in this folder are the contract of a drop-in for p-limit. Each one runs against p-limit itself, against
// p-lanes, and against each lane of p-lanes.

const {describe} = require('node:test');
const lanes = require('p-lanes');

const noop = () => {};

/** A task that runs until it is told to end. */
const task = () => {
	const one = {started: false};
	one.promise = new Promise((resolve, reject) => {
		Object.assign(one, {resolve, reject});
	});
	one.run = () => {
		one.started = true;
		return one.promise;
	};

	return one;
};

/** A `pLimit` that gives one lane of a limit. A reserve of 0 makes a lane as wide as its limit. */
const onlyLane = lane => options =>
	lanes({reserve: 0, ...(typeof options === 'number' ? {concurrency: options} : options)})[lane];

/** Declares the same tests for each package: `declareTests({pLimit, limitFunction})`. */
const forEachPackage = async declareTests => {
	const original = await import('p-limit');
	const packages = [
		['p-limit', original.default, original.limitFunction],
		['p-lanes', lanes, lanes.limitFunction],
		['p-lanes, its online lane', onlyLane('online'), lanes.limitFunction],
		['p-lanes, its offline lane', onlyLane('offline'), lanes.limitFunction],
	];
	for (const [name, pLimit, limitFunction] of packages) {
		describe(name, () => declareTests({pLimit, limitFunction}));
	}
};

module.exports = {forEachPackage, noop, task};
