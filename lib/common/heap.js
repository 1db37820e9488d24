'use strict';

// A priority queue in a binary heap: adding an item and taking the first one take logarithmic time.

class Heap {
	#items = [];
	#isBefore;

	/** `isBefore(a, b)` tells whether an item comes before another one. The order of equal items is not defined. */
	constructor(isBefore) {
		this.#isBefore = isBefore;
	}

	/** The first item; `undefined` if there is none. */
	get first() {
		return this.#items[0];
	}

	push(item) {
		const items = this.#items;
		let place = items.length;
		while (place > 0) {
			const parent = (place - 1) >> 1;
			if (!this.#isBefore(item, items[parent])) {
				break;
			}

			items[place] = items[parent];
			place = parent;
		}

		items[place] = item;
	}

	/** Removes and returns the first item, if there is one. */
	shift() {
		const items = this.#items;
		const [first] = items;
		const last = items.pop();
		if (items.length > 0) {
			this.#sink(last);
		}

		return first;
	}

	/** Puts an item in the place of the first one, and moves it down to where it belongs. */
	#sink(item) {
		const items = this.#items;
		let place = 0;
		for (;;) {
			let child = 2 * place + 1;
			if (child + 1 < items.length && this.#isBefore(items[child + 1], items[child])) {
				child++;
			}

			if (child >= items.length || !this.#isBefore(items[child], item)) {
				break;
			}

			items[place] = items[child];
			place = child;
		}

		items[place] = item;
	}
}

module.exports = {Heap};
