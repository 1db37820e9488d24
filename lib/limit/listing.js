'use strict';

// `limit.calls`: what runs and waits in a limit. Rust has the places, the order and the ages; this side knows the calls.

const {LANE_NAMES, checkObject, checkString, readLane} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {labelOf} = require('../gate/labels.js');
const {Line} = require('../gate/line.js');

const listNames = new OptionNames(['lane', 'state', 'label']);

const STATES = ['waiting', 'running'];

/** So many numbers are told of each call; see `calls` in `src/port/calls.rs`. */
const COLUMNS = 7;

const readFilter = given => {
	checkObject('filter', given);
	const {lane, state, label} = listNames.read(given);
	if (lane !== undefined) {
		readLane(lane);
	}

	if (state !== undefined && !STATES.includes(state)) {
		throw invalid('state', "'waiting' or 'running'", state);
	}

	if (label !== undefined) {
		checkString('label', label);
	}

	return {lane, state, label};
};

/** Returns the calls of lines, one after the other: each of them is told of, under the ticket of its line. */
const createReader = gate => {
	const lines = new Map();
	return ticket => {
		const work = gate.waiting[ticket];
		if (!(work instanceof Line)) {
			return work;
		}

		if (!lines.has(ticket)) {
			lines.set(ticket, work.calls.values());
		}

		return lines.get(ticket).next().value;
	};
};

const entryOf = (work, isOwn, state, numbers) => {
	const [lane, priority, weight, units, age] = numbers;
	const known = Number.isNaN(priority) ? work?.place?.priority : priority;
	return {
		...(work?.id === undefined ? undefined : {id: work.id}),
		...(isOwn ? {label: labelOf(work)} : undefined),
		lane: LANE_NAMES[lane],
		...(known === undefined ? undefined : {priority: known}),
		weight,
		units,
		state,
		...(Number.isNaN(age) ? undefined : {age}),
	};
};

/** Returns the calls of a gate, of all threads. */
const listCalls = (gate, given) => {
	const filter = Object.entries(given === undefined ? {} : readFilter(given)).filter(
		([, value]) => value !== undefined,
	);
	const rows = gate.rows();
	const waitingUnder = createReader(gate);
	const found = [];
	for (let at = 0; at < rows.length; at += COLUMNS) {
		const [runs, number, ...numbers] = rows.subarray(at, at + COLUMNS);
		const isOwn = number >= 0;
		const work = isOwn ? (runs ? gate.running[number] : waitingUnder(number)) : undefined;
		found.push([work, isOwn, runs ? 'running' : 'waiting', numbers]);
	}

	// Last: labels may run code of the user, and then other calls run and wait.
	const calls = found.map(of => entryOf(...of));
	return calls.filter(call => filter.every(([name, value]) => call[name] === value));
};

module.exports = {listCalls, listNames};
