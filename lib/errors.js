'use strict';

// The package's own errors. Each has a stable `code`, and `instanceof` knows it across several copies
// of the package in one process.

const {inspect} = require('node:util');

const brand = Symbol.for('p-lanes.error');
const SHOWN = 80;

/** A class of errors, all with that code. */
const coded = (code, name, Base = Error) => {
	const Coded = class extends Base {
		static [Symbol.hasInstance](value) {
			return value?.[brand] === code;
		}

		name = name;

		code = code;

		get [brand]() {
			return this.code;
		}
	};
	Object.defineProperty(Coded, 'name', {value: name});
	return Coded;
};

/** An option or an argument that can't be used. Nothing has changed when this is thrown. */
const InvalidArgError = coded('ERR_INVALID_ARG', 'InvalidArgError', TypeError);

/** The pool was closed before the job could run, or destroyed while it ran. */
const PoolClosedError = coded('ERR_POOL_CLOSED', 'PoolClosedError');

/** As many jobs wait as may. */
const QueueFullError = coded('ERR_QUEUE_FULL', 'QueueFullError');

/** The task ran longer than its `timeout`. */
const TaskTimeoutError = coded('ERR_TASK_TIMEOUT', 'TaskTimeoutError');

/** The worker thread ended while it ran the job, or could not be started; `cause` tells why, if known. */
const WorkerCrashedError = coded('ERR_WORKER_CRASHED', 'WorkerCrashedError');

/** A task or a result can't be sent to another thread; the message names the place in it. */
const NotCloneableError = coded('ERR_NOT_CLONEABLE', 'NotCloneableError');

/** A value as a message shows it: one line, cut where it is long. */
const shown = value => {
	try {
		const [line] = inspect(value, {depth: 0, breakLength: Number.POSITIVE_INFINITY}).split('\n', 1);
		return line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line;
	} catch {
		return `a value of type ${typeof value}`; // its own way to be shown has failed
	}
};

/** An error that names what was wrong, what is allowed and what was given. */
const invalid = (name, allowed, given) => new InvalidArgError(`\`${name}\` must be ${allowed}, got ${shown(given)}`);

/** Runs a native call, whose refusals already say what was wrong. */
const refusing = (call, ...args) => {
	try {
		return call(...args);
	} catch (error) {
		throw error.code === 'ERR_INVALID_ARG' ? new InvalidArgError(error.message) : error;
	}
};

module.exports = {
	brand,
	InvalidArgError,
	NotCloneableError,
	PoolClosedError,
	QueueFullError,
	TaskTimeoutError,
	WorkerCrashedError,
	invalid,
	refusing,
};
