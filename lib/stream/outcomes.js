'use strict';

const {Fifo} = require('../common/fifo.js');

/** The items of a stream from the pull until the consumer takes their outcomes, in the order of the results. */
class Outcomes {
	#isOrdered;

	/** All items if ordered, else the settled ones as they complete. */
	#items = new Fifo();

	/** The item whose error ends the stream, if results come unordered. It is taken last. */
	#last = undefined;

	/** Number of pulled items whose outcomes were not taken yet. */
	outstanding = 0;

	constructor(isOrdered) {
		this.#isOrdered = isOrdered;
	}

	/** Called when an item was pulled. */
	pulled(item) {
		this.outstanding++;
		if (this.#isOrdered) {
			this.#items.push(item);
		}
	}

	/** Called when an item has its outcome. */
	settled(item) {
		if (this.#isOrdered) {
			return;
		}

		if (!item.endsStream) {
			this.#items.push(item);
		} else if (this.#last === undefined) {
			this.#last = item;
		} else {
			this.outstanding--; // one error ends the stream
		}
	}

	/** Whether the next outcome is there. */
	get isReady() {
		return this.#items.first?.isSettled || (this.#last !== undefined && this.outstanding === 1);
	}

	/** Removes and returns the item whose outcome is next. It must be ready. */
	take() {
		this.outstanding--;
		const item = this.#items.first === undefined ? this.#last : this.#items.shift();
		if (item === this.#last) {
			this.#last = undefined;
		}

		return item;
	}

	/** Called when items that wait were removed from the queue. They have no outcomes. */
	cancelled(number) {
		this.outstanding -= number;
	}

	/** Forgets all items. */
	clear() {
		this.#items.clear();
		this.#last = undefined;
		this.outstanding = 0;
	}
}

module.exports = {Outcomes};
