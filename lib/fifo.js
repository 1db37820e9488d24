'use strict';

// A queue in a ring of places. `Array.prototype.shift` moves all that is left, which a long queue pays for each time; a
// linked list makes the garbage collector keep what stands behind an item that has become old.

class Fifo {
	/** As many places as a power of 2. */
	#places = new Array(16);
	#head = 0;
	#size = 0;

	push(item) {
		if (this.#size === this.#places.length) {
			this.#grow();
		}

		this.#places[(this.#head + this.#size) & (this.#places.length - 1)] = item;
		this.#size++;
	}

	/** The first item; `undefined` where there is none. */
	get first() {
		return this.#places[this.#head];
	}

	/** Takes the first item out, if there is one. */
	shift() {
		const places = this.#places;
		const item = places[this.#head];
		if (this.#size > 0) {
			places[this.#head] = undefined;
			this.#head = (this.#head + 1) & (places.length - 1);
			this.#size--;
		}

		return item;
	}

	/** Takes all items out. */
	clear() {
		const items = this.#inOrder().slice(0, this.#size);
		this.#places = new Array(16);
		this.#head = 0;
		this.#size = 0;
		return items;
	}

	#grow() {
		this.#places = this.#inOrder();
		this.#places.length *= 2;
		this.#head = 0;
	}

	#inOrder() {
		return [...this.#places.slice(this.#head), ...this.#places.slice(0, this.#head)];
	}
}

module.exports = {Fifo};
