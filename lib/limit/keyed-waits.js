'use strict';

// Waits for all limits of `pLimit.keyed` together: `onIdle`, `onEmpty`, `onSizeLessThan`.

const {BOTH} = require('../gate/gate.js');
const {Lane} = require('./lane.js');

const pending = native => [native.pending];
const unsettled = native => [native.pending, native.active];

/** Counts units of one gate. `units(native)` says which. */
const countIn = (gate, units) => units(gate.native).reduce((sum, of) => sum + gate.count(of, BOTH), 0);

/** The gates in which something counts, each with its number. */
const busyGates = (store, units) =>
	store
		.all()
		.map(limit => Lane.internalsOf(limit).gate)
		.map(gate => ({gate, number: countIn(gate, units)}))
		.filter(({number}) => number > 0);

/** Watches a gate until the sum over all gates seems to be below a number, or `watch.isOver`. */
const watchGate = ({gate, number}, units, watch, below) => {
	let last = number;
	return gate.conditions.until(() => {
		const now = countIn(gate, units);
		watch.sum += now - last;
		last = now;
		return watch.isOver ? -1 : watch.sum;
	}, below);
};

/**
 * Resolves when fewer units than `below` are counted in all limits. A gate tells when it counts less, not when it counts
 * more. So the sum that is kept may be too low, and is counted anew when it is low enough.
 */
const untilFewer = async (store, units, below) => {
	for (;;) {
		const busy = busyGates(store, units);
		const watch = {sum: busy.reduce((sum, {number}) => sum + number, 0), isOver: false};
		if (watch.sum < below) {
			return;
		}

		await Promise.race(busy.map(one => watchGate(one, units, watch, below)));
		watch.isOver = true;
		for (const {gate} of busy) {
			gate.activeConditions?.check(); // it forgets the watch
		}
	}
};

module.exports = {pending, unsettled, untilFewer};
