'use strict';

// What becomes of a map: its results, and what the failure of an item means for the whole.

/** The results of a map, while they come. The first failure rejects it, and the other items are run: p-limit's way. */
class Results {
	/** No item begins any more. */
	isStopped = false;

	/** Whose `cancel` drops the items that wait, if any can. */
	work = undefined;

	values;
	unsettled;
	#resolve;
	#reject;
	#stopWatching = undefined;

	constructor(number, resolve, reject) {
		this.values = new Array(number);
		this.unsettled = number;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	fulfil(index, value) {
		this.values[index] = value;
		this.settledOne();
	}

	fail(_, error) {
		this.reject(error);
		this.settledOne();
	}

	reject(error) {
		this.#reject(error);
	}

	/** The map has failed, and is given up. */
	stop(error) {
		this.isStopped = true;
		this.work?.cancel();
		this.end();
		this.reject(error);
	}

	settledOne() {
		this.unsettled--;
		if (this.unsettled === 0) {
			this.end();
			this.resolve();
		}
	}

	/** Fails when the signal aborts. */
	watch(gate, signal) {
		this.#stopWatching = gate.signals.watch(signal, {
			leave: () => {
				this.isStopped = true;
				this.work?.cancel();
			},
			abort: reason => {
				this.stop(reason);
				gate.startNext();
			},
		});
	}

	/** Nothing more is to come. */
	end() {
		this.#stopWatching?.();
	}

	resolve() {
		this.#resolve(this.values);
	}
}

/** `stopOnError: true`: items that have not begun are dropped after the first failure. */
class StoppingResults extends Results {
	fail(_, error) {
		this.stop(error);
	}
}

/** `stopOnError: false`: all items are run, and the map fails with all failures. */
class CollectedResults extends Results {
	/** By item, and so in the order of the items. */
	#errors = [];

	fail(index, error) {
		this.#errors[index] = error;
		this.settledOne();
	}

	resolve() {
		const errors = Object.values(this.#errors);
		if (errors.length === 0) {
			super.resolve();
		} else {
			this.reject(new AggregateError(errors, `${errors.length} of ${this.values.length} items failed`));
		}
	}
}

/** `settle`: all items are run, and a failure is a result. */
class SettledResults extends Results {
	fulfil(index, value) {
		super.fulfil(index, {status: 'fulfilled', value});
	}

	fail(index, error) {
		super.fulfil(index, {status: 'rejected', reason: error});
	}
}

module.exports = {CollectedResults, Results, SettledResults, StoppingResults};
