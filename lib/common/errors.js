'use strict';

// The package's own errors. Each has a stable `code`. `instanceof` also accepts errors of other copies of the package
// in the same process.

const {inspect, types} = require('node:util');

const brand = Symbol.for('p-lanes.error');
const MAX_SHOWN_LENGTH = 80;
const MAX_REASON_LENGTH = 300;

/** Whether a value is an error, of any realm. */
const isError = value => types.isNativeError(value) || value instanceof Error;

/** Creates an error class with a fixed `code`. */
const createErrorClass = (code, name, Base = Error) => {
	const CodedError = class extends Base {
		static [Symbol.hasInstance](value) {
			return value?.[brand] === code;
		}

		name = name;

		code = code;

		get [brand]() {
			return this.code;
		}
	};
	Object.defineProperty(CodedError, 'name', {value: name});
	return CodedError;
};

/** An option or an argument can't be used. The call that throws this has changed nothing. */
const InvalidArgError = createErrorClass('ERR_INVALID_ARG', 'InvalidArgError', TypeError);

/** The pool was closed before the job could run, or destroyed while it ran. */
const PoolClosedError = createErrorClass('ERR_POOL_CLOSED', 'PoolClosedError');

/** The limit was drained and takes no more calls. */
const LimitClosedError = createErrorClass('ERR_LIMIT_CLOSED', 'LimitClosedError');

/** The call waited for a slot longer than its `queueTimeout`. */
const QueueTimeoutError = createErrorClass('ERR_QUEUE_TIMEOUT', 'QueueTimeoutError');

/** Calls that wait for their inner calls hold all slots that the latest inner call could have. */
const DeadlockError = createErrorClass('ERR_DEADLOCK', 'DeadlockError');

/** As many calls or jobs wait as are allowed. */
const QueueFullError = createErrorClass('ERR_QUEUE_FULL', 'QueueFullError');

/** The call has left a full lane, or was not let in there, for other calls (`overflow`). */
const DroppedError = createErrorClass('ERR_DROPPED', 'DroppedError');

/** Items of a map or stream that runs all of them have failed. `failures` are `{item, index, reason}`. */
const ItemsFailedError = createErrorClass('ERR_ITEMS_FAILED', 'ItemsFailedError', AggregateError);

/** The task ran longer than its `timeout`. */
const TaskTimeoutError = createErrorClass('ERR_TASK_TIMEOUT', 'TaskTimeoutError');

/** A server asked to wait longer than `retry.maxRetryAfter`. `retryAfter` is what it asked for, in milliseconds. */
const RetryAfterError = createErrorClass('ERR_RETRY_AFTER', 'RetryAfterError');

/** The worker thread ended while it ran the job, or could not be started. `cause` is the reason, if known. */
const WorkerCrashedError = createErrorClass('ERR_WORKER_CRASHED', 'WorkerCrashedError');

/** A task or a result can't be sent to another thread. The message names the part that can't. */
const NotCloneableError = createErrorClass('ERR_NOT_CLONEABLE', 'NotCloneableError');

/** Formats a value for a message: one line, cut if it is long. */
const shown = value => {
	try {
		const [line] = inspect(value, {depth: 0, breakLength: Number.POSITIVE_INFINITY}).split('\n', 1);
		return line.length > MAX_SHOWN_LENGTH ? `${line.slice(0, MAX_SHOWN_LENGTH)}...` : line;
	} catch {
		return `a value of type ${typeof value}`; // a custom inspect function failed
	}
};

/** `options` may have a `cause`. */
const invalid = (name, allowed, given, options) =>
	new InvalidArgError(`\`${name}\` must be ${allowed}, got ${shown(given)}`, options);

const shorten = text => (text.length > MAX_REASON_LENGTH ? `${text.slice(0, MAX_REASON_LENGTH)}...` : text);

/** Returns the name of a user's function for a message; '' if it has none. */
const nameOf = fn => {
	try {
		const {name} = fn;
		return typeof name === 'string' ? name : '';
	} catch {
		return ''; // a getter of the user's
	}
};

/** Adds the name of a function to what an error is about. */
const labelled = (what, name) => (name === '' ? what : `${what} '${shorten(name)}'`);

/** The message of a `TaskTimeoutError`, of limits and of pools. `name` is that of the function. */
const timedOut = (milliseconds, name) => `${labelled('the task', name)} timed out after ${milliseconds} ms`;

/**
 * The error of a map or stream that runs all items although some fail. `failures` are in the order of the items. `others`
 * are errors that are of no item.
 */
const itemsFailed = (failures, items, others = []) => {
	const errors = [...failures.map(({reason}) => reason), ...others];
	const error = new ItemsFailedError(errors, `${errors.length} of ${items} items failed`);
	// Not enumerable, as `errors`: it would be shown a second time.
	return Object.defineProperty(error, 'failures', {value: failures, writable: true, configurable: true});
};

/** Formats an error as the reason in the message of another one: its name, and the first line of its message. */
const reasonOf = error => {
	try {
		const {name, message} = error;
		const [line] = String(message).split('\n', 1);
		if (error instanceof Error || (typeof message === 'string' && message !== '')) {
			const text = line === '' ? String(name) : `${name ?? 'Error'}: ${line}`;
			return shorten(text);
		}
	} catch {
		// not an error, or one whose properties throw
	}

	return shown(error);
};

const errorClasses = new Map([
	['ERR_INVALID_ARG', InvalidArgError],
	['ERR_LIMIT_CLOSED', LimitClosedError],
	['ERR_QUEUE_FULL', QueueFullError],
	['ERR_DROPPED', DroppedError],
	['ERR_DEADLOCK', DeadlockError],
	['ERR_QUEUE_TIMEOUT', QueueTimeoutError],
	['ERR_TASK_TIMEOUT', TaskTimeoutError],
	['ERR_RETRY_AFTER', RetryAfterError],
]);

/**
 * Converts an error of a native call, or any `{code, message}`, to the error class of its code. Keeps the message.
 * Returns errors with other codes unchanged.
 */
const refusalOf = (error, prefix = '') => {
	const ErrorClass = errorClasses.get(error.code);
	if (ErrorClass === undefined) {
		return error;
	}

	return new ErrorClass(prefix + error.message, Object.hasOwn(error, 'cause') ? {cause: error.cause} : undefined);
};

/** Runs a native call and converts its error. */
const callNative = (call, ...args) => {
	try {
		return call(...args);
	} catch (error) {
		throw refusalOf(error);
	}
};

/** Returns whether this is p-limit's own error about an option, word for word. */
const isPLimitError = error => error instanceof TypeError && error.message.startsWith('Expected `');

/**
 * Rewrites an error about the options of a limit that is itself given as an option. The message then names the whole
 * path: `concurrency` becomes `total.concurrency`, or `total` if a bare number was given. What follows stays: the value
 * that was given, or advice.
 */
const withOptionPath = (error, option, given) => {
	if (!(error instanceof InvalidArgError || isPLimitError(error))) {
		return error;
	}

	const [, wrong, rest] = /^(.*?)(, got .*|; .*)?$/s.exec(error.message);
	const isBare = typeof given !== 'object' || given === null;
	const placed = wrong.replaceAll(/`([^`]+)`/g, isBare ? `\`${option}\`` : `\`${option}.$1\``);
	return new error.constructor(placed + (rest ?? ''));
};

/** Words a list of names. */
const quoted = names => names.map(name => `'${name}'`).join(', ');

module.exports = {
	brand,
	DeadlockError,
	DroppedError,
	InvalidArgError,
	ItemsFailedError,
	LimitClosedError,
	NotCloneableError,
	PoolClosedError,
	QueueFullError,
	QueueTimeoutError,
	RetryAfterError,
	TaskTimeoutError,
	WorkerCrashedError,
	createErrorClass,
	isError,
	invalid,
	withOptionPath,
	refusalOf,
	shown,
	itemsFailed,
	labelled,
	nameOf,
	quoted,
	reasonOf,
	timedOut,
	callNative,
};
