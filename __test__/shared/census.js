'use strict';

// Counts what runs in all threads at every moment, though threads are killed and then cannot count down.
//
// One word has four bits for each thread: what `Atomics.add` gives is how much ran in each of them at one moment. A thread
// is marked as dying before it is killed, so before its slots can go to others, and its bits count no more from then on;
// when it is dead they stand still and are cleared, and after that the mark is. Who finds that a mark was set while
// he counted has not counted. There is such a word for all work, and one for offline work.

const [ALL, OFFLINE, DYING, MARKED, BROKEN, BEGUN, OVER] = [0, 1, 2, 3, 4, 5, 6];

class Census {
	static THREADS = 7; // Not all 32 bits, because of the sign.

	#cells;

	constructor(memory = new SharedArrayBuffer(8 * Int32Array.BYTES_PER_ELEMENT)) {
		this.memory = memory;
		this.#cells = new Int32Array(memory);
	}

	/** Some work of a weight runs in a thread while `work` does. `most` is how much may run, of all and offline. */
	async during({thread, weight, isOffline, most}, work) {
		const words = isOffline ? [ALL, OFFLINE] : [ALL];
		const amount = weight << (4 * thread);
		for (const word of words) {
			const marked = Atomics.load(this.#cells, MARKED);
			const dying = Atomics.load(this.#cells, DYING);
			const counts = Atomics.add(this.#cells, word, amount) + amount;
			const living = dying | Atomics.load(this.#cells, DYING);
			if (marked === Atomics.load(this.#cells, MARKED) && this.#sum(counts, living) > most[word]) {
				Atomics.add(this.#cells, BROKEN, 1);
			}
		}

		Atomics.add(this.#cells, BEGUN, 1);
		await work();
		for (const word of words) {
			Atomics.sub(this.#cells, word, amount);
		}
	}

	#sum(counts, dying) {
		let sum = 0;
		for (let thread = 0; thread < Census.THREADS; thread++) {
			sum += (dying >> thread) & 1 ? 0 : (counts >> (4 * thread)) & 15;
		}

		return sum;
	}

	/** A thread is about to die. */
	mark(thread) {
		Atomics.or(this.#cells, DYING, 1 << thread);
		Atomics.add(this.#cells, MARKED, 1);
	}

	/** A thread is dead. */
	bury(thread) {
		for (const word of [ALL, OFFLINE]) {
			const amount = Atomics.load(this.#cells, word) & (15 << (4 * thread));
			Atomics.sub(this.#cells, word, amount);
		}

		Atomics.and(this.#cells, DYING, ~(1 << thread));
	}

	/** How often more ran than may. */
	get broken() {
		return Atomics.load(this.#cells, BROKEN);
	}

	/** How often work has begun. */
	get begun() {
		return Atomics.load(this.#cells, BEGUN);
	}

	/** What runs now, in all threads. */
	get running() {
		return this.#sum(Atomics.load(this.#cells, ALL), 0);
	}

	get isOver() {
		return Atomics.load(this.#cells, OVER) === 1;
	}

	end() {
		Atomics.store(this.#cells, OVER, 1);
	}
}

module.exports = {Census};
