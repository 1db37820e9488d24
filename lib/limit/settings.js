'use strict';

// Options of a limit that may be changed while it runs: `maxQueue`, `reserve`, `offlineShare`.

const {BOTH} = require('../gate/gate.js');
const {LANE_NAMES, checkOfflineShare} = require('../common/checks.js');
const {callNative, invalid} = require('../common/errors.js');
const {readMaxQueue, readReserve} = require('../options/limit-options.js');

const portOf = gate => gate.native.port;

const checkGiven = (name, allowed, given) => {
	if (given === undefined || given === null) {
		throw invalid(name, allowed, given);
	}
};

const maxQueueOf = gate => {
	const entries = BOTH.map(lane => [LANE_NAMES[lane], portOf(gate).maxQueue(gate.handle, lane)]);
	return Object.fromEntries(entries);
};

const setMaxQueue = (gate, given) => {
	checkGiven('maxQueue', 'a whole number from 0, Infinity, or {online, offline}', given);
	const most = readMaxQueue(given);
	for (const lane of BOTH) {
		const {[LANE_NAMES[lane]]: ofLane} = most;
		if (ofLane !== undefined) {
			portOf(gate).setMaxQueue(gate.handle, lane, ofLane);
		}
	}

	gate.changed('maxQueue', {maxQueue: maxQueueOf(gate)});
	gate.startNext(); // callers may wait for room
};

const reserveOf = gate => {
	const reserve = portOf(gate).reserve(gate.handle);
	if (reserve === Number.POSITIVE_INFINITY) {
		return 'auto';
	}

	return reserve < 0 ? {wait: -reserve} : reserve;
};

const setReserve = (gate, given) => {
	checkGiven('reserve', "a whole number from 0, 'auto' or {wait}", given);
	const reserve = readReserve(given, gate.fixedConcurrency);
	callNative(() => portOf(gate).setReserve(gate.handle, reserve));
	gate.startNext();
	gate.noticeChanges();
};

const offlineShareOf = gate => portOf(gate).offlineShare(gate.handle);

const setOfflineShare = (gate, given) => {
	checkGiven('offlineShare', 'a number from 0 to 1', given);
	checkOfflineShare(given);
	callNative(() => portOf(gate).setOfflineShare(gate.handle, given));
	gate.changed('offlineShare', {offlineShare: given});
	gate.startNext();
};

module.exports = {maxQueueOf, offlineShareOf, reserveOf, setMaxQueue, setOfflineShare, setReserve};
