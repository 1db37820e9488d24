'use strict';

const {AsyncResource} = require('node:async_hooks');
const {createTaskStart} = require('../call.js');
const {resolved} = require('../promises.js');
const {Task} = require('../task.js');

/** A stream does not wait for ever for what was cleared. */
class ItemTask extends Task {
	drop(reason = AbortSignal.abort().reason) {
		super.drop(reason);
	}
}

/**
 * Runs a stream's items as calls: where options speak of each (`timeout`, say), or in the slot of the task that the
 * stream is made in, one after the other.
 */
class ItemCalls {
	#gate;
	#options;
	#mapper;
	#settled;
	#start;
	#resource = new AsyncResource('p-lanes.stream');
	#tasks = new Set();

	/** Where they run in another task's slot: when the last one has ended. */
	#turn;

	/** `settled(item, value, isError)` is told what comes of an item. */
	constructor(gate, asked, options, mapper, settled) {
		this.#gate = gate;
		this.#options = {...options, signal: undefined};
		this.#mapper = mapper;
		this.#settled = settled;
		this.#start = createTaskStart(gate, asked);
		this.#turn = gate.inherited === undefined ? undefined : resolved;
	}

	/** Lets an item in. Throws where it may not come in. */
	enter(item) {
		const task = new ItemTask(this.#gate, this.#options, this.#mapper, [item.value, item.index]);
		const promise = this.#resource.runInAsyncScope(() => this.#begin(task));
		this.#tasks.add(task);
		promise.then(
			value => {
				this.#tasks.delete(task);
				this.#settled(item, value, false);
			},
			error => {
				this.#tasks.delete(task);
				this.#settled(item, error, true);
			},
		);
	}

	#begin(task) {
		if (this.#turn === undefined) {
			return this.#start(task);
		}

		const promise = this.#turn.then(() => this.#start(task));
		this.#turn = promise.catch(() => {});
		return promise;
	}

	/** Takes what waits out of the queue, and tells how many that were. */
	cancel() {
		let cancelled = 0;
		for (const task of this.#tasks) {
			if (task.ticket >= 0) {
				task.leave();
				task.ended();
				this.#tasks.delete(task);
				cancelled++;
			}
		}

		return cancelled;
	}

	/** Nobody waits for what runs. */
	close() {
		for (const task of this.#tasks) {
			task.abort(AbortSignal.abort().reason);
		}
	}
}

module.exports = {ItemCalls};
