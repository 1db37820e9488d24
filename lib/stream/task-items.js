'use strict';

const {AsyncResource} = require('node:async_hooks');
const {createTaskStart, taskOptions} = require('../call/call.js');
const {abortError} = require('../common/environment.js');
const {ItemTask, Row} = require('../map/item-task.js');

/** A task that rejects if it is cleared, so the stream does not wait for it forever. */
class StreamItem extends ItemTask {
	/** Its place among the items. */
	index = 0;
	isDropped = false;

	drop(reason = abortError()) {
		this.isDropped = true;
		super.drop(reason);
	}
}

/** Runs a stream's items as tasks, if an option applies to each item (such as `timeout`). */
class TaskItems {
	#gate;
	#options;
	#mapper;
	#onSettled;
	#start;
	#resource = new AsyncResource('p-lanes.stream');
	#tasks = new Set();
	#row = new Row();

	/** `onSettled(item, value, isError, isDropped)` gets the outcome of each item. */
	constructor(gate, request, options, mapper, onSettled) {
		this.#gate = gate;
		this.#options = taskOptions({...options, signal: undefined}, request);
		this.#mapper = mapper;
		this.#onSettled = onSettled;
		this.#start = createTaskStart(gate, request);
	}

	/** Enqueues an item. Throws if the gate refuses it. */
	enqueue(item) {
		const task = new StreamItem(this.#gate, this.#options, this.#mapper, [item.value, item.index], this.#row);
		task.index = item.index;
		const start = item.request === undefined ? this.#start : createTaskStart(this.#gate, item.request);
		const promise = this.#resource.runInAsyncScope(start, undefined, task);
		this.#tasks.add(task);
		promise.then(
			value => {
				this.#tasks.delete(task);
				this.#onSettled(item, value, false);
			},
			error => {
				this.#tasks.delete(task);
				this.#onSettled(item, error, true, task.isDropped);
			},
		);
	}

	/** Removes the waiting items behind a place from the queue. Returns their number. */
	cancel(cause, reason, behind) {
		let cancelled = 0;
		for (const task of this.#tasks) {
			if (task.ticket >= 0 && task.index > behind) {
				task.dequeue(undefined, cause);
				task.left(cause, reason);
				this.#tasks.delete(task);
				cancelled++;
			}
		}

		return cancelled;
	}

	/** Aborts all tasks, as no caller waits for them. */
	close(cause, reason = abortError()) {
		for (const task of this.#tasks) {
			task.dequeue(undefined, cause); // it may wait for a slot of the next limit, in a chain
		}

		for (const task of this.#tasks) {
			task.abort(reason, cause);
		}
	}
}

module.exports = {TaskItems};
