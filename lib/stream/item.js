'use strict';

/** An item of a stream, from the pull until the consumer reads its outcome. */
class Item {
	/** The `SlotItems` that starts it when it gets a slot. */
	runners = undefined;

	/** The ticket under which it waits; -1 if it has none. */
	ticket = -1;

	/** Whether `value` is its outcome; an error if `isError`. */
	isSettled = false;
	isError = false;

	/** Whether the mapper has left it out of the results. */
	isSkipped = false;

	/** Its own request; undefined if all items have the same. */
	request = undefined;

	/** What it publishes; undefined if no subscriber was there when it was enqueued. */
	trace = undefined;

	/** Whether its error is the stream's and ends it. The consumer gets it even with `stopOnError: false`. */
	endsStream = false;

	constructor(value, index) {
		this.value = value;
		this.index = index;
	}

	begin(_, slot) {
		this.runners.beginIn(slot);
	}

	drop(reason) {
		this.runners.itemDropped(this, reason);
	}

	/** Called when it has left a full lane. */
	displaced(reason) {
		this.runners.itemDisplaced(this, reason);
	}

	get label() {
		return this.runners.label;
	}
}

module.exports = {Item};
