'use strict';

// Opens the kind of gate that a limit's options ask for.

const {callNative} = require('../common/errors.js');
const {Gate} = require('./gate.js');
const {warnAtExit} = require('./exit-warning.js');
const {createGate, hasThreads, port} = require('./native.js');
const {NestedGate} = require('./nested-gate.js');
const {nativeOptions, overflowNumber} = require('../options/limit-options.js');
const {nameOf, openShared, openNamed} = require('./shared-gate.js');

let warnsAtExit = false;

const createLocal = settings => {
	const {concurrency, adaptive, rate, reserve, offlineShare, maxQueue, overflow} = settings;
	return adaptive === undefined && rate === undefined
		? callNative(
				createGate,
				concurrency,
				reserve,
				offlineShare,
				maxQueue?.online,
				maxQueue?.offline,
				overflowNumber(overflow),
			)
		: callNative(() => port.createLocal(nativeOptions(settings)));
};

const openGate = settings => {
	if (!warnsAtExit) {
		warnsAtExit = true;
		warnAtExit(nameOf);
	}

	if (settings.rate?.quotas !== undefined) {
		require('./quotas.js'); // now, because it may be needed first in a timer
	}

	if (settings.name !== undefined) {
		return openNamed(settings);
	}

	// A rate needs a clock that goes on while the event loop is busy. Shared gates have one, where there are threads.
	if (settings.rate !== undefined && hasThreads) {
		return openShared(settings);
	}

	const handle = createLocal(settings);
	if (settings.nested === undefined) {
		return new Gate(settings, handle);
	}

	return new NestedGate(settings, handle);
};

module.exports = {openGate};
