'use strict';

// The items of a list as separate tasks, for options that apply to each item.

const {createTaskStart, taskOptions} = require('../call/call.js');
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

	/** The signal is the map's own: without a cause, it is that of the map. */
	dequeue(reason, cause = this.results.work.cause) {
		super.dequeue(reason, cause);
	}

	abort(reason, cause = this.results.work.cause) {
		super.abort(reason, cause);
	}

	drop(reason) {
		super.drop(reason);
		if (reason === undefined) {
			this.results.unwatch(); // this item will never settle
		}
	}
}

/** `request` is that of all items, or a list with one for each. */
const startTasks = (gate, request, bound, items, order, mapper, results) => {
	const first = Array.isArray(request) ? request[0] : request;
	gate.displaced?.checkFits(gate, first, items.length);
	const controller = new AbortController();
	const options = taskOptions({...bound, signal: controller.signal}, first);
	const startAny = Array.isArray(request) ? undefined : createTaskStart(gate, request);
	const row = new Row();
	const work = {
		cause: undefined,
		/** Number of items that were let in. */
		queued: 0,
		cancel(cause, reason) {
			this.cause ??= cause;
			controller.abort(reason);
		},
	};
	results.work = work;
	const run = (item, index) => {
		const task = new MapItem(gate, options, mapper, [item, index], row);
		task.results = results;
		task.watchSignal();
		const startTask = startAny ?? createTaskStart(gate, request[index]);
		return startTask(task);
	};
	try {
		for (const index of order ?? items.keys()) {
			const outcome = run(items[index], index); // throws if the gate refuses an item; then no item runs
			work.queued++;
			settleItem(results, index, () => outcome);
		}
	} catch (error) {
		gate.countRefused(first.lane, items.length - work.queued - 1); // those behind it
		throw error;
	}
};

module.exports = {startTasks};
