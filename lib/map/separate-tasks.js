'use strict';

// The items of a list as separate tasks, for options that apply to each item.

const {createTaskStart} = require('../call/call.js');
const {AbortController} = require('../common/environment.js');
const {ItemTask, Row} = require('./item-task.js');

/** Runs an item that has no runner, and records its outcome. */
const settleItem = async (results, index, run) => {
	let value;
	try {
		value = await run();
	} catch (error) {
		results.fail(index, error);
		return;
	}

	results.fulfil(index, value);
};

class MapItem extends ItemTask {
	results = undefined;

	/** The signal is the map's own. */
	dequeue(reason) {
		super.dequeue(reason, this.results.work.cause);
	}

	abort(reason) {
		super.abort(reason, this.results.work.cause);
	}

	drop(reason) {
		super.drop(reason);
		if (reason === undefined) {
			this.results.unwatch(); // this item will never settle
		}
	}
}

const startTasks = (gate, request, bound, items, order, mapper, results) => {
	const controller = new AbortController();
	const options = {...bound, signal: controller.signal};
	const startTask = createTaskStart(gate, request);
	const row = new Row();
	results.work = {
		cause: undefined,
		cancel(cause) {
			this.cause ??= cause;
			controller.abort();
		},
	};
	const run = (item, index) => {
		const task = new MapItem(gate, options, mapper, [item, index], row);
		task.results = results;
		task.watchSignal();
		return startTask(task);
	};
	for (const index of order ?? items.keys()) {
		const outcome = run(items[index], index); // throws if the gate refuses an item; then no item runs
		settleItem(results, index, () => outcome);
	}
};

module.exports = {startTasks};
