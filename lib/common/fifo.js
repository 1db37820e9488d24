'use strict';

// A queue in a ring buffer. `Array.prototype.shift` moves all items that are left, which is slow in a long queue. In a
// linked list, an item in the garbage collector's old generation keeps the items behind it in memory.

class Fifo {
	/** Its length is a power of 2. */
	#buffer = new Array(16);
	#head = 0;
	#size = 0;

	push(item) {
		if (this.#size === this.#buffer.length) {
			this.#grow();
		}

		this.#buffer[(this.#head + this.#size) & (this.#buffer.length - 1)] = item;
		this.#size++;
	}

	get size() {
		return this.#size;
	}

	/** The first item; `undefined` if there is none. */
	get first() {
		return this.#buffer[this.#head];
	}

	/** Removes and returns the first item, if there is one. */
	shift() {
		const buffer = this.#buffer;
		const item = buffer[this.#head];
		if (this.#size > 0) {
			buffer[this.#head] = undefined;
			this.#head = (this.#head + 1) & (buffer.length - 1);
			this.#size--;
		}

		return item;
	}

	/** Removes all items and returns them in order. */
	clear() {
		const items = this.#inOrder().slice(0, this.#size);
		this.#buffer = new Array(16);
		this.#head = 0;
		this.#size = 0;
		return items;
	}

	#grow() {
		this.#buffer = this.#inOrder();
		this.#buffer.length *= 2;
		this.#head = 0;
	}

	#inOrder() {
		return [...this.#buffer.slice(this.#head), ...this.#buffer.slice(0, this.#head)];
	}
}

module.exports = {Fifo};
