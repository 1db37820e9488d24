'use strict';

// Publishes how a limit changes: what callers have changed at once, and what Rust has found (an adaptive concurrency, a
// reserve) when a call ends.

const {now} = require('../common/time.js');
const {limitChanged} = require('./channels.js');

/** Milliseconds between two looks at the reserve, which takes long to read. */
const LOOK_EVERY = 100;

/** By gate: `{concurrency, reserve, lookAt}` as it was last seen. */
const seen = new WeakMap();

const publish = (gate, change, details) => {
	limitChanged.publish({...gate.origin, change, ...details});
};

const look = gate => {
	const {concurrency, reserve} = gate.stats();
	return {concurrency, reserve: reserve.slots, lookAt: now() + LOOK_EVERY};
};

/** Publishes a change that a caller has made. */
const changed = (gate, change, details) => {
	const {concurrency} = details ?? {};
	if (concurrency !== undefined && seen.has(gate)) {
		seen.get(gate).concurrency = concurrency;
	}

	publish(gate, change, details);
};

/** Publishes what has changed since the last look. */
const notice = gate => {
	const before = seen.get(gate);
	if (before === undefined) {
		seen.set(gate, look(gate));
		return;
	}

	const after = now() < before.lookAt ? {...before, concurrency: gate.concurrency} : look(gate);
	seen.set(gate, after);
	for (const what of ['concurrency', 'reserve']) {
		if (before[what] !== after[what]) {
			publish(gate, what, {[what]: after[what]});
		}
	}
};

module.exports = {changed, notice};
