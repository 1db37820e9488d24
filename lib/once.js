'use strict';

// `once`: calls under the same key, made while one of them waits or runs, are that one.

const {createTaskStart} = require('./call.js');
const {ONLINE} = require('./native.js');
const {Task} = require('./task.js');

/** A call that others may join. */
class Flight extends Task {
	promise = undefined;
	lane = undefined;

	/** Called when it is over, also where it is cleared and its promise never settles. */
	onLand = new Set();

	drop(reason) {
		this.land();
		super.drop(reason);
	}

	land() {
		for (const tell of this.onLand) {
			tell();
		}

		this.onLand.clear();
	}
}

/** A promise of a flight's outcome, that rejects before if a signal aborts. */
const unlessAborted = (gate, flight, signal) =>
	new Promise((resolve, reject) => {
		const stopWatching = gate.signals.watch(signal, {
			leave() {},
			abort(reason) {
				flight.onLand.delete(stopWatching);
				reject(reason);
			},
		});
		flight.onLand.add(stopWatching);
		flight.promise.then(resolve, reject);
	});

/** The `once` of a lane. What is joined does not end when the signal of one who joined aborts. */
const createOnce = (gate, asked, bound) => {
	const {signal, ...options} = bound;
	const startTask = createTaskStart(gate, asked);

	const start = (key, fn, args) => {
		const {flights} = gate;
		const flight = new Flight(gate, options, fn, args);
		flight.lane = asked.lane;
		const outcome = startTask(flight);
		flights.set(key, flight);
		flight.onLand.add(() => {
			flights.delete(key);
		});
		// What callers get is the promise behind this one: it is for them to handle a failure.
		flight.promise = outcome.then(
			value => {
				flight.land();
				return value;
			},
			error => {
				flight.land();
				throw error;
			},
		);
		return flight;
	};

	const join = flight => {
		gate.joins(flight, flight.ticket, asked.lane);
		if (asked.lane === ONLINE && flight.lane !== ONLINE) {
			flight.lane = ONLINE;
			flight.lift();
		}

		return flight;
	};

	return (key, fn, ...args) => {
		if (signal?.aborted) {
			return Promise.reject(signal.reason);
		}

		try {
			const known = gate.flights.get(key);
			const flight = known === undefined ? start(key, fn, args) : join(known);
			return signal === undefined ? flight.promise : unlessAborted(gate, flight, signal);
		} catch (error) {
			return Promise.reject(gate.refusalOf(error));
		}
	};
};

module.exports = {createOnce};
