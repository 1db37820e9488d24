'use strict';

/** An item of a stream, from when it is pulled until its outcome is given out. */
class Item {
	/** Who has it run in the slots that it gets; see `slots.js`. */
	runners = undefined;

	/** The ticket that it waits under. */
	ticket = -1;

	/** It has an outcome: `value`, or an error in its place. */
	isSettled = false;
	isError = false;

	/** The error is not the item's but ends the stream: it is given out whatever comes of the other items. */
	isFinal = false;

	constructor(value, index) {
		this.value = value;
		this.index = index;
	}

	begin(_, slot) {
		this.runners.beginIn(slot);
	}

	drop(reason) {
		this.runners.dropped(this, reason);
	}
}

module.exports = {Item};
