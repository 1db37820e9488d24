'use strict';

// One call: it waits for its slot in the async context of its caller, runs, and gives the slot back.
//
// The caller gets `turn.then(run)`. `then` carries the async context. `turn` is a promise of the call's slot. If the
// gate gives a slot at once, `turn` is already resolved. Otherwise the call keeps the `resolve` of `turn` until it gets
// a slot. All calls of a lane share one `run`, which finds the call by its slot. So a call that waits owns two promises
// and one object, and a long queue is cheap.

const {LANE_NAMES} = require('../common/checks.js');
const {invalid, nameOf} = require('../common/errors.js');
const {settleHandlersOf} = require('../gate/gate.js');
const {isPrimitive, watch} = require('../common/promises.js');
const {isTracing, refused} = require('../observe/channels.js');

const {slice} = Array.prototype;

/** In place of an argument that was not given. */
const NO_ARGUMENT = Symbol('none');

/** In place of the first argument: the second one is a list of all. */
const LIST = Symbol('list');

const noArguments = [];

let resolveTurn;
const captureResolve = resolve => {
	resolveTurn = resolve;
};

class Call {
	/** Resolves the turn, if the call waits. */
	resolveTurn = undefined;

	constructor(fn, first, second) {
		this.fn = fn;
		this.first = first;
		this.second = second;
	}

	/** Called when the call has to wait. A plain call does not need its ticket. */
	queued(_, resolveTurn) {
		this.resolveTurn = resolveTurn;
	}

	/** Returns a promise of the slot that the call waits for. */
	turn() {
		const turn = new Promise(captureResolve);
		this.resolveTurn = resolveTurn;
		resolveTurn = undefined;
		return turn;
	}

	begin(gate, slot) {
		gate.running[slot] = this;
		this.resolveTurn(slot);
	}

	/** Called when the call is cleared. Without a reason, its promise stays pending. */
	drop(reason) {
		if (reason !== undefined) {
			this.resolveTurn({reason});
		}
	}

	run() {
		const {fn, first, second} = this;
		if (first === NO_ARGUMENT) {
			return fn();
		}

		if (second === NO_ARGUMENT) {
			return fn(first);
		}

		return first === LIST ? fn(...second) : fn(first, second);
	}

	/** Names the call in `stats()`. Reading it may run code of the user. */
	get label() {
		return nameOf(this.fn);
	}

	/** Returns a promise of what `run` returned. A handler runs before code that awaits the call goes on. */
	follow(result, {fulfilled, rejected}) {
		return watch(result, fulfilled, rejected);
	}

	/** Does the same for a primitive. */
	value(result) {
		return result;
	}

	/** Called when `run` has thrown. */
	threw() {}
}

/** Creates the `run` of a lane. Its argument is the call's slot, or `{reason}` if the call will get none. */
const createRun = (gate, request) => slot => {
	if (typeof slot !== 'number') {
		throw slot.reason;
	}

	const call = gate.running[slot];
	let result;
	try {
		result = gate.run(slot, call, request);
	} catch (error) {
		call.threw(error);
		gate.rejected(slot, error);
		throw error;
	}

	if (isPrimitive(result)) {
		gate.fulfilled(slot);
		return call.value(result);
	}

	return call.follow(result, gate.settleHandlers[slot] ?? settleHandlersOf(gate, slot));
};

const callOf = (fn, args) => {
	switch (args.length) {
		case 1:
			return new Call(fn, NO_ARGUMENT, NO_ARGUMENT);
		case 2:
			return new Call(fn, args[1], NO_ARGUMENT);
		case 3:
			return new Call(fn, args[1], args[2]);
		default:
			return new Call(fn, LIST, slice.call(args, 1));
	}
};

let TracedCall;

/** Queues a plain call that publishes what happens to it. */
const startTraced = (gate, call, request, run, internals) => {
	gate.limit ??= internals.limit;
	TracedCall ??= require('./traced-call.js').tracedCallOf(Call);
	const traced = new TracedCall(call, gate, request.lane);
	const promise = gate.start(traced, request, run);
	traced.trace.queued();
	return promise;
};

/** Publishes that a call was refused. `items`: it is a map of that many. `outer`: see `observe/trace.js`. */
const publishRefused = (gate, {lane}, readLabel, error, {items, outer} = {}) => {
	if (refused.hasSubscribers) {
		const {Trace} = require('../observe/trace.js');
		new Trace(gate, lane, readLabel(), outer).refused(error, items);
	}
};

/** Returns the error of a call that the gate has refused, and publishes it. */
const refusal = (gate, request, readLabel, error, details) => {
	const isDropped = error.code === 'ERR_DROPPED';
	const converted = isDropped ? gate.displaced.droppedError(gate, request.lane, readLabel()) : gate.refusalOf(error);
	publishRefused(gate, request, readLabel, converted, details);
	return converted;
};

const notAFunction = fn => Promise.reject(invalid('fn', 'a function', fn));

/** Creates the function that queues plain calls. */
const createPlainCall = (gate, request, label, internals) => {
	const run = createRun(gate, request);
	const create =
		label === undefined ? callOf : (fn, args) => Object.defineProperty(callOf(fn, args), 'label', {value: label});
	return {
		// A method, because an arrow function has no `arguments`, and a plain function could be constructed.
		limit(fn) {
			if (typeof fn !== 'function') {
				return notAFunction(fn);
			}

			const call = create(fn, arguments);
			try {
				return isTracing() ? startTraced(gate, call, request, run, internals) : gate.startPlain(call, request, run);
			} catch (error) {
				gate.limit ??= internals.limit;
				return Promise.reject(refusal(gate, request, () => call.label, error));
			}
		},
	}.limit;
};

/** Creates a function that starts a task and returns its promise. It throws if the task is refused. */
const createTaskStart = (gate, request) => {
	const run = createRun(gate, request);
	return task => {
		try {
			if (!isTracing()) {
				return gate.start(task, request, run);
			}

			const trace = task.traceIn(request.lane);
			const promise = gate.start(task, request, run);
			trace.queued();
			return promise;
		} catch (error) {
			task.ended();
			throw error;
		}
	};
};

/** Has a new task watch its signal. If that has aborted, or can't be watched, the call counts as aborted, and this throws. */
const watchSignalOf = (task, gate, {lane}) => {
	try {
		task.watchSignal();
	} catch (reason) {
		gate.countAborted(lane);
		throw reason;
	}
};

/** Creates the function that queues tasks: calls that may be abandoned or retried. */
const createTaskCall = (gate, request, options) => {
	const {Task} = require('./task.js'); // many programs have none
	const start = createTaskStart(gate, request);
	const own = taskOptions(options, request);
	return {
		limit(fn) {
			if (typeof fn !== 'function') {
				return notAFunction(fn);
			}

			const task = new Task(gate, own, fn, arguments.length === 1 ? noArguments : slice.call(arguments, 1));
			try {
				watchSignalOf(task, gate, request);
			} catch (reason) {
				return Promise.reject(reason);
			}

			try {
				return start(task);
			} catch (error) {
				return Promise.reject(refusal(gate, request, () => task.label, error));
			}
		},
	}.limit;
};

const isTask = ({signal, queueTimeout, timeout, attemptTimeout, retry, context}) =>
	!(
		signal === undefined &&
		queueTimeout === undefined &&
		timeout === undefined &&
		attemptTimeout === undefined &&
		retry === undefined &&
		!context
	);

/** Returns the options of tasks that are queued with a request. The lane is what a context says. */
const taskOptions = (options, {lane}) => (options.context ? {...options, lane: LANE_NAMES[lane]} : options);

/** Creates the function that queues calls in a lane, with bound options. `internals`: of the lane, which name its `limit`. */
const createCall = (gate, request, options, internals) =>
	isTask(options) ? createTaskCall(gate, request, options) : createPlainCall(gate, request, options.label, internals);

module.exports = {createCall, createRun, createTaskStart, isTask, publishRefused, refusal, taskOptions, watchSignalOf};
