'use strict';

const {Runners} = require('./runners.js');

/** All items of a map under one batch ticket. Each slot that the batch gets has a runner. */
class Batch extends Runners {
	/** Number of items that have begun. */
	cursor = 0;

	/** Indexes of the items in the order in which they begin. Undefined: the order of `items`. */
	order = undefined;

	constructor(gate, request, items, mapper, results) {
		super(gate, request, 'p-lanes.map');
		this.items = items;
		this.mapper = mapper;
		this.results = results;
		/** Units that still wait in the gate. */
		this.ungranted = items.length;
		this.ticket = gate.enqueueBatch(request, items.length);
		gate.waiting[this.ticket] = this;
	}

	/** Called when its items are in the queue. */
	queued() {}

	/** Starts the next item in a slot that the gate gives. */
	begin(gate, slot) {
		gate.waiting[this.ticket] = this; // until its last unit has a slot
		this.beginIn(slot);
	}

	/** Starts the next item in a slot, without asking. */
	pass(_, slot) {
		this.beginIn(slot);
	}

	/** Called when the gate drops the units that wait. Without a reason, the map never settles. */
	drop(reason) {
		const {results} = this;
		this.ungranted = 0;
		if (reason === undefined) {
			results.unwatch();
		} else {
			results.dropped(this.waitingIndexes, reason);
		}
	}

	/** Indexes of the items that have no slot. */
	get waitingIndexes() {
		const {cursor, items, order} = this;
		return [...(order ?? items.keys())].slice(cursor);
	}

	/** Begins no more items and removes the waiting units from the queue. The caller then calls `startNext`. */
	cancel(cause) {
		this.isStopped = true;
		this.ungranted = 0;
		this.gate.cancel(this.ticket, this, cause);
	}

	/** Returns whether `ticket` is this batch. Ticket numbers are reused, so the number alone does not tell. */
	ownsTicket(ticket) {
		return ticket === this.ticket && this.gate.waiting[ticket] === this;
	}

	assignItem(runner) {
		this.ungranted--;
		if (this.ungranted === 0) {
			this.gate.waiting[this.ticket] = undefined;
		}

		const next = this.cursor++;
		runner.item = this.order === undefined ? next : this.order[next];
	}

	run(runner) {
		const {mapper} = this;
		return mapper(this.items[runner.item], runner.item);
	}

	fulfilled(runner, value) {
		const index = runner.item;
		this.gate.unitFulfilled(this, runner);

		// Last: a caller that awaits the map finds the next task started. Resolving reads `then`, which may run user code.
		this.results.fulfil(index, value);
	}

	rejected(runner, error) {
		this.results.fail(runner.item, error);
		this.gate.rejected(runner.slot, error);
	}
}

module.exports = {Batch};
