'use strict';

// What time alone lets start: has a gate asked again when it says so.

const {LONGEST} = require('./checks.js');
const {port} = require('./native.js');

class Wakeup {
	#gate;
	#timer = undefined;

	constructor(gate) {
		this.#gate = gate;
	}

	/** The gate has just been asked and gave nothing. It names no time where nobody waits, so the process may end then. */
	set() {
		clearTimeout(this.#timer);
		const duration = port.wakesIn(this.#gate.handle);
		this.#timer =
			duration < 0
				? undefined
				: setTimeout(
						() => {
							this.#gate.startNext();
						},
						// Rounded up, or it would be asked too early.
						Math.min(Math.ceil(duration), LONGEST),
					);
	}

	/** There is nothing that time alone would let start. */
	clear() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}

module.exports = {Wakeup};
