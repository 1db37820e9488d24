'use strict';

// A queue in a ring buffer. `Array.prototype.shift` moves all items that are left, which is slow in a long queue. In a
// linked list, an item in the garbage collector's old generation keeps the items behind it in memory.

/** The lengths of a new buffer, and of the longest one that an empty queue keeps. Powers of 2. */
const SHORT = 16;
const LONG = 1024;

class Fifo {
	/** Its length is a power of 2. */
	#buffer = new Array(SHORT);
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
			if (this.#size === 0 && buffer.length > LONG) {
				this.#reset();
			}
		}

		return item;
	}

	/** All items, in order. */
	toArray() {
		return this.#inOrder().slice(0, this.#size);
	}

	/** Removes all items and returns them in order. */
	clear() {
		const items = this.toArray();
		this.#reset();
		return items;
	}

	#reset() {
		this.#buffer = new Array(SHORT);
		this.#head = 0;
		this.#size = 0;
	}

	#grow() {
		const buffer = this.#buffer;
		const {length} = buffer;
		const grown = new Array(2 * length);
		for (let index = 0; index < length; index++) {
			grown[index] = buffer[(this.#head + index) & (length - 1)]; // in a loop, as spreading takes many times as long
		}

		this.#buffer = grown;
		this.#head = 0;
	}

	#inOrder() {
		return [...this.#buffer.slice(this.#head), ...this.#buffer.slice(0, this.#head)];
	}
}

module.exports = {Fifo};
