'use strict';

const {Runners} = require('../runners.js');
const {Fifo} = require('../fifo.js');

/** Runs a stream's items in slots of their own. They get these in the order in which they were let in. */
class ItemRunners extends Runners {
	#mapper;
	#settled;

	/** Items that wait for a slot. */
	#waiting = new Fifo();

	/** `settled(item, value, isError)` is told what comes of an item. */
	constructor(gate, asked, mapper, settled) {
		super(gate, asked, 'p-lanes.stream');
		this.#mapper = mapper;
		this.#settled = settled;
	}

	/** Lets an item in. Throws where it may not come in. */
	enter(item) {
		const {gate} = this;
		const place = gate.enqueue(this.asked);
		this.#waiting.push(item);
		if (place >= 0) {
			this.beginIn(place);
		} else {
			item.runners = this;
			item.ticket = ~place;
			gate.waiting[item.ticket] = item;
		}

		gate.letIn();
	}

	/** Takes what waits out of the queue, and tells how many that were. */
	cancel() {
		const items = this.#waiting.clear();
		for (const item of items) {
			this.gate.cancel(item.ticket, item);
		}

		return items.length;
	}

	/** Begins nothing more. */
	close() {
		this.isStopped = true;
	}

	isNext(ticket) {
		return ticket >= 0 && this.gate.waiting[ticket] === this.#waiting.first;
	}

	takes(runner) {
		const item = this.#waiting.shift();
		if (item.ticket >= 0) {
			this.gate.waiting[item.ticket] = undefined;
		}

		runner.item = item;
	}

	/** An item was cleared: with it those before it, which have got slots and were not told yet; see `shared.js`. */
	dropped(item, reason = AbortSignal.abort().reason) {
		let first;
		do {
			first = this.#waiting.shift();
			if (first !== undefined) {
				this.gate.cancel(first.ticket, first);
				this.#settled(first, reason, true);
			}
		} while (first !== undefined && first !== item);
	}

	run({item}) {
		const mapper = this.#mapper;
		return mapper(item.value, item.index);
	}

	fulfilled(runner, value) {
		const {item} = runner;
		this.gate.unitFulfilled(this, runner);
		this.#settled(item, value, false);
	}

	rejected(runner, error) {
		const {item} = runner;
		this.gate.rejected(runner.slot, error);
		this.#settled(item, error, true);
	}
}

module.exports = {ItemRunners};
