'use strict';

/** The handles of a gate's calls by `run` that wait or run, by their ids; see `call/handle.js`. */
class Handles extends Map {
	#last = 0;

	/** Returns an id that no such call has. */
	newId() {
		do {
			this.#last++;
		} while (this.has(this.#last));

		return this.#last;
	}
}

module.exports = {Handles};
