'use strict';

// `once`: calls under the same key, made while one of them waits or runs, are that one.

const {createTaskCall} = require('./call.js');
const {ONLINE} = require('./native.js');

/** A promise of a promise's outcome, that rejects before if a signal aborts. */
const unlessAborted = (gate, promise, signal) =>
	new Promise((resolve, reject) => {
		const stopWatching = gate.signals.watch(signal, {leave() {}, abort: reject});
		promise.then(resolve, reject).finally(stopWatching);
	});

/** The `once` of a lane. What is joined does not end when the signal of one who joined aborts. */
const createOnce = (gate, asked, bound) => {
	const {signal, ...options} = bound;
	let flight;
	const call = createTaskCall(gate, asked, options, task => {
		flight = {task, lane: asked.lane};
	});

	const join = (key, fn, args) => {
		const {flights} = gate;
		const joined = flights.get(key);
		if (joined !== undefined) {
			if (asked.lane === ONLINE && joined.lane !== ONLINE) {
				joined.lane = ONLINE;
				joined.task.lift();
			}

			return joined.promise;
		}

		flight = undefined;
		const promise = call(fn, ...args);
		if (flight === undefined) {
			return promise; // refused
		}

		const own = flight;
		own.promise = promise;
		flights.set(key, own);
		const land = () => {
			flights.delete(key);
		};
		promise.then(land, land);
		own.task.onDrop = land;
		return promise;
	};

	return (key, fn, ...args) => {
		if (signal?.aborted) {
			return Promise.reject(signal.reason);
		}

		const promise = join(key, fn, args);
		return signal === undefined ? promise : unlessAborted(gate, promise, signal);
	};
};

module.exports = {createOnce};
