'use strict';

// `run`: a call whose function gets a context, with a signal that tells it to stop.

const {LANE_NAMES} = require('../common/checks.js');
const {AbortController} = require('../common/environment.js');
const {createTaskStart, refusal} = require('./call.js');
const {Task} = require('./task.js');

const none = [];

/** Its signal aborts when the call is given up: by its own signal, its timeout, or a drain that waits no longer. */
class ContextTask extends Task {
	/** Made when the function first runs. */
	#controller = undefined;
	#fn;
	#lane;
	#attempts = 0;

	constructor(gate, options, fn, lane) {
		super(gate, options, fn, none);
		this.#fn = fn;
		this.#lane = LANE_NAMES[lane];
	}

	attempt() {
		this.#controller ??= new AbortController();
		this.#attempts++;
		const fn = this.#fn;
		return fn({signal: this.#controller.signal, attempt: this.#attempts, lane: this.#lane});
	}

	get isEndable() {
		return true;
	}

	abandoned(reason) {
		this.#controller?.abort(reason);
	}

	/** The call settles as its function does. */
	interrupt(reason) {
		this.#controller?.abort(reason);
	}
}

/** Creates the function that queues calls of functions that get a context. It throws what refuses a call. */
const createContextCall = (gate, request, options) => {
	const start = createTaskStart(gate, request);
	return fn => {
		const task = new ContextTask(gate, options, fn, request.lane);
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
