'use strict';

// `run`: a call whose function gets a context, with a signal that tells it to stop.

const {createTaskStart, refusal, taskOptions} = require('./call.js');
const {Task} = require('./task.js');

const none = [];

/** Creates the function that queues calls of functions that get a context. It throws what refuses a call. */
const createContextCall = (gate, request, options) => {
	const start = createTaskStart(gate, request);
	const own = taskOptions({...options, context: true}, request);
	return fn => {
		const task = new Task(gate, own, fn, none);
		try {
			task.watchSignal();
		} catch (reason) {
			gate.countAborted(request.lane);
			throw reason;
		}

		try {
			return start(task);
		} catch (error) {
			throw refusal(gate, request, () => task.label, error);
		}
	};
};

module.exports = {createContextCall};
