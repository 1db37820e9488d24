'use strict';

// `once`: while a call under a key waits or runs, new calls under that key join it.

const {createTaskStart, refusal, taskOptions} = require('./call.js');
const {nameOf} = require('../common/errors.js');
const {watchSignal} = require('../common/signals.js');
const {ONLINE} = require('../gate/native.js');
const {Task} = require('./task.js');

/** A call that others may join: a "single flight". */
class Flight extends Task {
	promise = undefined;

	/** The first of the links behind the gate, in a chain. */
	link = undefined;

	/** The tasks of limits behind the gate that wait for it, as `{gate, outer}`. */
	joiners = [];

	/** The request of the first of its callers, by lane and priority. */
	place = undefined;

	/** The `{lane, priority}` of a caller that joined it and would start before it; `undefined` if there is none. */
	raised = undefined;

	/** Called when the flight is over, also if it was cleared and its promise never settles. */
	endListeners = new Set();

	raise(request) {
		const {lane, priority} = request;
		this.place = request;
		this.raised = {lane, priority};
		super.raise(this.raised);
	}

	drop(reason) {
		this.finish();
		super.drop(reason);
	}

	finish() {
		for (const listener of this.endListeners) {
			listener();
		}

		this.endListeners.clear();
	}
}

/** Whether calls of a request start before those of another one, as Rust's `raise` has it. */
const isBefore = (a, b) => (a.lane === b.lane ? a.priority > b.priority : a.lane === ONLINE);

/** Returns a promise of the outcome of the flight that `board` returns. It rejects at once if the signal aborts. */
const unlessAborted = (signal, board) =>
	new Promise((resolve, reject) => {
		let flight;
		const stopWatching = watchSignal(signal, {
			dequeue() {},
			abort(reason) {
				flight.endListeners.delete(stopWatching);
				reject(reason);
			},
		});
		try {
			flight = board();
		} catch (error) {
			stopWatching();
			throw error;
		}

		flight.endListeners.add(stopWatching);
		flight.promise.then(resolve, reject);
	});

/** Creates the `once` of a lane. A flight goes on when the signal of one of its callers aborts. */
const createOnce = (gate, request, bound) => {
	const {signal, ...options} = taskOptions(bound, request);
	const startTask = createTaskStart(gate, request);

	const start = (key, fn, args) => {
		const {flights} = gate;
		const flight = new Flight(gate, options, fn, args);
		flight.place = request;
		flight.link = request.next;
		const outcome = startTask(flight);
		flights.set(key, flight);
		flight.endListeners.add(() => {
			flights.delete(key);
		});
		// Callers get a promise derived from `outcome`, and have to handle its failure.
		flight.promise = outcome.then(
			value => {
				flight.finish();
				return value;
			},
			error => {
				flight.finish();
				throw error;
			},
		);
		return flight;
	};

	const join = flight => {
		gate.join(flight, request.lane);
		flight.link?.join(flight, request.lane);
		if (isBefore(request, flight.place)) {
			flight.raise(request);
		}

		return flight;
	};

	/** Returns the flight under a key, which is started if there is none. */
	const board = (key, fn, args) => {
		try {
			const existing = gate.flights.get(key);
			return existing === undefined ? start(key, fn, args) : join(existing);
		} catch (error) {
			throw refusal(gate, request, () => options.label ?? nameOf(fn), error);
		}
	};

	return (key, fn, ...args) => {
		if (signal !== undefined) {
			return unlessAborted(signal, () => board(key, fn, args));
		}

		try {
			return board(key, fn, args).promise;
		} catch (error) {
			return Promise.reject(error);
		}
	};
};

module.exports = {createOnce};
