'use strict';

// The options of calls: those of `with`, `map`, `settle` and `stream`.

const {
	INT32_MAX,
	checkBoolean,
	checkMillis,
	checkObject,
	checkString,
	checkWhole,
	readLane,
} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {checkSignal} = require('../common/signals.js');
const {progressNames, readProgress} = require('./progress-options.js');
const {readRetry} = require('./retry-options.js');

const taskNames = new OptionNames([
	'lane',
	'priority',
	'weight',
	'cost',
	'signal',
	'queueTimeout',
	'timeout',
	'attemptTimeout',
	'releaseSlot',
	'retry',
	'label',
	'context',
]);

const mapNames = new OptionNames(['signal', 'stopOnError', 'shuffle', ...progressNames]);

const settleNames = new OptionNames(['signal', 'shuffle', ...progressNames], {
	stopOnError: '`settle` runs all items, and no failure of an item rejects it',
});

const streamNames = new OptionNames(['ordered', 'stopOnError', 'settle', 'highWaterMark', 'signal', ...progressNames]);

/** Reads the options of `with`. Options that are left out keep their value from `bound`. */
const readTaskOptions = (given, bound) => {
	checkObject('options', given);
	const {lane, priority, weight, cost, signal, releaseSlot, retry, label, context, ...timeouts} = taskNames.read(given);
	const options = {...bound};
	if (lane !== undefined) {
		options.lane = readLane(lane);
	}

	if (priority !== undefined) {
		checkWhole('priority', priority, -INT32_MAX, INT32_MAX);
		options.priority = priority;
	}

	if (weight !== undefined) {
		checkWhole('weight', weight, 1, INT32_MAX);
		options.weight = weight;
	}

	if (cost !== undefined) {
		checkWhole('cost', cost, 0, INT32_MAX);
		options.cost = cost;
	}

	if (signal !== undefined) {
		checkSignal(signal);
		options.signal = signal;
	}

	for (const [name, value] of Object.entries(timeouts)) {
		if (value !== Number.POSITIVE_INFINITY) {
			checkMillis(name, value, 0);
		}

		options[name] = value === Number.POSITIVE_INFINITY ? undefined : value;
	}

	if (releaseSlot !== undefined) {
		checkBoolean('releaseSlot', releaseSlot);
		if (releaseSlot && options.timeout === undefined && options.attemptTimeout === undefined) {
			throw invalid(
				'releaseSlot',
				'false or left out without a `timeout` or an `attemptTimeout`, at which the slot is released',
				releaseSlot,
			);
		}

		options.releaseSlot = releaseSlot;
	}

	if (retry !== undefined) {
		options.retry = readRetry(retry);
	}

	if (label !== undefined) {
		checkString('label', label);
		options.label = label;
	}

	if (context !== undefined) {
		checkBoolean('context', context);
		options.context = context;
	}

	return options;
};

/** Reads the third argument of `map`, or with `settleNames` of `settle`. */
const readMapOptions = (given, names = mapNames) => {
	checkObject('options', given);
	const {signal, stopOnError, shuffle = false, ...rest} = names.read(given);
	if (signal !== undefined) {
		checkSignal(signal);
	}

	if (stopOnError !== undefined) {
		checkBoolean('stopOnError', stopOnError);
	}

	checkBoolean('shuffle', shuffle);
	return {signal, stopOnError, shuffle, ...readProgress(rest)};
};

/** Reads what becomes of failed items, in streams and in the batches of pools. */
const readSettle = ({settle, stopOnError}) => {
	const settles = settle ?? false;
	const stops = stopOnError ?? !settles;
	checkBoolean('settle', settles);
	checkBoolean('stopOnError', stops);
	if (settles && stops) {
		throw invalid('stopOnError', 'false or left out with `settle`, which runs all items', stops);
	}

	return {settle: settles, stopOnError: stops};
};

/** Reads the third argument of `stream`. */
const readStreamOptions = (given, bound) => {
	checkObject('options', given);
	const options = streamNames.read(given);
	const {ordered = true, settle, stopOnError, highWaterMark, signal = bound.signal} = options;
	checkBoolean('ordered', ordered);
	const failures = readSettle({settle, stopOnError});

	if (highWaterMark !== undefined) {
		checkWhole('highWaterMark', highWaterMark, 0);
	}

	if (signal !== undefined) {
		checkSignal(signal);
	}

	return {ordered, ...failures, highWaterMark, signal, ...readProgress(options)};
};

module.exports = {
	mapNames,
	readMapOptions,
	readSettle,
	readStreamOptions,
	readTaskOptions,
	settleNames,
	streamNames,
	taskNames,
};
