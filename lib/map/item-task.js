'use strict';

const {Fifo} = require('../common/fifo.js');
const {Task} = require('../call/task.js');

/**
 * Items that wait one behind the other. Their `queueTimeout` counts from the moment at which the last of them has begun:
 * all items of a list are queued at once, and would fail for the length of the list. When it is over, all that wait fail.
 */
class Row {
	#waiting = new Fifo();

	add(task) {
		this.#waiting.push(task);
		if (this.#waiting.first === task) {
			task.isNext();
		}
	}

	/** Called when a task has left the queue. */
	left(task) {
		if (this.#waiting.first !== task) {
			return;
		}

		while (this.#waiting.first !== undefined && !this.#waiting.first.isWaiting) {
			this.#waiting.shift();
		}

		this.#waiting.first?.isNext();
	}

	/** Removes and returns all tasks. */
	clear() {
		return this.#waiting.clear();
	}
}

/** An item of a map or stream as a separate call, for options that apply to each item. */
class ItemTask extends Task {
	#row;

	constructor(gate, options, mapper, args, row) {
		super(gate, options, mapper, args);
		this.#row = row;
	}

	/** As a mapper has them: the context is last. */
	argumentsWith(context, args) {
		return [...args, context];
	}

	get isWaiting() {
		return this.ticket >= 0;
	}

	/** Called when it has to wait. */
	startQueueTimeout() {
		this.#row.add(this);
	}

	/** Called when no item before it waits any more. */
	isNext() {
		super.startQueueTimeout();
	}

	begin(gate, slot) {
		super.begin(gate, slot);
		this.#row.left(this);
	}

	onDue() {
		if (!this.isWaiting) {
			super.onDue();
			return;
		}

		for (const task of this.#row.clear()) {
			if (task.isWaiting) {
				task.timeOut();
			}
		}
	}

	timeOut() {
		super.onDue();
	}

	drop(reason) {
		super.drop(reason);
		this.#row.left(this);
	}

	dequeue(reason, cause) {
		super.dequeue(reason, cause);
		this.#row.left(this);
	}
}

module.exports = {ItemTask, Row};
