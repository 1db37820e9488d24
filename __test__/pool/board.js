'use strict';

// Cells that a spec shares with its worker threads: what they do in which order, and gates they wait at.
//
// | cell | use |
// |---|---|
// | 0 | length of the log |
// | 1, 2 | counters of `crowd` |
// | 3 to 99 | gates |
// | from 100 | log |

const LOG = 100;

class Board {
	#cells = new Int32Array(new SharedArrayBuffer(4 * 100_000));

	/** For the pool's `workerData`. */
	get workerData() {
		return {board: this.#cells.buffer};
	}

	cell(index) {
		return Atomics.load(this.#cells, index);
	}

	set(index, value) {
		Atomics.store(this.#cells, index, value);
	}

	/** What was noted so far. */
	get log() {
		return [...this.#cells.subarray(LOG, LOG + this.cell(0))];
	}

	open(gate) {
		Atomics.store(this.#cells, gate, 1);
		Atomics.notify(this.#cells, gate);
	}

	/** Resolves when all of them were noted. */
	async saw(...ids) {
		while (!ids.every(id => this.log.includes(id))) {
			await new Promise(resolve => {
				setTimeout(resolve, 1);
			});
		}
	}
}

module.exports = {Board};
