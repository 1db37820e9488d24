'use strict';

// `limit.drain`: takes no more calls and waits for those that it has, for as long as the caller wants to. Limits that are
// drained together (`keyed`) give up together: else calls of one would start where those of another have ended.

const {checkBoolean, checkMillis, checkObject} = require('../common/checks.js');
const {OptionNames} = require('../common/option-names.js');
const {checkSignal, watchSignal} = require('../common/signals.js');
const {Alarm} = require('../gate/deadlines.js');
const {BOTH} = require('../gate/gate.js');
const {countLabels} = require('../gate/labels.js');
const {asDropError} = require('../gate/shutdown.js');
const {dropBehind} = require('./chain.js');

const drainNames = new OptionNames(['queued', 'timeout', 'signal']);

const readDrainOptions = given => {
	checkObject('options', given);
	const {queued = true, timeout = Number.POSITIVE_INFINITY, signal} = drainNames.read(given);
	checkBoolean('queued', queued);
	if (timeout !== Number.POSITIVE_INFINITY) {
		checkMillis('timeout', timeout, 0);
	}

	if (signal !== undefined) {
		checkSignal(signal);
	}

	return {queued, timeout, signal};
};

/**
 * Rejects all calls that wait: for a slot, for one of a limit behind it in a chain, or for their next attempt. Returns how many
 * were dropped by lane, and which of them waited behind it in a chain: those still hold their slot for a moment.
 */
const dropWaiting = gate => {
	const before = BOTH.map(lane => gate.count(gate.native.pending, [lane]));
	const {shutdown} = gate;
	shutdown.dropReason ??= asDropError(gate.closed());
	const reason = shutdown.dropReason;
	gate.clear(BOTH, reason);
	const inNext = new Set(dropBehind(gate, reason));
	shutdown.endRetries();
	const numbers = BOTH.map(lane => {
		const waited = Math.max(0, before[lane] - gate.count(gate.native.pending, [lane]));
		return waited + gate.runningIn(lane).filter(work => inNext.has(work)).length;
	});
	return {numbers, inNext};
};

/** Resolves when nothing runs or waits in gates, with `undefined`; or when the caller gives up, with details of an error. */
const untilIdle = (gates, timeout, signal) => {
	const [{deadlines}] = gates;
	let giveUp;
	const gaveUp = new Promise(resolve => {
		giveUp = resolve;
	});
	const alarm = new Alarm(() => {
		giveUp({message: `the limit was drained, and waited no longer than ${timeout} ms`});
	});
	const abort = cause => {
		giveUp({message: 'the limit was drained, and the wait for its calls was aborted', cause});
	};
	let stopWatching;
	if (signal !== undefined) {
		try {
			stopWatching = watchSignal(signal, {dequeue() {}, abort});
		} catch (reason) {
			abort(reason);
		}
	}

	if (timeout !== Number.POSITIVE_INFINITY) {
		deadlines.add(alarm, timeout);
	}

	const areIdle = Promise.all(gates.map(({conditions}) => conditions.untilFewer(1, BOTH, true)));
	return Promise.race([areIdle.then(() => undefined), gaveUp]).finally(() => {
		deadlines.remove(alarm);
		stopWatching?.();
	});
};

/** Tells what has not ended. `dropped` are numbers of calls by lane; `left` are calls that have a slot and never begin. */
const reportOf = (gate, dropped, left = new Set()) => {
	const {abandoned, droppedLate} = gate.shutdown;
	const [online, offline] = BOTH.map(lane => {
		const works = gate.runningIn(lane);
		const running = works.filter(work => !left.has(work));
		return {
			active: gate.count(gate.native.active, [lane]) - (works.length - running.length),
			dropped: dropped[lane] + droppedLate[lane],
			labels: countLabels(running),
		};
	});
	droppedLate.fill(0); // told once
	return {
		isIdle: online.active + offline.active + abandoned.size === 0,
		online,
		offline,
		abandoned: countLabels(abandoned),
	};
};

/** Waits no longer: drops what waits, and aborts the signals of what runs. Returns what runs in each gate. */
const giveUp = (gates, before, details) => {
	const dropped = gates.map(dropWaiting);
	const reports = gates.map((gate, index) => {
		const {numbers, inNext} = dropped[index];
		const sums = BOTH.map(lane => before[index][lane] + numbers[lane]);
		return reportOf(gate, sums, inNext);
	});
	// Last: it runs code of the user.
	for (const gate of gates) {
		gate.shutdown.interrupt(gate.closed(details));
	}

	return reports;
};

/** Drains gates together. Returns a report of each. */
const drainAll = async (gates, {queued, timeout, signal}) => {
	for (const gate of gates) {
		gate.close();
	}

	const dropped = gates.map(gate => (queued ? [0, 0] : dropWaiting(gate).numbers));
	for (const gate of gates) {
		gate.resume();
	}

	const gaveUp = gates.length === 0 ? undefined : await untilIdle(gates, timeout, signal);
	return gaveUp === undefined
		? gates.map((gate, index) => reportOf(gate, dropped[index]))
		: giveUp(gates, dropped, gaveUp);
};

const drain = async (gate, options) => {
	const [report] = await drainAll([gate], options);
	return report;
};

module.exports = {drain, drainAll, drainNames, readDrainOptions};
