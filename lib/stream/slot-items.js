'use strict';

const {Runners, labelOf} = require('../map/runners.js');
const {abortError} = require('../common/environment.js');
const {CLEARED, NO_SLOT, ONLINE} = require('../gate/native.js');
const {Fifo} = require('../common/fifo.js');
const {isTracing} = require('../observe/channels.js');

/** Runs each item of a stream in a slot. Items get slots in the order in which they were enqueued. */
class SlotItems extends Runners {
	mapper;
	#onSettled;

	/** Whether the gate may let items start without asking. */
	#mayStart;

	/** Items that publish what happens to them, until they have run. */
	#traced = new Set();

	/** Items that wait for a slot. */
	#waiting = new Fifo();

	/** `onSettled(item, value, isError, isDropped)` gets the outcome of each item. */
	constructor(gate, request, mapper, onSettled) {
		super(gate, request, 'p-lanes.stream');
		this.mapper = mapper;
		this.#onSettled = onSettled;
		this.#mayStart = request.isPlain && request.lane === ONLINE;
	}

	/** Enqueues an item. Throws if the gate refuses it. */
	enqueue(item) {
		if (isTracing()) {
			this.#enqueueTraced(item);
		} else {
			this.#enqueue(item);
		}
	}

	#enqueueTraced(item) {
		const {Trace} = require('../observe/trace.js');
		item.trace = new Trace(this.gate, this.request.lane, labelOf(this));
		this.#enqueue(item);
		this.#traced.add(item);
		item.trace.queued();
	}

	#enqueue(item) {
		const {gate} = this;
		const slot = this.#mayStart ? gate.takeIdle() : NO_SLOT;
		if (slot >= 0) {
			const runner = this.runnerIn(slot);
			runner.item = item; // no item waits before it: nothing waits while a slot is idle
			this.beginSoon(runner);
			return;
		}

		const slotOrTicket = gate.enqueue(this.request);
		this.#waiting.push(item);
		if (slotOrTicket >= 0) {
			this.beginIn(slotOrTicket);
		} else {
			item.runners = this;
			item.ticket = ~slotOrTicket;
			gate.waiting[item.ticket] = item;
		}

		gate.afterEnqueue();
	}

	/** Removes the waiting items behind a place from the queue. Returns their number. */
	cancel(cause, reason, behind) {
		const items = this.#takeWaiting(({index}) => index > behind);
		for (const item of items) {
			this.gate.cancel(item.ticket, item, cause);
			this.#left(item, cause, reason);
		}

		return items.length;
	}

	/** Removes and returns some of the waiting items. */
	#takeWaiting(isTaken) {
		const taken = [];
		for (const item of this.#waiting.clear()) {
			if (isTaken(item)) {
				taken.push(item);
			} else {
				this.#waiting.push(item);
			}
		}

		return taken;
	}

	/** An item will never run. */
	#left(item, cause, error) {
		this.#traced.delete(item);
		item.trace?.gaveUp(cause, error);
	}

	/** Begins no more items. */
	close(cause, reason) {
		this.isStopped = true;
		for (const item of this.#traced) {
			if (!item.trace.hasStarted) {
				this.#left(item, cause, reason); // it has a slot
			}
		}
	}

	traceOf({item}) {
		return item.trace;
	}

	ownsTicket(ticket) {
		return ticket >= 0 && this.gate.waiting[ticket] === this.#waiting.first;
	}

	assignItem(runner) {
		const item = this.#waiting.shift();
		if (item.ticket >= 0) {
			this.gate.waiting[item.ticket] = undefined;
		}

		runner.item = item;
	}

	/**
	 * Rejects an item that was cleared, and the items before it. Those have slots, but the messages that grant them are
	 * not read yet (`gate/shared-gate.js`).
	 */
	itemDropped(item, reason = abortError()) {
		let first;
		do {
			first = this.#waiting.shift();
			if (first !== undefined) {
				this.gate.cancel(first.ticket, first, CLEARED);
				this.#left(first, CLEARED, reason);
				this.#onSettled(first, reason, true, true);
			}
		} while (first !== undefined && first !== item);
	}

	/** Rejects one item that has left a full lane. Those before it and behind it still wait. */
	itemDisplaced(item, reason) {
		this.#takeWaiting(waiting => waiting === item);
		this.#left(item, CLEARED, reason);
		this.#onSettled(item, reason, true, true);
	}

	run({item}) {
		const {mapper} = this;
		return item.trace === undefined
			? mapper(item.value, item.index)
			: item.trace.run(() => mapper(item.value, item.index));
	}

	#ended(item, reason, error) {
		this.#traced.delete(item);
		item.trace.settled(reason, error);
	}

	fulfilled(runner, value) {
		const {item} = runner;
		if (item.trace !== undefined) {
			this.#ended(item, 'fulfilled'); // before: the runner may go on with the next item
		}

		this.gate.unitFulfilled(this, runner);
		this.#onSettled(item, value, false);
	}

	rejected(runner, error) {
		const {item} = runner;
		this.gate.rejected(runner.slot, error);
		if (item.trace !== undefined) {
			this.#ended(item, 'rejected', error);
		}

		this.#onSettled(item, error, true);
	}
}

module.exports = {SlotItems};
