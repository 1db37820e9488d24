'use strict';

// `drain` of all limits of `pLimit.keyed` together.

const {drainAll, readDrainOptions} = require('./drain.js');
const {Lane, claimedGate} = require('./lane.js');

/** Adds up numbers of calls by their labels, the most frequent first. */
const sumOfLabels = lists => {
	const counts = new Map();
	for (const {label, count} of lists.flat()) {
		counts.set(label, (counts.get(label) ?? 0) + count);
	}

	return [...counts].map(([label, count]) => ({label, count})).sort((a, b) => b.count - a.count);
};

const sumOfLanes = lanes => ({
	active: lanes.reduce((sum, {active}) => sum + active, 0),
	dropped: lanes.reduce((sum, {dropped}) => sum + dropped, 0),
	labels: sumOfLabels(lanes.map(({labels}) => labels)),
});

const sumOfReports = reports => ({
	isIdle: reports.every(({isIdle}) => isIdle),
	online: sumOfLanes(reports.map(({online}) => online)),
	offline: sumOfLanes(reports.map(({offline}) => offline)),
	abandoned: sumOfLabels(reports.map(({abandoned}) => abandoned)),
});

/** Drains all limits of a store, and then their total if it is theirs alone. `close` refuses the calls of new keys. */
const drainKeyed = async (store, ownTotal, given, close) => {
	const options = readDrainOptions(given);
	close();
	const gates = store.all().map(limit => claimedGate(Lane.internalsOf(limit)));
	ownTotal?.resume(); // calls of the keys may wait for it
	const reports = await drainAll(gates, options);
	if (ownTotal !== undefined) {
		Lane.internalsOf(ownTotal).gate.close();
	}

	return sumOfReports(reports);
};

module.exports = {drainKeyed};
