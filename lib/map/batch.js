'use strict';

const {Runners} = require('../runners.js');

/** The items of a map as one batch ticket, with a runner for each slot that it gets. */
class Batch extends Runners {
	/** How many items have begun. */
	cursor = 0;

	/** The items in the order that they begin in, by index; undefined is their own. */
	order = undefined;

	constructor(gate, asked, items, mapper, results) {
		super(gate, asked, 'p-lanes.map');
		this.items = items;
		this.mapper = mapper;
		this.results = results;
		/** Units that wait in the gate. */
		this.ungranted = items.length;
		this.ticket = gate.enqueueBatch(asked, items.length);
		gate.waiting[this.ticket] = this;
	}

	/** Takes a slot from the gate for the next item. */
	begin(gate, slot) {
		gate.waiting[this.ticket] = this; // until the last of its units has left it
		this.beginIn(slot);
	}

	/** No more slots will come; without a reason nobody is told. */
	drop(reason) {
		this.ungranted = 0;
		this.results.end();
		if (reason !== undefined) {
			this.results.reject(reason);
		}
	}

	/** Begins nothing more, and takes what waits out of the queue. Follow it by `startNext`. */
	cancel() {
		this.isStopped = true;
		this.ungranted = 0;
		this.gate.cancel(this.ticket, this);
	}

	/** Ticket numbers are used again, so an equal number alone may be another's. */
	isNext(ticket) {
		return ticket === this.ticket && this.gate.waiting[ticket] === this;
	}

	takes(runner) {
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

		// Last: who awaits the map finds the next task started, and resolving reads `then`, which may be anyone's code.
		this.results.fulfil(index, value);
	}

	rejected(runner, error) {
		this.results.fail(runner.item, error);
		this.gate.rejected(runner.slot, error);
	}
}

module.exports = {Batch};
