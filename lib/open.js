'use strict';

// Which gate a limit gets by its options.

const {refusing} = require('./errors.js');
const {Gate} = require('./gate.js');
const {createGate, port} = require('./native.js');
const {NestedGate} = require('./nested.js');
const {givenOf} = require('./options.js');
const {openEnd, openNamed} = require('./shared.js');

const createOwn = settings => {
	const {concurrency, adaptive, reserve, offlineShare, maxQueue, overflow} = settings;
	return adaptive === undefined
		? refusing(createGate, concurrency, reserve, offlineShare, maxQueue?.online, maxQueue?.offline, overflow === 'wait')
		: refusing(() => port.createOwn(givenOf(settings)));
};

const openGate = settings => {
	if (settings.name !== undefined) {
		return openNamed(settings);
	}

	// A rate needs a clock that goes on while the event loop is busy, which shared gates have.
	if (settings.rate !== undefined) {
		return openEnd(settings);
	}

	const handle = createOwn(settings);
	return settings.nested === undefined ? new Gate(settings, handle) : new NestedGate(settings, handle);
};

module.exports = {openGate};
