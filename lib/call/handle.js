'use strict';

// The handles of calls made by `run`: promises by which a call can be cancelled, moved and looked at. The limit finds them
// by their ids.

const {createTaskStart, refusal, taskOptions, watchSignalOf} = require('./call.js');
const {INT32_MAX, LANE_NAMES, checkFunction, checkWhole, readLane} = require('../common/checks.js');
const {abortError} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {readTaskOptions, taskNames} = require('../options/call-options.js');
const {Task} = require('./task.js');

const runNames = new OptionNames([...taskNames, 'id']);

const none = [];

/** A call with a handle. It can be given up at any time. */
class HeldTask extends Task {
	/** The promise that `run` has returned; `undefined` until then. */
	handle = undefined;
	#id;
	#gate;
	#options;
	/** Whether its outcome is decided. */
	isOver = false;
	/** Whether its function was called. */
	hasBegun = false;
	/** The `{lane, priority}` that it was moved to; `undefined` if it was not. A limit behind this one asks for it. */
	raised = undefined;

	/** `id`: `undefined` if the caller gave none. */
	constructor(gate, request, options, fn, id) {
		super(gate, options, fn, none);
		this.#gate = gate;
		this.request = request;
		this.#options = options;
		this.#id = id;
	}

	/** A call without one gets a number when it is first asked for: nobody can look for it before. */
	get id() {
		if (this.#id === undefined) {
			const {handles} = this.#gate;
			this.#id = handles.newId();
			this.register();
		}

		return this.#id;
	}

	/** From now on the limit finds the call by its id, if it has one. */
	register() {
		if (this.#id !== undefined && !this.isOver) {
			this.#gate.handles.set(this.#id, this.handle);
		}
	}

	get place() {
		return this.raised ?? this.request;
	}

	get isHeld() {
		return true;
	}

	attempt() {
		this.hasBegun = true;
		return super.attempt();
	}

	ended() {
		super.ended();
		this.isOver = true;
		if (this.#id !== undefined && this.#gate.handles.get(this.#id) === this.handle) {
			this.#gate.handles.delete(this.#id);
		}
	}

	cancel(reason) {
		this.dequeue(reason);
		this.abort(reason);
	}

	/** Whether it waits, or may still have to wait for a limit behind this one. What has its slot has its place. */
	get waits() {
		return !(this.isOver || this.hasBegun) && (this.ticket >= 0 || this.request.next !== undefined);
	}

	/** Moves the call if it waits. Returns whether it waits. Throws if it could never run there. */
	move(change) {
		if (!this.waits) {
			return false;
		}

		const {lane, priority} = {...this.place, ...change};
		if (lane !== this.place.lane) {
			const {weight, next} = this.request;
			this.#gate.checkWeight(lane, weight);
			next?.checkWeight(lane, weight);
		}

		this.reprioritise({lane, priority});
		this.raised = {lane, priority};
		this.#options.lane = LANE_NAMES[lane]; // what the context says
		return true;
	}
}

/**
 * The promise that `run` returns. Its `constructor` is that of promises: what is derived from it is a plain promise, and
 * `await` takes it as it is.
 */
class CallHandle extends Promise {
	/** `undefined` if the call was refused. */
	#task;

	/** Moves the call of a handle, as `move` of its task does. */
	static move = (handle, change) => handle.#task?.move(change) ?? false;

	constructor(executor, task) {
		super(executor);
		this.#task = task;
	}

	get id() {
		return this.#task?.id;
	}

	get state() {
		const task = this.#task;
		if (task === undefined || task.isOver) {
			return 'settled';
		}

		return task.hasBegun ? 'running' : 'waiting';
	}

	cancel(reason = abortError()) {
		if (this.state === 'settled') {
			return false;
		}

		this.#task.cancel(reason);
		return true;
	}

	get priority() {
		return this.#task?.place.priority ?? 0;
	}

	set priority(priority) {
		checkWhole('priority', priority, -INT32_MAX, INT32_MAX);
		this.#task?.move({priority});
	}

	get lane() {
		return LANE_NAMES[this.#task?.place.lane ?? 0];
	}

	set lane(lane) {
		this.#task?.move({lane: readLane(lane)});
	}
}

Object.defineProperty(CallHandle.prototype, 'constructor', {value: Promise, writable: true, configurable: true});

/** Returns the id that was given for a new call; `undefined` if there is none. */
const idOf = (gate, given) => {
	if (given === undefined || given === null) {
		return undefined;
	}

	if (!(typeof given === 'string' || (typeof given === 'number' && !Number.isNaN(given)))) {
		throw invalid('id', 'a string or a number', given);
	}

	if (gate.handles.has(given)) {
		throw invalid('id', 'an id that no call has which waits or runs in the limit', given);
	}

	return given;
};

/** Returns the task of a call of a lane. `bindTo`: see `limit/lane.js`. Throws if it is refused. */
const createTask = (internals, gate, fn, given, bindTo) => {
	checkFunction('fn', fn);
	let bound = internals;
	let id;
	if (given !== undefined) {
		const {request, options} = internals;
		bound = bindTo(internals, readTaskOptions(given, {...options, ...request}, runNames));
		id = given.id;
	}

	const {request} = bound;
	const options = taskOptions({...bound.options, context: true}, request);
	const task = new HeldTask(gate, request, options, fn, idOf(gate, id));
	watchSignalOf(task, gate, request);
	return task;
};

/** Returns the function that starts tasks of a request. Calls without options of their own share one. */
const startOf = (internals, gate, request) => {
	if (request !== internals.request) {
		return createTaskStart(gate, request);
	}

	internals.startHeld ??= createTaskStart(gate, request);
	return internals.startHeld;
};

/** Queues a call of a function that gets a context. Returns its handle. */
const runHeld = (internals, gate, fn, given, bindTo) => {
	let task;
	try {
		task = createTask(internals, gate, fn, given, bindTo);
	} catch (error) {
		return new CallHandle((_, reject) => reject(error));
	}

	let settle;
	const handle = new CallHandle((resolve, reject) => {
		settle = {resolve, reject};
	}, task);
	task.handle = handle;
	task.register();
	const {request} = task;
	try {
		startOf(internals, gate, request)(task).then(settle.resolve, settle.reject);
	} catch (error) {
		settle.reject(refusal(gate, request, () => task.label, error));
	}

	return handle;
};

module.exports = {moveCall: CallHandle.move, runHeld, runNames};
