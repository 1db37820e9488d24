'use strict';

// A slot that a caller of `acquire` holds, and what becomes of one that is forgotten.

const {asyncDispose, dispose, emitWarning} = require('../common/environment.js');

/** How many labels are remembered, so that the warning comes once for each. */
const MAX_LABELS = 1000;

const warnedOf = new Set();

const warn = (limit, label) => {
	const of = limit === undefined ? '' : ` of the limit '${limit}'`;
	const key = JSON.stringify([limit, label]);
	if (warnedOf.has(key) || warnedOf.size === MAX_LABELS) {
		return;
	}

	warnedOf.add(key);
	emitWarning(`a slot${of} was collected that nobody had released: '${label}'. It is free again`, {
		type: 'PLanesWarning',
		code: 'P_LANES_SLOT_COLLECTED',
		detail:
			'Call `slot.release()` in a `finally`, or declare the slot with `using`. See docs/guide/slots.md of p-lanes',
	});
};

/** Gives the slots back that were collected. What it keeps knows nothing of the `Slot` itself. */
const collected = new FinalizationRegistry(hold => {
	if (hold.hasSlots) {
		warn(hold.limitName, hold.label);
	}

	hold.release(); // also if it has no slots any more: it counts as abandoned until then
});

class Slot {
	#hold;
	#context;

	/** A property, so that it may be handed over as a callback. */
	release;

	constructor(hold, context) {
		this.#hold = hold;
		this.#context = context;
		this.release = error => {
			collected.unregister(this);
			this.#hold.release(error);
		};
		collected.register(this, hold, this);
	}

	get lane() {
		return this.#context.lane;
	}

	get signal() {
		return this.#context.signal;
	}

	[dispose]() {
		this.release();
	}

	async [asyncDispose]() {
		this.release();
	}
}

module.exports = {Slot};
