'use strict';

// Warns when the event loop has ended while calls run or wait: nothing can settle them any more. Without it, a process
// whose tasks wait for each other ends in silence, with exit code 0.
//
// Nothing is kept for this while calls are made. When the loop is about to end, Rust is asked which gates hold calls.
// The warning is given at the exit that follows, because other listeners of `beforeExit` may add work.

const {onLoopEnd} = require('../common/loop-end.js');
const {concurrencyOf, port} = require('./native.js');

const DOCS = 'docs/guide/nested.md of p-lanes';

/** How many limits a warning names. */
const NAMED = 10;

const callsOf = (number, does) => `${number} ${number === 1 ? 'call' : 'calls'} that ${does}${number === 1 ? 's' : ''}`;

/** Says what a gate holds, and what may be the cause. */
const describe = ({gate, runs, waits}, name) => {
	const held = [];
	if (runs > 0) {
		held.push(callsOf(runs, 'run'));
	}

	if (waits > 0) {
		held.push(callsOf(waits, 'wait'));
	}

	const limit = name === undefined ? 'a limit' : `the limit '${name}'`;
	const paused = port.isPaused(gate) ? ', and is paused' : '';
	return `${limit} of concurrency ${concurrencyOf(gate)} has ${held.join(' and ')}${paused}`;
};

const causeOf = held => {
	if (held.some(({runs, waits}) => runs > 0 && waits > 0)) {
		return 'Tasks that run may wait for calls that wait for their slots.';
	}

	return held.some(({gate, waits}) => waits > 0 && port.isPaused(gate))
		? 'A limit that is paused starts nothing until `resume()`.'
		: 'The promises of tasks that run have not settled, or slots were not released.';
};

/** Watches for the end of the event loop. `nameOf(handle)` returns the name of a gate's limit. */
const warnAtExit = nameOf => {
	const warn = () => {
		const held = port.heldGates();
		if (held.length === 0) {
			return undefined;
		}

		const limits = held.slice(0, NAMED).map(gate => describe(gate, nameOf(gate.gate)));
		const more = held.length > NAMED ? [`${held.length - NAMED} more limits have some, too`] : [];
		const warning = new Error(
			`the event loop ended while calls were pending that nothing can settle any more: ${[...limits, ...more].join('; ')}`,
		);
		return Object.assign(warning, {
			name: 'PLanesWarning',
			code: 'P_LANES_STUCK',
			detail: `${causeOf(held)} See ${DOCS}`,
		});
	};

	onLoopEnd(() => port.heldGates().length > 0, warn);
};

module.exports = {warnAtExit};
