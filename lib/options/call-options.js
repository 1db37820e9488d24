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
const {readCost} = require('./rate-options.js');
const {progressNames, readProgress} = require('./progress-options.js');
const {readRetry} = require('./retry-options.js');

const timeoutNames = ['queueTimeout', 'timeout', 'attemptTimeout'];

const taskNames = new OptionNames([
	'lane',
	'priority',
	'weight',
	'cost',
	'signal',
	...timeoutNames,
	'releaseSlot',
	'retry',
	'label',
	'context',
]);

/** Those of `acquire`: there is no function that could be called again. */
const holdNames = new OptionNames(
	[...taskNames].filter(name => !['retry', 'attemptTimeout', 'context'].includes(name)),
	{
		retry: 'an acquired slot has no attempts; do the work again while you hold it',
		attemptTimeout: 'an acquired slot has no attempts; use `timeout`, at which `slot.signal` is aborted',
		context: 'an acquired slot has the `signal` and the `lane`',
	},
);

const mapNames = new OptionNames(['signal', 'stopOnError', 'settle', 'shuffle', 'cost', ...progressNames]);

const settleNames = new OptionNames(['signal', 'shuffle', 'cost', ...progressNames], {
	stopOnError: '`settle` runs all items, and no failure of an item rejects it',
});

const streamNames = new OptionNames([
	'ordered',
	'stopOnError',
	'settle',
	'highWaterMark',
	'signal',
	'cost',
	...progressNames,
]);

/** Reads the options of `with`, or of other `names`. Options that are left out keep their value from `bound`. */
const readTaskOptions = (given, bound, names = taskNames) => {
	checkObject('options', given);
	const {lane, priority, weight, cost, signal, releaseSlot, retry, label, context, ...others} = names.read(given);
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
		options.cost = readCost(cost);
	}

	if (signal !== undefined) {
		checkSignal(signal);
		options.signal = signal;
	}

	for (const name of timeoutNames) {
		const value = others[name];
		if (value !== undefined && value !== Number.POSITIVE_INFINITY) {
			checkMillis(name, value, 0);
		}

		if (value !== undefined) {
			options[name] = value === Number.POSITIVE_INFINITY ? undefined : value;
		}
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

/**
 * Reads what becomes of failed items: in maps, streams and the batches of pools. `settle` runs all items. Without it,
 * `byDefault` is the `stopOnError` that is left out.
 */
const readSettle = ({settle, stopOnError}, byDefault) => {
	const settles = settle ?? false;
	const stops = stopOnError ?? (settles ? false : byDefault);
	checkBoolean('settle', settles);
	if (stops !== undefined) {
		checkBoolean('stopOnError', stops);
	}

	if (settles && stops) {
		throw invalid('stopOnError', 'false or left out with `settle`, which runs all items', stops);
	}

	return {settle: settles, stopOnError: stops};
};

const checkItemCost = cost => {
	if (cost !== undefined && typeof cost !== 'function') {
		throw invalid('cost', 'a function of an item and its index; `with({cost})` gives all items the same', cost);
	}
};

/** Reads the third argument of `map`, or with `settleNames` of `settle`. */
const readMapOptions = (given, names = mapNames) => {
	checkObject('options', given);
	const {signal, stopOnError, settle = names === settleNames, shuffle = false, cost, ...rest} = names.read(given);
	if (signal !== undefined) {
		checkSignal(signal);
	}

	const failures = readSettle({settle, stopOnError}, undefined);
	checkBoolean('shuffle', shuffle);
	checkItemCost(cost);
	return {signal, ...failures, shuffle, cost, ...readProgress(rest)};
};

/** Reads the third argument of `stream`. */
const readStreamOptions = (given, bound) => {
	checkObject('options', given);
	const options = streamNames.read(given);
	const {ordered = true, settle, stopOnError, highWaterMark, signal = bound.signal, cost} = options;
	checkBoolean('ordered', ordered);
	const failures = readSettle({settle, stopOnError}, true);

	if (highWaterMark !== undefined) {
		checkWhole('highWaterMark', highWaterMark, 0);
	}

	if (signal !== undefined) {
		checkSignal(signal);
	}

	checkItemCost(cost);
	return {ordered, ...failures, highWaterMark, signal, cost, ...readProgress(options)};
};

module.exports = {
	holdNames,
	mapNames,
	readMapOptions,
	readSettle,
	readStreamOptions,
	readTaskOptions,
	settleNames,
	streamNames,
	taskNames,
};
