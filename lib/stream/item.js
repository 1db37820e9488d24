'use strict';

/** An item of a stream, from when it is pulled until its outcome is given out. */
class Item {
	/** The ticket that it waits under. */
	ticket = -1;

	/** It has an outcome: `value`, or an error in its place. */
	isSettled = false;
	isError = false;

	/** The error is the source's or the whole stream's: it is given out whatever comes of the other items. */
	isFinal = false;

	constructor(stream, value, index) {
		this.stream = stream;
		this.value = value;
		this.index = index;
	}

	begin(_, slot) {
		this.stream.beginIn(slot);
	}

	drop(reason) {
		this.stream.dropped(reason);
	}
}

module.exports = {Item};
