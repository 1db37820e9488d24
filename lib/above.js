'use strict';

// The same call at a limit over its own (`total` of `pLimit.keyed`): what runs in a slot of the one takes a slot of the
// other, too, as long as it runs.

const {createTaskStart} = require('./call.js');
const {refusalOf} = require('./errors.js');
const {watch} = require('./promises.js');
const {Task} = require('./task.js');

const none = [];

/** What has a slot of a limit and waits for, or runs in, one of the limit over it. */
class CallAbove extends Task {
	#slot = undefined;

	/** The slot that it has is given back, so it can't stay pending whatever the limit over it is made to do. */
	drop(reason = AbortSignal.abort().reason) {
		super.drop(reason);
	}

	/** Which of its two queues was too slow. */
	late(code, message) {
		return refusalOf(super.late(code, message), 'total: ');
	}

	run(slot) {
		this.#slot = slot;
		return super.run(slot);
	}

	/** Who waits is told by the call below, which ends when this does: with the work, whenever it was given up. */
	follow(result, ends) {
		return watch(
			result,
			() => {
				this.tellFulfilled(ends);
			},
			error => {
				this.tellRejected(ends, error);
			},
		);
	}

	/** An attempt of the call below has failed, and there will be another one. */
	attemptFailedBelow(error) {
		this.attemptFailed(this.#slot, error);
	}
}

/** Runs what has a slot of another limit in one of this gate, for which it asks the same. */
const createTotal = gate => (slot, call, asked) => {
	const run = () => {
		if (call.isStopped) {
			throw AbortSignal.abort().reason; // nobody is told any more
		}

		return call.run(slot);
	};
	const above = new CallAbove(gate, {queueTimeout: call.queueTimeout}, run, none);
	call.waitsAbove?.(above); // what can't be given up has no such method
	const {lane = asked.lane} = call; // `once` may have lifted it
	try {
		return createTaskStart(gate, lane === asked.lane ? asked : {...asked, lane})(above);
	} catch (error) {
		throw refusalOf(gate.refusalOf(error), 'total: ');
	}
};

module.exports = {createTotal};
