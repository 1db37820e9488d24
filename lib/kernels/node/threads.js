'use strict';

// How many items of kernels run at once where Node's own modules do the work, and which one is next: a limit decides.
// It stands for the threads that kernels have with the addon, and is as large.

const {availableParallelism} = require('node:os');
const {InvalidArgError} = require('../../common/errors.js');
const {isWhole} = require('../../common/checks.js');
const {readVariable} = require('../../common/system.js');
const {Lane} = require('../../limit/lane.js');
const {pLimit} = require('../../limit/limit.js');

const VARIABLE = 'P_LANES_THREADS';
const MOST_THREADS = 1024;

let configuration = {};
let limit;

/** Sets the number of threads and the reserve; see `configure`. */
const configureKernels = (threads, reserve) => {
	if (limit !== undefined) {
		throw new InvalidArgError('`configure` must be called before the first kernel, got a call after it');
	}

	configuration = {threads, reserve};
};

const threadsOfEnvironment = () => {
	const given = readVariable(VARIABLE);
	if (given === undefined || given === '') {
		return undefined;
	}

	const threads = /^\d+$/.test(given) ? Number(given) : Number.NaN;
	if (!isWhole(threads, 1, MOST_THREADS)) {
		const allowed = `a whole number from 1 to ${MOST_THREADS}`;
		throw new InvalidArgError(`the environment variable ${VARIABLE} must be ${allowed}, got ${JSON.stringify(given)}`);
	}

	return threads;
};

const open = () => {
	const {threads = threadsOfEnvironment() ?? availableParallelism(), reserve = 1} = configuration;
	const opened = pLimit({concurrency: threads + reserve, reserve});
	Lane.internalsOf(opened).gate.publishes = false; // no caller knows this limit
	return opened;
};

/** Returns the lane of the limit, by its number. */
const laneOf = lane => {
	limit ??= open();
	return lane === 0 ? limit.online : limit.offline;
};

module.exports = {configureKernels, laneOf};
