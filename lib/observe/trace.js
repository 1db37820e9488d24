'use strict';

// What one call publishes, from its request to its end.

const {LANE_NAMES} = require('../common/checks.js');
const {DroppedError} = require('../common/errors.js');
const {now} = require('../common/time.js');
const {queued, refused, retried, settled, started} = require('./channels.js');

/** By the cause for which work is given up: the `reason` of its end. */
const REASONS = ['cleared', 'aborted', 'timeout'];

/**
 * Under which a subscriber of `queued` may leave a function in the `call` that calls the function of the call. For contexts that are in
 * no `AsyncLocalStorage`, so that they can't be bound to the channel.
 */
const AROUND = Symbol.for('p-lanes.around'); // channels belong to all copies of the package

let calls = 0;

const publish = (channel, message) => {
	if (channel.hasSubscribers) {
		channel.publish(message);
	}
};

class Trace {
	/** What all messages of the call have in common, and by what subscribers know it. */
	call;
	hasStarted = false;
	#hasSettled = false;
	#madeAt = now();
	#startedAt = 0;

	#place;

	/**
	 * `place` is a gate or a pool's dispatcher: its `origin` is `{limit, name}` or `{pool}`, and its `noticeChanges` is called
	 * when the call has settled. `outer` is the trace of the same call in the limit before, in a chain.
	 */
	constructor(place, lane, label, outer) {
		this.#place = place;
		this.call = {id: ++calls, ...place.origin, lane: LANE_NAMES[lane], label};
		if (outer !== undefined) {
			this.call.outer = outer.call;
		}
	}

	/** The call was let in. */
	queued() {
		publish(queued, {call: this.call});
	}

	/** The call was not let in. `items`: it is a map of that many. */
	refused(error, items) {
		publish(refused, items === undefined ? {call: this.call, error} : {call: this.call, error, items});
	}

	/** Runs the function of the call, in the stores that subscribers have bound to the channel. */
	run(fn) {
		const around = this.call[AROUND];
		return started.runStores(this.#begin(), around === undefined ? fn : () => around(fn));
	}

	/** The call runs elsewhere. */
	started() {
		publish(started, this.#begin());
	}

	#begin() {
		this.hasStarted = true;
		this.#startedAt = now();
		return {call: this.call, wait: this.#startedAt - this.#madeAt};
	}

	/** An attempt has failed, and another one follows after `delay` milliseconds. */
	retried(error, attempt, delay) {
		publish(retried, {call: this.call, error, attempt, delay});
	}

	/** The call has its outcome. Only the first one counts. `run`: milliseconds, if they are known better than here. */
	settled(reason, error, run) {
		if (this.#hasSettled) {
			return;
		}

		this.#hasSettled = true;
		const ended = now();
		const isDropped = reason === 'cleared' && error instanceof DroppedError;
		const message = {
			call: this.call,
			reason: isDropped ? 'dropped' : reason,
			wait: (this.hasStarted ? this.#startedAt : ended) - this.#madeAt,
		};
		if (this.hasStarted) {
			message.run = run ?? ended - this.#startedAt;
		}

		if (reason !== 'fulfilled') {
			message.error = error;
		}

		publish(settled, message);
		this.#place.noticeChanges();
	}

	/** The call was given up, for a cause of `gate/native.js`. */
	gaveUp(cause, error, waited = true) {
		const reason = REASONS[cause];
		this.settled(reason === 'timeout' && waited ? 'queueTimeout' : reason, error);
	}

	/** Adds the outcome of the work to what is to be done at its end. */
	follow({fulfilled, rejected}) {
		return {
			fulfilled: value => {
				fulfilled(value);
				this.settled('fulfilled');
			},
			rejected: error => {
				rejected(error);
				this.settled('rejected', error);
			},
		};
	}
}

module.exports = {AROUND, Trace};
