'use strict';

const {CLEARED} = require('../gate/native.js');
const {Trace} = require('../observe/trace.js');
const {labelOf} = require('./runners.js');
const {Batch} = require('./batch.js');

/** The items of a map, which publish what happens to them; see `observe/trace.js`. */
class TracedBatch extends Batch {
	#traces;

	constructor(gate, request, items, mapper, results) {
		super(gate, request, items, mapper, results);
		const label = labelOf(this);
		this.#traces = Array.from(items, () => new Trace(gate, request.lane, label));
	}

	queued() {
		for (const trace of this.#traces) {
			trace.queued();
		}
	}

	traceOf({item}) {
		return this.#traces[item];
	}

	run(runner) {
		return this.traceOf(runner).run(() => super.run(runner));
	}

	fulfilled(runner, value) {
		this.traceOf(runner).settled('fulfilled'); // before: the runner may go on with the next item
		super.fulfilled(runner, value);
	}

	rejected(runner, error) {
		this.traceOf(runner).settled('rejected', error);
		super.rejected(runner, error);
	}

	/** Items that have a slot begin nevertheless. */
	drop(reason) {
		for (const index of this.waitingIndexes) {
			this.#traces[index].gaveUp(CLEARED, reason);
		}

		super.drop(reason);
	}

	/** The items that have not begun never will, also if they have a slot. */
	cancel(cause, error) {
		for (const trace of this.#traces) {
			if (!trace.hasStarted) {
				trace.gaveUp(cause, error);
			}
		}

		super.cancel(cause);
	}
}

module.exports = {TracedBatch};
