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

/** The limit takes no more calls: it was drained. */
const LimitClosedError = coded('ERR_LIMIT_CLOSED', 'LimitClosedError');

/** The call waited for a slot longer than its `queueTimeout`. */
const QueueTimeoutError = coded('ERR_QUEUE_TIMEOUT', 'QueueTimeoutError');

/** Calls that wait for calls inside them hold all slots that the latest of those could have. */
const DeadlockError = coded('ERR_DEADLOCK', 'DeadlockError');

/** As many calls or jobs wait as may. */
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

const refusals = new Map([
	['ERR_INVALID_ARG', InvalidArgError],
	['ERR_LIMIT_CLOSED', LimitClosedError],
	['ERR_QUEUE_FULL', QueueFullError],
	['ERR_DEADLOCK', DeadlockError],
	['ERR_QUEUE_TIMEOUT', QueueTimeoutError],
	['ERR_TASK_TIMEOUT', TaskTimeoutError],
]);

/** An error of that code and message, as native calls throw them: the message already says what was wrong. */
const refusalOf = (error, prefix = '') => {
	const Refusal = refusals.get(error.code);
	return Refusal === undefined ? error : new Refusal(prefix + error.message);
};

/** Runs a native call. */
const refusing = (call, ...args) => {
	try {
		return call(...args);
	} catch (error) {
		throw refusalOf(error);
	}
};

/** p-limit's own errors about options, word for word. */
const isOfPLimit = error => error instanceof TypeError && error.message.startsWith('Expected `');

/**
 * An error about what makes a limit, where that is given as an option of something else: it names the place there, so
 * `concurrency` becomes `total.concurrency`, or `total` where a bare number is given. What was given is left as it is.
 */
const named = (error, option, given) => {
	if (!(error instanceof InvalidArgError || isOfPLimit(error))) {
		return error;
	}

	const [wrong, ...rest] = error.message.split(', got ');
	const isBare = typeof given !== 'object' || given === null;
	const placed = wrong.replaceAll(/`([\w.]+)`/g, isBare ? `\`${option}\`` : `\`${option}.$1\``);
	return new error.constructor([placed, ...rest].join(', got '));
};

module.exports = {
	brand,
	DeadlockError,
	InvalidArgError,
	LimitClosedError,
	NotCloneableError,
	PoolClosedError,
	QueueFullError,
	QueueTimeoutError,
	TaskTimeoutError,
	WorkerCrashedError,
	invalid,
	named,
	refusalOf,
	refusing,
};
