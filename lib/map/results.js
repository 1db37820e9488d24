'use strict';

// The results of a map, and what a failed item means for the map.

const {itemsFailed} = require('../common/errors.js');
const {watchSignal} = require('../common/signals.js');
const {skip} = require('../common/skip.js');
const {ABORTED, CLEARED} = require('../gate/native.js');
const {outcomeOf} = require('./outcomes.js');

/** Collects the results of a map. The first failure rejects the map; the other items still run, as in p-limit. */
class Results {
	/** Whether no more items begin. */
	isStopped = false;

	/** Its `cancel(cause, error)` drops the items that wait. Undefined if the items wait in no queue. */
	work = undefined;

	/** The items by index, for results that name them. */
	items = undefined;

	values;
	unsettled;
	#resolve;
	#reject;
	#unwatch = undefined;

	/** `number` of items; `Infinity` if that is told later, by `complete`. */
	constructor(number, resolve, reject) {
		this.values = number === Number.POSITIVE_INFINITY ? [] : new Array(number);
		this.unsettled = number;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	fulfil(index, value) {
		this.values[index] = value;
		this.itemSettled();
	}

	fail(_, error) {
		this.reject(error);
		this.itemSettled();
	}

	reject(error) {
		this.#reject(error);
	}

	/** Called when items were dropped, by their indexes: they will never run. */
	dropped(_, reason) {
		this.unwatch();
		this.reject(reason);
	}

	/** Rejects the map and begins no more items. `cause`: see `gate/native.js`. */
	stop(error, cause = CLEARED) {
		this.isStopped = true;
		this.work?.cancel(cause, error);
		this.unwatch();
		this.reject(error);
	}

	/** Resolves the map: there are so many items, and all have settled. */
	complete(number) {
		this.values.length = number;
		this.resolve();
	}

	itemSettled() {
		this.unsettled--;
		if (this.unsettled === 0) {
			this.unwatch();
			this.resolve();
		}
	}

	/** Rejects the map when the signal aborts. Throws if it has, or can't be watched. */
	watch(gate, signal) {
		this.#unwatch = watchSignal(signal, {
			dequeue: reason => {
				this.isStopped = true;
				this.work?.cancel(ABORTED, reason);
			},
			abort: reason => {
				this.stop(reason, ABORTED);
				gate.startNext();
			},
		});
	}

	/** Stops watching the signal. */
	unwatch() {
		this.#unwatch?.();
	}

	resolve() {
		const {values} = this;
		this.#resolve(values.includes(skip) ? values.filter(value => value !== skip) : values);
	}
}

/** `stopOnError: true`: the first failure drops the items that have not begun. */
class StoppingResults extends Results {
	fail(_, error) {
		this.stop(error);
	}
}

/** All items run. An item that is dropped has failed, so the outcomes of the others are not lost. */
class AllResults extends Results {
	dropped(indexes, reason) {
		for (const index of indexes) {
			this.fail(index, reason);
		}
	}
}

/** `stopOnError: false`: all items run, then the map rejects with all failures. */
class CollectedResults extends AllResults {
	/** By index of the item, so they keep the order of the items. */
	#failures = [];

	fulfil(index, value) {
		this.items[index] = undefined; // it is not kept for its result
		super.fulfil(index, value);
	}

	fail(index, error) {
		this.#failures[index] = {item: this.items[index], index, reason: error};
		this.itemSettled();
	}

	resolve() {
		const failures = Object.values(this.#failures);
		if (failures.length === 0) {
			super.resolve();
		} else {
			this.reject(itemsFailed(failures, this.values.length));
		}
	}
}

/** `settle`: all items run, and a failure is a result. */
class SettledResults extends AllResults {
	fulfil(index, value) {
		super.fulfil(index, value === skip ? skip : outcomeOf(this.items[index], index, value, false));
	}

	fail(index, error) {
		super.fulfil(index, outcomeOf(this.items[index], index, error, true));
	}
}

/** Returns the class of the results of a map, by its options. */
const resultsClassOf = ({stopOnError, settle}) => {
	if (settle) {
		return SettledResults;
	}

	if (stopOnError === undefined) {
		return Results;
	}

	return stopOnError ? StoppingResults : CollectedResults;
};

module.exports = {resultsClassOf};
